"""Steps that open a conversion when a field changes its type, and keep what did not convert.

What is kept is said in words beside the record, so that a person can read and mend it; the old
column itself stays until an administrator closes the conversion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from engine.context import Context
from engine.query.kept import CONVERSION, KEPT
from engine.schema.changing import blank, held, is_changed
from engine.schema.convert import conversion
from engine.schema.ddl import qualified
from engine.schema.fills import waits_in_place
from engine.schema.ground import Ground, entered_place, place_of
from engine.schema.live import Live
from engine.schema.names import literal, quoted
from engine.schema.ranges import among
from engine.schema.steps import Step
from engine.schema.structure import is_small
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
            if former is None or not _is_converted(former, field):
                continue
            change = _Change(ctx, former, field, ground)
            step = Step(
                "open_conversion",
                key,
                phase="switch",
                params={"field": field.key, "from": former.type, "to": field.type},
            )
            opening, listing = tuple(change.opening()), tuple(change.listing())
            rows = live[entity.table].rows
            if is_small(rows):
                yield replace(step, sql=(*opening, *listing))
                continue
            yield replace(step, sql=opening)
            if listing:
                # What was held stays in the old column: so it can be listed after the switch.
                yield replace(
                    step, code="list_kept", sql=listing, phase="settle", rows=rows,
                    table=change.table,
                )  # fmt: skip


def _is_converted(old: Field, new: Field) -> bool:
    """Return whether a field leaves a place with values, or comes back to one."""
    if new.retired or old.encrypted or new.encrypted or not (place_of(old) and place_of(new)):
        return False
    if old.computed != new.computed:
        return True
    return not old.computed and is_changed(old, new)


@dataclass(frozen=True, slots=True)
class _Change:
    """A field that changes its type, and what becomes of what is known of such changes."""

    ctx: Context
    old: Field
    new: Field
    ground: Ground

    @property
    def table(self) -> str:
        """The table of its records, qualified."""
        schema = self.ctx.tenant.schema
        return qualified(schema, self.ctx.model.entities[self.new.entity].table)

    @property
    def id(self) -> UUID:
        """The id of the conversion, which follows from what is published."""
        return uuid5(_CONVERSIONS, f"{self.ctx.revision}:{self.new.entity}:{self.new.key}")

    def opening(self) -> Iterator[str]:
        """Yield what ends former conversions of the field, and opens one of what was entered."""
        ctx, old, new = self.ctx, self.old, self.new
        yield from _ended(ctx, self.table, new)
        if waits_in_place(new, self.ground):
            # They give way to what is computed there, and are looked for where they are kept now.
            kept = entered_place(ctx.model.entities[new.entity].table, new)
            yield (
                f"UPDATE {qualified(ctx.tenant.schema, CONVERSION)} "  # noqa: S608
                f"SET from_place = {literal(kept)} WHERE entity = {literal(new.entity)} "
                f"AND field = {literal(new.key)} AND from_place = {literal(place_of(new))}"
            )
        if old.computed:
            return
        left = place_of(old)
        if new.formula is not None and left == place_of(new):
            left = entered_place(ctx.model.entities[new.entity].table, new)
        said = ", ".join(map(literal, (old.type, left, new.type, place_of(new))))
        yield (
            f"INSERT INTO {qualified(ctx.tenant.schema, CONVERSION)} "  # noqa: S608
            "(id, entity, field, from_type, from_place, to_type, to_place, revision, at) "
            f"VALUES ('{self.id}', {literal(new.entity)}, {literal(new.key)}, {said}, "
            f"{ctx.revision}, clock_timestamp()) ON CONFLICT (id) DO NOTHING"
        )

    def listing(self) -> Iterator[str]:
        """Yield what lists the values that did not convert, each once however often it runs."""
        old, new, table = self.old, self.new, self.table
        if old.computed or new.formula is not None:
            # Nothing converts, and nobody can mend it: all of it waits where it was entered.
            return
        text = told(old, self.ground, table) or f"{quoted(old.column)}::text"
        lost = f"{held(table, old)} AND {blank(table, new)}"
        converted = conversion(old, new, self.ground, table)
        if isinstance(new.value_type, BooleanType) and converted is not None:
            lost += f" AND NOT coalesce({converted.fits}, false)"
        yield (
            f"INSERT INTO {qualified(self.ctx.tenant.schema, KEPT)} "  # noqa: S608
            "(id, conversion, entity, field, record, text) "
            f"SELECT md5('{self.id}' || {table}.id::text)::uuid, '{self.id}'::uuid, "
            f"{literal(new.entity)}, {literal(new.key)}, id, {text} FROM {table} "
            f"WHERE {lost} AND {among('id')} ON CONFLICT (id) DO NOTHING"
        )


def _ended(ctx: Context, table: str, new: Field) -> Iterator[str]:
    """Yield what ends the conversions that going back undoes: the values are where they were.

    Of those in between stays what was entered meanwhile and is nowhere else.
    """
    opened, kept = (qualified(ctx.tenant.schema, name) for name in (CONVERSION, KEPT))
    mine = f"entity = {literal(new.entity)} AND field = {literal(new.key)}"
    places = [place_of(new)]
    if new.formula is None:
        places.append(entered_place(ctx.model.entities[new.entity].table, new))
    undone = f"{mine} AND closed_at IS NULL AND from_place IN ({', '.join(map(literal, places))})"
    later = (
        f"{mine} AND closed_at IS NULL AND revision > "  # noqa: S608
        f"(SELECT min(revision) FROM {opened} WHERE {undone})"
    )
    yield (
        f"DELETE FROM {kept} WHERE conversion IN (SELECT id FROM {opened} WHERE {later}) "  # noqa: S608
        f"AND EXISTS (SELECT 1 FROM {table} WHERE {table}.id = record "
        f"AND NOT ({blank(table, new)}))"
    )
    yield f"DELETE FROM {kept} WHERE conversion IN (SELECT id FROM {opened} WHERE {undone})"  # noqa: S608
    waits = f"EXISTS (SELECT 1 FROM {kept} k WHERE k.conversion = {opened}.id)"  # noqa: S608
    yield (
        f"UPDATE {opened} SET closed_at = clock_timestamp() "  # noqa: S608
        f"WHERE ({later} AND NOT {waits}) OR ({undone})"
    )
