"""Fractions that people read and type as percentages."""

from __future__ import annotations

from decimal import Decimal

from metamodel.model import Field
from ui.formats import Formats
from ui.widgets.widget import Widget


def _show(value: Decimal, field: Field, formats: Formats) -> str:
    return formats.percent(value)


def _enter(value: Decimal, field: Field) -> str:
    return format((value * 100).normalize(), "f")


PERCENT = Widget("percent", "number", _show, _enter, filter="percent", align="end")
PROGRESS = Widget("percent", "progress", _show, _enter, filter="percent")
