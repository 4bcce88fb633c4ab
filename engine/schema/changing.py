"""Questions that a change of a field's type raises: what does not convert, and what never can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.schema.convert import conversion
from engine.schema.ground import Ground
from engine.schema.live import LiveTable
from engine.schema.names import quoted
from engine.schema.pairing import HOLDS, ground_pairs, is_many, pairable, unpaired
from engine.schema.steps import Question
from engine.schema.telling import told
from formula.types import BooleanType
from metamodel.model import Field

SAMPLES = 5
"""How many values are shown of those that do not convert or do not fit."""

LOOKED_AT = 1_000
"""How many of them the values that are shown are chosen from."""


def is_changed(old: Field, new: Field) -> bool:
    """Return whether a field keeps its values elsewhere than before, or computes them now."""
    if new.retired or old.encrypted != new.encrypted:
        return False
    if is_many(old) or is_many(new):
        same = old.link is not None and new.link is not None and old.link.to == new.link.to
        return not (is_many(old) and is_many(new) and same)
    if new.computed and not old.computed:
        return True
    return bool(old.column and new.column and old.column != new.column)


def changing_questions(
    table: str, old: Field, new: Field, there: LiveTable, ground: Ground
) -> Iterator[Question]:
    """Yield how many values do not convert; where none can, that stands against the change.

    It does not where the values come back to what they were before another change of type.
    """
    if old.computed:
        # Nobody entered it.
        return
    asked = Question(
        "not_converted",
        old.entity,
        "loses",
        table=table,
        condition=held(table, old),
        params={"field": old.key, "from": old.type, "to": new.type},
    )
    shown = "" if old.encrypted else told(old, ground, table) or ""
    if new.formula is not None:
        yield replace(asked, code="now_computed", shown=shown)
        return
    fits = _fits(table, old, new, ground)
    if fits is not None:
        lost = f"{asked.condition} AND {_lost(table, new, fits, ground)}"
        counted = replace(asked, condition=lost)
        yield sampled(counted, shown) if shown else counted
    elif not is_many(new) and new.column in there.columns:
        lost = f"{asked.condition} AND {_lost(table, new, 'false', ground)}"
        yield replace(asked, condition=lost, shown=shown)
    else:
        yield replace(asked, code="no_conversion", verdict="blocks", shown=shown)


def held(table: str, field: Field) -> str:
    """Return the condition that a record has a value in a field."""
    if is_many(field):
        return HOLDS.format(pairs=ground_pairs(table, field), table=table)
    column = quoted(field.column)
    return column if isinstance(field.value_type, BooleanType) else f"{column} IS NOT NULL"


def _lost(table: str, new: Field, fits: str, ground: Ground) -> str:
    """Return the condition that a field will be blank because its value does not convert.

    Where the new place held values before, they come back if nobody changed the field since.
    """
    unfit = f"NOT coalesce({fits}, false)"
    changed = ground.changed_since(table, new)
    if changed is None:
        return unfit
    kept = blank(table, new)
    truth = isinstance(new.value_type, BooleanType)
    return f"CASE WHEN {changed} THEN {unfit} ELSE {f'{kept} AND {unfit}' if truth else kept} END"


def _fits(table: str, old: Field, new: Field, ground: Ground) -> str | None:
    if is_many(old) and is_many(new):
        return None
    if is_many(new):
        return pairable(table, old, new, ground)
    if is_many(old):
        value = unpaired(table, old, new, ground)
        return f"({value}) IS NOT NULL" if value else None
    converted = conversion(old, new, ground, table)
    return converted.fits if converted else None


def sampled(question: Question, shown: str) -> Question:
    """Return a question that also asks for some values, and for each record's own."""
    some = (
        f"SELECT ({shown})::text AS v FROM {question.table} "  # noqa: S608
        f"WHERE sys_trashed_at IS NULL AND ({question.condition}) LIMIT {LOOKED_AT}"
    )
    samples = f"SELECT DISTINCT v FROM ({some}) s ORDER BY 1 LIMIT {SAMPLES}"  # noqa: S608
    return replace(question, samples=samples, shown=shown)


def blank(table: str, field: Field) -> str:
    """Return the condition that a record has no value in a field; yes and no are told as one."""
    if isinstance(field.value_type, BooleanType):
        return f"NOT {quoted(field.column)}"
    return f"NOT ({held(table, field)})"
