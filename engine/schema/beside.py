"""Steps that open a conversion when a field changes its type, and keep what did not convert.

What is kept is said in words beside the record, so that a person can read and mend it; the old
column itself stays until an administrator closes the conversion.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid5

from engine.context import Context
from engine.query.kept import CONVERSION, KEPT
from engine.schema.changing import blank, held, is_changed
from engine.schema.convert import conversion
from engine.schema.ddl import qualified
from engine.schema.ground import Ground, place_of
from engine.schema.live import Live
from engine.schema.names import literal, quoted
from engine.schema.retelling import NEW_ID
from engine.schema.steps import Step
from engine.schema.telling import told
from formula.types import BooleanType
from metamodel.model import Field, Model

_CONVERSIONS = UUID("5b0d7a53-0f4c-5f43-9d0a-2d8c9a5e7c11")


def beside_steps(ctx: Context, old: Model, live: Live, ground: Ground) -> Iterator[Step]:
    """Yield for each field that changes its type what notes that, and keeps what does not fit."""
    for key, entity in ctx.model.entities.items():
        before = old.entities.get(key)
        if entity.table not in live or before is None or entity.retired or entity.system:
            continue
        for field in entity.fields.values():
            former = before.fields.get(field.key)
            if former is None or former.retired or not _is_converted(former, field):
                continue
            table = qualified(ctx.tenant.schema, entity.table)
            yield Step(
                "open_conversion",
                key,
                sql=tuple(_statements(ctx, table, former, field, ground)),
                phase="switch",
                params={"field": field.key, "from": former.type, "to": field.type},
            )


def _is_converted(old: Field, new: Field) -> bool:
    entered = old.formula is None and new.formula is None and not old.encrypted
    return entered and is_changed(old, new) and bool(place_of(old) and place_of(new))


def _statements(ctx: Context, table: str, old: Field, new: Field, ground: Ground) -> Iterator[str]:
    schema, now = ctx.tenant.schema, "clock_timestamp()"
    opened, kept = qualified(schema, CONVERSION), qualified(schema, KEPT)
    id_ = uuid5(_CONVERSIONS, f"{ctx.revision}:{new.entity}:{new.key}")
    entity, key = literal(new.entity), literal(new.key)
    # Going back ends what going forth began: the values are where they were.
    undone = (
        f"entity = {entity} AND field = {key} AND closed_at IS NULL "
        f"AND from_place = {literal(place_of(new))}"
    )
    yield f"DELETE FROM {kept} WHERE conversion IN (SELECT id FROM {opened} WHERE {undone})"  # noqa: S608
    yield f"UPDATE {opened} SET closed_at = {now} WHERE {undone}"  # noqa: S608
    said = ", ".join(map(literal, (old.type, place_of(old), new.type, place_of(new))))
    yield (
        f"INSERT INTO {opened} (id, entity, field, from_type, from_place, to_type, to_place, "  # noqa: S608
        f"revision, at) VALUES ('{id_}', {entity}, {key}, {said}, {ctx.revision}, {now}) "
        "ON CONFLICT (id) DO NOTHING"
    )
    text = told(old, ground, table) or f"{quoted(old.column)}::text"
    lost = f"{held(table, old)} AND {blank(table, new)}"
    converted = conversion(old, new, ground, table)
    if isinstance(new.value_type, BooleanType) and converted is not None:
        lost += f" AND NOT coalesce({converted.fits}, false)"
    yield (
        f"INSERT INTO {kept} (id, conversion, entity, field, record, text) "  # noqa: S608
        f"SELECT {NEW_ID}, '{id_}'::uuid, {entity}, {key}, id, {text} FROM {table} WHERE {lost}"
    )
