"""Steps that move records of merged options and stages, and that bring them back.

A publish tells its moves as one change set of history, whose id follows from the revision: so
going back finds each record again, and leaves alone what people have changed since.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import Connection

from engine.context import Context
from engine.database import driver_of
from engine.schema.ddl import qualified
from engine.schema.live import Live
from engine.schema.names import literal, quoted
from engine.schema.retelling import Retold, retelling
from engine.schema.steps import Effect, Step
from formula.types import ListType
from metamodel.model import Entity, Field, Model, Option

MOVES = ("move_options", "move_stages")
"""Codes of the steps whose records can be brought back."""

SAMPLES = 5
"""How many records are named of those that stay where they were moved."""

_PUBLISHES = UUID("0d7a1c8e-93b5-5c1f-8a44-6b9f2f3f6e51")


@dataclass(frozen=True, slots=True)
class Moved:
    """Records that a revision moved from one option of a field into another, all by key."""

    revision: int
    entity: str
    field: str
    option: str
    into: str


def publish_set(revision: int) -> UUID:
    """Return the id of the change set in which a revision tells what it moved."""
    return uuid5(_PUBLISHES, str(revision))


def move_steps(connection: Connection, ctx: Context, old: Model, live: Live) -> Iterator[Step]:
    """Yield what moves records, newly merged options first, then those that come back."""
    for entity, field in _stored_choices(ctx.model, live):
        for option in _newly_merged(old, entity, field):
            table = qualified(ctx.tenant.schema, entity.table)
            rows = _number(connection, _holding(table, field, option.key))
            yield _step("move", ctx, _merging(ctx, entity, field, option), rows)
    for moved in returning(connection, ctx, old, live):
        retold = _coming_back(ctx, moved)
        rows = _number(connection, f"SELECT count(*) FROM ({retold.source}) n")  # noqa: S608
        yield _step("return", ctx, retold, rows)


def move_effects(
    connection: Connection, ctx: Context, old: Model, steps: Sequence[Step], live: Live
) -> Iterator[Effect]:
    """Yield how many records move, how many come back, and which do not."""
    for step in steps:
        if step.rows:
            yield Effect(_EFFECTS[step.code], step.touches, "notice", step.rows, (), step.params)
    for moved in returning(connection, ctx, old, live):
        staying = _staying(ctx, moved)
        rows = _number(connection, f"SELECT count(*) FROM ({staying}) n")  # noqa: S608
        if rows:
            named = driver_of(connection).execute(
                f"SELECT shown FROM ({staying}) n ORDER BY 1 LIMIT {SAMPLES}".encode()  # noqa: S608
            )
            params = {"field": moved.field, "option": moved.option, "into": moved.into}
            shown = tuple(str(row[0]) for row in named.fetchall())
            yield Effect("stays_moved", moved.entity, "notice", rows, shown, params)


_EFFECTS = {
    "move_options": "option_moves",
    "move_stages": "stage_moves",
    "return_options": "option_returns",
    "return_stages": "stage_returns",
}


def returning(connection: Connection, ctx: Context, old: Model, live: Live) -> tuple[Moved, ...]:
    """Return the moves of earlier revisions whose options are in use again, the latest first."""
    found = {
        (entity.key, field.key, option.key)
        for entity, field in _stored_choices(ctx.model, live)
        for option in field.options.values()
        if not option.retired and not _in_use(old, field, option.key)
    }
    if not found:
        return ()
    return tuple(
        each
        for each in _moves_so_far(connection, ctx)
        if (each.entity, each.field, each.option) in found
    )


def _stored_choices(model: Model, live: Live) -> Iterator[tuple[Entity, Field]]:
    """Yield the fields in use whose column there is, and that hold options."""
    for entity in model.entities.values():
        there = live.get(entity.table)
        if there is None or entity.retired or entity.system:
            continue
        for field in entity.fields.values():
            if field.options and not field.retired and field.column in there.columns:
                yield entity, field


def _newly_merged(old: Model, entity: Entity, field: Field) -> Iterator[Option]:
    """Yield the options whose records belong elsewhere from now on."""
    before = old.entities.get(entity.key)
    former = before.fields.get(field.key) if before and not before.retired else None
    same = former is not None and not former.retired and former.column == field.column
    for option in field.options.values():
        known = former.options.get(option.key) if former is not None and same else None
        if option.into and (known is None or known.into != option.into):
            yield option


def _in_use(old: Model, field: Field, option: str) -> bool:
    entity = old.entities.get(field.entity)
    former = entity.fields.get(field.key) if entity and not entity.retired else None
    known = former.options.get(option) if former and not former.retired else None
    return known is not None and not known.retired


def _moves_so_far(connection: Connection, ctx: Context) -> Iterator[Moved]:
    table = qualified(ctx.tenant.schema, "sys_revision")
    codes = ", ".join(map(literal, MOVES))
    rows = driver_of(connection).execute(
        f"SELECT number, step->>'entity', step->>'field', step->>'option', step->>'into' "  # noqa: S608
        f"FROM {table}, jsonb_array_elements(summary->'steps') WITH ORDINALITY AS s(step, place) "
        f"WHERE step->>'code' IN ({codes}) ORDER BY number DESC, place DESC".encode()
    )
    return (Moved(*row) for row in rows.fetchall())


def _step(verb: str, ctx: Context, retold: Retold, rows: int) -> Step:
    field = retold.field
    return Step(
        f"{verb}_stages" if field.pipeline else f"{verb}_options",
        field.entity,
        sql=(retelling(ctx, retold, publish_set(ctx.revision)),),
        # With the revision: before it, who reads the old model would miss the option.
        phase="switch",
        cost="rewrites" if rows else "instant",
        rows=rows,
        params={"field": field.key, "option": retold.option, "into": retold.into},
        fields=(field.key,),
    )


def _merging(ctx: Context, entity: Entity, field: Field, option: Option) -> Retold:
    table, column = qualified(ctx.tenant.schema, entity.table), quoted(field.column)
    key, into = literal(option.key), literal(option.into)
    value = f"{into}::text"
    if isinstance(field.value_type, ListType):
        value = (
            "(SELECT array_agg(each ORDER BY place) FROM (SELECT each, min(place) AS place "  # noqa: S608
            f"FROM unnest(array_replace({column}, {key}, {into})) WITH ORDINALITY u(each, place) "
            "GROUP BY each) one)"
        )
    source = (
        f"SELECT id, {column} AS was, {value} AS becomes FROM {table} "  # noqa: S608
        f"WHERE {_holds(field, column, option.key)}"
    )
    return Retold(entity, field, option.key, option.into, source)


def _coming_back(ctx: Context, moved: Moved) -> Retold:
    """Return the records of a move that nobody has changed since, as they were before it."""
    entity = ctx.model.entities[moved.entity]
    field = entity.fields[moved.field]
    column, key = f"t.{quoted(field.column)}", literal(field.key)
    was = f"c.before->>{key}"
    if isinstance(field.value_type, ListType):
        was = f"ARRAY(SELECT jsonb_array_elements_text(c.before->{key}))"
    source = (
        f"SELECT t.id, {column} AS was, {was} AS becomes {_told(ctx, moved, field)} "
        f"AND to_jsonb({column}) = c.after->{key} AND NOT {_changed_since(ctx, moved, field)}"
    )
    return Retold(entity, field, moved.option, moved.into, source)


def _staying(ctx: Context, moved: Moved) -> str:
    """Return the statement of the records of a move that people have changed since."""
    entity = ctx.model.entities[moved.entity]
    field = entity.fields[moved.field]
    column, key = f"t.{quoted(field.column)}", literal(field.key)
    title = entity.fields.get(entity.title_field)
    shown = "t.id::text"
    if title is not None and title.column and not title.encrypted:
        shown = f"coalesce(t.{quoted(title.column)}::text, t.id::text)"
    return (
        f"SELECT {shown} AS shown {_told(ctx, moved, field)} AND NOT (to_jsonb({column}) = "
        f"c.after->{key} AND NOT {_changed_since(ctx, moved, field)})"
    )


def _told(ctx: Context, moved: Moved, field: Field) -> str:
    """Return from where, and which, records were moved: `t` as they are, `c` as it was told."""
    schema, entity = ctx.tenant.schema, ctx.model.entities[moved.entity]
    key, option = literal(field.key), literal(moved.option)
    held = f"c.before->>{key} = {option}"
    if isinstance(field.value_type, ListType):
        held = f"c.before->{key} ? {option} AND NOT c.after->{key} ? {option}"
    # What was moved again later is brought back by that move.
    again = (
        f"SELECT 1 FROM {qualified(schema, 'sys_change')} again "  # noqa: S608
        f"JOIN {qualified(schema, 'sys_change_set')} s ON s.id = again.change_set "
        f"WHERE again.record = t.id AND again.entity = c.entity AND s.door = 'publish' "
        f"AND s.revision > {moved.revision} AND {held.replace('c.', 'again.')}"
    )
    return (
        f"FROM {qualified(schema, entity.table)} t JOIN {qualified(schema, 'sys_change')} c "
        f"ON c.record = t.id WHERE c.change_set = '{publish_set(moved.revision)}' "
        f"AND c.entity = {literal(moved.entity)} AND {held} AND NOT EXISTS ({again})"
    )


def _changed_since(ctx: Context, moved: Moved, field: Field) -> str:
    """Return the condition that somebody, under the moving revision or later, changed `t` again."""
    schema = ctx.tenant.schema
    return (
        f"EXISTS (SELECT 1 FROM {qualified(schema, 'sys_change')} later "  # noqa: S608
        f"JOIN {qualified(schema, 'sys_change_set')} s ON s.id = later.change_set "
        f"WHERE later.entity = {literal(moved.entity)} AND later.record = t.id "
        f"AND later.after ? {literal(field.key)} AND s.revision >= {moved.revision} "
        f"AND s.door <> 'publish')"
    )


def _holding(table: str, field: Field, option: str) -> str:
    held = _holds(field, quoted(field.column), option)
    return f"SELECT count(*) FROM {table} WHERE {held}"  # noqa: S608


def _holds(field: Field, column: str, option: str) -> str:
    if isinstance(field.value_type, ListType):
        return f"{column} @> ARRAY[{literal(option)}]"
    return f"{column} = {literal(option)}"


def _number(connection: Connection, statement: str) -> int:
    row = driver_of(connection).execute(statement.encode()).fetchone()
    return int(row[0]) if row else 0
