"""What a column of the new model will hold, as SQL over the table as it is before the publish."""

from __future__ import annotations

from engine.schema.convert import conversion
from engine.schema.ground import Ground
from engine.schema.live import LiveTable
from engine.schema.names import literal, quoted
from engine.schema.pairing import is_many, stale_where
from formula.types import NumberType, PercentType
from metamodel.model import Field


def becoming(
    table: str, change: tuple[Field | None, Field], column: str, there: LiveTable, ground: Ground
) -> str:
    """Return the value of a field's `column` after a `change`; "" where there will be none.

    Values that are converted, rounded or moved with their option count as what they become; what
    a formula will give is not told.
    """
    old, new = change
    if old is None or new.encrypted or old.encrypted or is_many(old) or is_many(new):
        return quoted(column) if column in there.columns else ""
    entered = not old.computed and not new.computed
    if entered and column == new.column != old.column and old.column:
        return _converted(table, old, new, there, ground)
    if column not in there.columns:
        return ""
    shown = quoted(column)
    scale = _scale(new)
    if entered and scale is not None and scale < (_scale(old) or 0):
        return f"round({shown}, {scale})"
    merged = {key: option.into for key, option in new.options.items() if option.into}
    if merged and new.type == "choice":
        whens = " ".join(f"WHEN {literal(a)} THEN {literal(b)}" for a, b in merged.items())
        return f"CASE {shown} {whens} ELSE {shown} END"
    return shown


def _converted(table: str, old: Field, new: Field, there: LiveTable, ground: Ground) -> str:
    """Return the converted value; where the column held values that hold still, these."""
    converted = conversion(old, new, ground, table)
    if converted is None or old.column not in there.columns:
        return ""
    value = f"CASE WHEN {quoted(old.column)} IS NULL THEN NULL ELSE {converted.value} END"
    stale = stale_where(table, old, new, ground).removeprefix(" AND ")
    if new.column not in there.columns or not stale:
        return value
    return f"CASE WHEN {stale} THEN {value} ELSE {quoted(new.column)} END"


def _scale(field: Field) -> int | None:
    kind = field.value_type
    return kind.scale if isinstance(kind, NumberType | PercentType) else None
