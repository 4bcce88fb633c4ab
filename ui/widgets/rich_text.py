"""Formatted text: read as it was written, listed as plain words."""

from __future__ import annotations

from markupsafe import Markup

from metamodel.model import Field
from ui.formats import Formats
from ui.widgets.widget import Widget, plain


def _show(value: str, field: Field, formats: Formats) -> str:
    return Markup(value.replace("<", " <")).striptags()  # noqa: S704 - what is left is text


RICH_TEXT = Widget("rich_text", "rich", _show, plain, filter="text", wide=True)
