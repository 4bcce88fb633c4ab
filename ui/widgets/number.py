"""Numbers that are counted with: whole, decimal, money, and lengths of time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from metamodel.model import Field
from ui.formats import Formats
from ui.widgets.widget import Widget

MONEY_SCALE = 2


def _show(value: Any, field: Field, formats: Formats) -> str:
    if _is_year(field):
        return str(value)
    return formats.number(value, field.scale)


def _is_year(field: Field) -> bool:
    """Return whether a field takes whole numbers of four digits only: nobody writes 1,996."""
    bounds = (field.min, field.max)
    return field.type == "integer" and all(
        isinstance(bound, int | Decimal) and 1000 <= bound <= 9999 for bound in bounds
    )


def _show_money(value: Any, field: Field, formats: Formats) -> str:
    return formats.number(value, MONEY_SCALE if field.scale is None else field.scale)


def _enter(value: Any, field: Field) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _show_duration(value: timedelta, field: Field, formats: Formats) -> str:
    return formats.duration(value)


def _enter_duration(value: timedelta, field: Field) -> str:
    seconds = int(value.total_seconds())
    clock = f"{seconds // 3600}:{seconds // 60 % 60:02d}"
    return f"{clock}:{seconds % 60:02d}" if seconds % 60 else clock


NUMBER = Widget("number", "number", _show, _enter, filter="number", align="end")
MONEY = Widget("number", "number", _show_money, _enter, filter="number", align="end")
DURATION = Widget(
    "duration", "number", _show_duration, _enter_duration, filter="duration", align="end"
)
