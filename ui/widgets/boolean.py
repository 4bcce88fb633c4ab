"""Yes or no."""

from __future__ import annotations

from metamodel.model import Field
from ui.formats import Formats
from ui.widgets.widget import Widget
from ui.words import words_of


def _show(value: bool, field: Field, formats: Formats) -> str:
    return words_of(formats.language).say("Yes" if value else "No")


def _enter(value: bool, field: Field) -> str:
    return "true" if value else ""


BOOLEAN = Widget("boolean", "boolean", _show, _enter, filter="boolean")
