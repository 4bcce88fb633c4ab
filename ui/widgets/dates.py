"""Days, instants and times of day."""

from __future__ import annotations

from datetime import date, datetime, time

from metamodel.model import Field
from ui.formats import Formats
from ui.widgets.widget import Widget


def _show_date(value: date, field: Field, formats: Formats) -> str:
    return formats.date(value)


def _show_instant(value: datetime, field: Field, formats: Formats) -> str:
    return formats.instant(value)


def _show_time(value: time, field: Field, formats: Formats) -> str:
    return formats.time(value)


def _enter_date(value: date, field: Field) -> str:
    return value.isoformat()


def _enter_time(value: time, field: Field) -> str:
    return value.isoformat("minutes")


DATE = Widget("date", "text", _show_date, _enter_date, filter="date")
DATETIME = Widget("datetime", "text", _show_instant, _enter_date, filter="instant")
TIME = Widget("time", "text", _show_time, _enter_time, filter="time")
