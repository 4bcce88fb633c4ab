"""Values as history keeps them, in JSON, back as what they were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.values.parts import Period
from formula.types import (
    DateTimeType,
    DateType,
    DurationType,
    NumberType,
    PercentType,
    TimeType,
)
from metamodel.model import Field


def recalled(field: Field, kept: Any) -> object:
    """Return the value that history keeps as `kept` (JSON); as it is kept where it does not fit.

    A field may have had another type when the value was kept.
    """
    if kept is None:
        return None
    try:
        return _recalled(field, kept)
    except (ValueError, TypeError, InvalidOperation, AttributeError):
        return kept


def _recalled(field: Field, kept: Any) -> object:
    if field.type == "period" and isinstance(kept, Mapping):
        start, end = kept.get("from"), kept.get("to")
        return Period(start and date.fromisoformat(start), end and date.fromisoformat(end))
    match field.value_type:
        case NumberType() | PercentType():
            return Decimal(kept)
        case DateType():
            return date.fromisoformat(kept)
        case DateTimeType():
            return datetime.fromisoformat(kept)
        case TimeType():
            return time.fromisoformat(kept)
        case DurationType():
            return timedelta(seconds=kept)
        case _:
            return tuple(kept) if isinstance(kept, list) and field.value_type else kept
