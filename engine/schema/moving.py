"""Steps that move the records of a large table without anybody waiting for it.

Few are moved in the switch, which finds them by an index of their own. Of many the column that is
to serve is filled beside, as computed ones are; what moves is listed on the way, once more for
what people save meanwhile. The switch begins the change set and puts the column in place; history
and the memory of stages are told from the list afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from engine.context import Context
from engine.schema.ddl import drop_index, qualified
from engine.schema.earlier import at_first, publish_set
from engine.schema.live import Live, LiveTable
from engine.schema.names import object_name, quoted
from engine.schema.ranges import among
from engine.schema.retelling import MOVING, begun_set, place_of_moves, telling
from engine.schema.shifts import Shift, held
from engine.schema.splits import reads_any, reads_itself
from engine.schema.steps import NEXT, Shadow, Step
from engine.schema.structure import is_small
from metamodel.model import Field, Model

ORDER = ("return", "split", "move", "retrace")
"""What is done first in a switch, and what then: conditions are asked before options merge."""

FEW = 1_000
"""Records that are moved in the switch itself, once they are found there without looking far."""


@dataclass(frozen=True, slots=True)
class Shifted:
    """What moves records of one field: `shifts`, and the steps by which a switch does them."""

    field: Field
    shifts: tuple[Shift, ...]
    steps: tuple[Step, ...]

    def is_own(self, model: Model, moving: frozenset[tuple[str, str]]) -> bool:
        """Return whether what moves a record follows from it alone, and from nothing that moves."""
        asked = [each.split.condition for each in self.shifts if each.split is not None]
        whole = len(self.shifts) == len(self.steps)
        return whole and all(
            reads_itself(each, model) and not reads_any(each, moving) for each in asked
        )

    @property
    def rows(self) -> int:
        """How many records move."""
        return sum(step.rows for step in self.steps)


def paced(ctx: Context, live: Live, shifted: Sequence[Shifted]) -> Iterator[Step]:
    """Yield the steps of all fields, in such a way that no switch takes long."""
    beside: list[Shifted] = []
    at_once: list[Step] = []
    moving = frozenset((each.field.entity, each.field.key) for each in shifted)
    for each in shifted:
        there = live[ctx.model.entities[each.field.entity].table]
        large = not is_small(there.rows)
        if large and each.rows > FEW and each.is_own(ctx.model, moving):
            beside.append(each)
            continue
        at_once += each.steps
        if large:
            yield from _found(ctx.tenant.schema, each, there)
    yield from sorted(at_once, key=lambda step: ORDER.index(step.code.partition("_")[0]))
    if beside:
        yield from _beside(ctx, live, beside, publish_set(ctx.revision))


def _found(schema: str, shifted: Shifted, there: LiveTable) -> Iterator[Step]:
    """Yield what builds indexes of the records that a switch is to move, and drops them."""
    field = shifted.field
    options = dict.fromkeys(each.option for each in shifted.shifts if each.undoes is None)
    for option in options:
        condition = held(field, quoted(field.column), option)
        name = object_name(NEXT, there.name, field.column, (option,))
        params = {"table": there.name, "index": name}
        sql = (
            drop_index(schema, name, concurrently=True),
            f"CREATE INDEX CONCURRENTLY {quoted(name)} ON {qualified(schema, there.name)} (id) "
            f"WHERE {condition}",
        )
        yield Step(
            "create_index", field.entity, sql=sql, cost="builds", rows=there.rows, params=params,
            alone=True,
        )  # fmt: skip
        dropped = drop_index(schema, name, concurrently=False)
        yield Step("drop_index", field.entity, sql=(dropped,), phase="settle", params=params)


def _beside(
    ctx: Context, live: Live, shifted: Sequence[Shifted], change_set: UUID
) -> Iterator[Step]:
    """Yield what fills columns beside, the change set's beginning, and what tells of it."""
    listing, first = qualified(ctx.tenant.schema, MOVING), shifted[0].field.entity
    room = Step("list_moves", first, sql=(_room(listing),))
    yield room
    for each in shifted:
        rows = live[ctx.model.entities[each.field.entity].table].rows
        yield replace(_filling(ctx, each), rows=rows)
    yield Step("begin_moves", first, sql=(begun_set(ctx, change_set),), phase="switch")
    # Who takes up what is left of a publish may find the list gone already.
    yield replace(room, phase="settle")
    for each in shifted:
        yield from _tellings(ctx, each, change_set)
    yield Step("end_moves", first, sql=_ending(ctx, listing, change_set), phase="settle")


def _room(listing: str) -> str:
    return (
        f"CREATE TABLE IF NOT EXISTS {listing} (number bigint GENERATED ALWAYS AS IDENTITY, "
        "place text NOT NULL, id uuid NOT NULL, was jsonb, becomes jsonb, PRIMARY KEY (id, place))"
    )


def _filling(ctx: Context, shifted: Shifted) -> Step:
    """Return the step that fills the column beside, and lists the records that move."""
    field = shifted.field
    entity = ctx.model.entities[field.entity]
    table, listing = (qualified(ctx.tenant.schema, each) for each in (entity.table, MOVING))
    beside = Shadow(entity.key, entity.table, field.column).name
    present = at_first(ctx, entity.table, beside)
    serves, comes, place = quoted(field.column), quoted(beside), place_of_moves(field)
    sql = (
        f"UPDATE {table} SET {comes} = {serves} WHERE {comes} IS DISTINCT FROM {serves}",  # noqa: S608
        *(
            f"UPDATE {table} t SET {comes} = n.becomes "  # noqa: S608
            f"FROM ({shift.chosen(present).source}) n WHERE t.id = n.id"
            for shift in shifted.shifts
        ),
        f"DELETE FROM {listing} m WHERE m.place = {place} AND {among('m.id')}",  # noqa: S608
        f"INSERT INTO {listing} (place, id, was, becomes) "  # noqa: S608
        f"SELECT {place}, t.id, to_jsonb(t.{serves}), to_jsonb(t.{comes}) FROM {table} t "
        f"WHERE t.{comes} IS DISTINCT FROM t.{serves} AND t.{serves} IS NOT NULL "
        f"AND {among('t.id')}",
    )
    return Step(
        "move_beside",
        entity.key,
        sql=sql,
        cost="rewrites",
        params={"field": field.key},
        fields=(field.key,),
        table=table,
        beside=field.column,
    )


def _tellings(ctx: Context, shifted: Shifted, change_set: UUID) -> Iterator[Step]:
    """Yield a step for each move, the largest of which tells of all of the field's."""
    entity = ctx.model.entities[shifted.field.entity]
    sql, table = telling(ctx, entity, shifted.field, change_set), MOVING
    largest = max(shifted.steps, key=lambda each: each.rows)
    for each in shifted.steps:
        step = replace(each, sql=(), phase="settle", fields=())
        listed = replace(step, sql=(sql,), table=qualified(ctx.tenant.schema, table))
        yield listed if each is largest else step


def _ending(ctx: Context, listing: str, change_set: UUID) -> tuple[str, ...]:
    """Return what takes the list away, and a change set in which nothing was to be told."""
    names = ("sys_change_set", "sys_change")
    sets, changes = (qualified(ctx.tenant.schema, name) for name in names)
    told = f"SELECT 1 FROM {changes} c WHERE c.change_set = s.id"  # noqa: S608
    return (
        f"DELETE FROM {sets} s WHERE s.id = '{change_set}'::uuid AND NOT EXISTS ({told})",  # noqa: S608
        f"DROP TABLE IF EXISTS {listing}",
    )
