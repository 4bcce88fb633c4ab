"""Moves of records that earlier revisions made, and the statements that find them to undo them.

A publish tells its moves as one change set of history, whose id follows from the revision: so
going back finds each record again, and leaves alone what people have changed since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from sqlalchemy import Connection

from engine.context import Context
from engine.database import driver_of
from engine.schema.ddl import qualified
from engine.schema.names import literal, quoted
from engine.schema.ranges import among
from engine.schema.retelling import Retold
from formula.types import ListType
from metamodel.model import Field

MERGES = ("move_options", "move_stages")
"""Codes of steps that moved all records of an option."""

SPLITS = ("split_options", "split_stages")
"""Codes of steps that moved those of its records for which a condition held."""

RETURNS = ("return_options", "return_stages")
"""Codes of steps that moved records back."""

RETRACES = ("retrace_options", "retrace_stages")
"""Codes of steps that gave records what they held at a revision to which it went back."""

_PUBLISHES = UUID("0d7a1c8e-93b5-5c1f-8a44-6b9f2f3f6e51")


@dataclass(frozen=True, slots=True)
class Moved:
    """Records that a revision moved from one option of a field into another, all by key.

    `when` is the condition of a split, which is kept with what was returned of it, too; `code`
    is the step's. `ends` are options into which some moved on within the same revision.
    """

    revision: int
    code: str
    entity: str
    field: str
    option: str
    into: str
    when: str = ""
    ends: tuple[str, ...] = ()

    @property
    def way(self) -> tuple[str, str]:
        """From which option to which records went, be it there or back."""
        return (
            (self.into, self.option)
            if self.code in (*RETURNS, *RETRACES)
            else (self.option, self.into)
        )


def publish_set(revision: int) -> UUID:
    """Return the id of the change set in which a revision tells what it moved."""
    return uuid5(_PUBLISHES, str(revision))


def moves_so_far(connection: Connection, ctx: Context) -> tuple[Moved, ...]:
    """Return what was ever moved in a tenant, the latest first."""
    table = qualified(ctx.tenant.schema, "sys_revision")
    codes = ", ".join(map(literal, (*MERGES, *SPLITS, *RETURNS, *RETRACES)))
    rows = driver_of(connection).execute(
        f"SELECT number, step->>'code', step->>'entity', step->>'field', step->>'option', "  # noqa: S608
        f"step->>'into', coalesce(step->>'when', '') "
        f"FROM {table}, jsonb_array_elements(summary->'steps') WITH ORDINALITY AS s(step, place) "
        f"WHERE step->>'code' IN ({codes}) ORDER BY number DESC, place DESC".encode()
    )
    found = [Moved(*row) for row in rows.fetchall()]
    return tuple(replace(each, ends=_ends(each, found[:at])) for at, each in enumerate(found))


def _ends(moved: Moved, later: Sequence[Moved]) -> tuple[str, ...]:
    """Return where records of a move went on to by `later` moves, the latest first."""
    place, reached = (moved.revision, moved.entity, moved.field), [moved.way[1]]
    for each in reversed(later):
        if (each.revision, each.entity, each.field) == place and each.way[0] in reached:
            reached.append(each.way[1])
    return tuple(dict.fromkeys(reached[1:]))


def coming_back(ctx: Context, moved: Moved, present: str) -> Retold:
    """Return the records of a move that nobody has changed since, as they were before it.

    `present` selects the `id` and the `value` of all records as they are then.
    """
    entity = ctx.model.entities[moved.entity]
    field = entity.fields[moved.field]
    key = literal(field.key)
    was = f"c.before->>{key}"
    if isinstance(field.value_type, ListType):
        was = f"ARRAY(SELECT jsonb_array_elements_text(c.before->{key}))"
    source = (
        f"SELECT t.id, t.value AS was, {was} AS becomes {_told(ctx, moved, field, present)} "
        f"AND to_jsonb(t.value) = c.after->{key} AND NOT {_changed_since(ctx, moved, field)}"
    )
    return Retold(entity, field, moved.option, moved.into, source)


def staying(ctx: Context, moved: Moved, present: str) -> str:
    """Return the statement of the records of a move that people have changed since, by title."""
    entity = ctx.model.entities[moved.entity]
    field = entity.fields[moved.field]
    table, key = qualified(ctx.tenant.schema, entity.table), literal(field.key)
    title = entity.fields.get(entity.title_field)
    shown = "t.id::text"
    if title is not None and title.column and not title.encrypted:
        shown = (
            f"coalesce((SELECT r.{quoted(title.column)}::text FROM {table} r "  # noqa: S608
            "WHERE r.id = t.id), t.id::text)"
        )
    # What another step of the same version brings back, or people did, stays nowhere.
    return (
        f"SELECT {shown} AS shown {_told(ctx, moved, field, present)} "  # noqa: S608
        f"AND to_jsonb(t.value) IS DISTINCT FROM c.before->{key} AND NOT "
        f"(to_jsonb(t.value) = c.after->{key} AND NOT {_changed_since(ctx, moved, field)})"
    )


def _told(ctx: Context, moved: Moved, field: Field, present: str) -> str:
    """Return from where, and which, records were moved: `t` as they are, `c` as it was told."""
    schema = ctx.tenant.schema
    # What was moved again by a later version is brought back by that move.
    again = (
        f"SELECT 1 FROM {qualified(schema, 'sys_change')} again "  # noqa: S608
        f"JOIN {qualified(schema, 'sys_change_set')} s ON s.id = again.change_set "
        f"WHERE again.record = t.id AND again.entity = c.entity AND s.door = 'publish' "
        f"AND s.revision > {moved.revision} AND s.revision < {ctx.revision} "
        f"AND {_left(moved, field, 'again')}"
    )
    return (
        f"FROM ({present}) t JOIN {qualified(schema, 'sys_change')} c "
        f"ON c.record = t.id WHERE c.change_set = '{publish_set(moved.revision)}' "
        f"AND c.entity = {literal(moved.entity)} AND {_left(moved, field, 'c')} "
        f"AND {_came(moved, field, 'c')} AND NOT EXISTS ({again})"
    )


def _left(moved: Moved, field: Field, name: str) -> str:
    """Return the condition that a change, under a name, took the option of a move away."""
    key, option = literal(field.key), literal(moved.option)
    if isinstance(field.value_type, ListType):
        return f"{name}.before->{key} ? {option} AND NOT {name}.after->{key} ? {option}"
    return f"{name}.before->>{key} = {option}"


def _came(moved: Moved, field: Field, name: str) -> str:
    """Return the condition that a change put what the move did in its place."""
    key, into = literal(field.key), ", ".join(map(literal, (moved.into, *moved.ends)))
    if isinstance(field.value_type, ListType):
        return f"{name}.after->{key} ?| ARRAY[{into}]"
    return f"{name}.after->>{key} IN ({into})"


def _changed_since(ctx: Context, moved: Moved, field: Field) -> str:
    """Return the condition that somebody, under the moving revision or later, changed `t` again."""
    return touched_since(ctx, field, "t.id", moved.revision)


def touched_since(ctx: Context, field: Field, record: str, revision: int) -> str:
    """Return the condition that people, under a revision or later, made a record or changed it.

    `record` is its id as SQL; what counts is the field alone.
    """
    schema = ctx.tenant.schema
    return (
        f"EXISTS (SELECT 1 FROM {qualified(schema, 'sys_change')} later "  # noqa: S608
        f"JOIN {qualified(schema, 'sys_change_set')} s ON s.id = later.change_set "
        f"WHERE later.entity = {literal(field.entity)} AND later.record = {record} "
        f"AND (later.after ? {literal(field.key)} OR later.operation = 'create') "
        f"AND s.revision >= {revision} AND s.door <> 'publish')"
    )


def at_first(ctx: Context, entity_table: str, column: str) -> str:
    """Return the statement of all records' values as they are now."""
    table = qualified(ctx.tenant.schema, entity_table)
    return f"SELECT id, {quoted(column)} AS value FROM {table} WHERE {among('id')}"  # noqa: S608


def after(present: str, source: str) -> str:
    """Return the statement of all records' values once those of `source` became others."""
    return (
        "SELECT h.id, CASE WHEN n.id IS NULL THEN h.value ELSE n.becomes END AS value "  # noqa: S608
        f"FROM ({present}) h LEFT JOIN ({source}) n ON n.id = h.id"
    )
