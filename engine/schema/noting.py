"""Notes what people save while a publish fills columns, so that its switch fills no more than that.

Triggers write down the id of each record that is saved, and what its links lead to before and
after. A step that fills is then told which of its records have to be filled once more: those
that were saved, and those that follow from them through links.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from engine.compiled import CompiledModel
from engine.database import driver_of
from engine.schema.ddl import qualified
from engine.schema.live import Live
from engine.schema.names import literal, quoted
from engine.schema.steps import Step
from engine.values.graph import Edge, Hop
from metamodel.model import Model

NOTES = "sys_late"
"""The table of notes, which is there while a publish fills."""

FUNCTION = "sys_note_late"

TRIGGERS = "sys_late_"
"""How the names of our triggers begin."""

FILLING = "SET LOCAL joinery.filling = 'on'"
"""Says of a transaction that what it writes is not noted: it is what is being filled."""

_EVENTS = (
    ("INSERT", "REFERENCING NEW TABLE AS come"),
    ("UPDATE", "REFERENCING OLD TABLE AS gone NEW TABLE AS come"),
    ("DELETE", "REFERENCING OLD TABLE AS gone"),
)

Noted = Mapping[str, tuple[str, ...]]
"""Which columns hold the ids to note, by table: its own, and those of links."""


@dataclass(frozen=True, slots=True)
class Way:
    """From a note to records of a step: notes of `column` of `table` are ids of `entity`.

    `path` leads from the records of the step to those.
    """

    table: str
    column: str
    entity: str
    path: tuple[Hop, ...] = ()


def ways_of(step: Step, compiled: CompiledModel) -> tuple[Way, ...]:
    """Return how records that were saved lead to those that a step fills."""
    model = compiled.model
    own = Way(model.entities[step.touches].table, "id", step.touches)
    if step.fill != "computed":
        return (own,)
    edges = (
        edge
        for edges in compiled.graph.edges.values()
        for edge in edges
        if edge.entity == step.touches and edge.field in step.fields
    )
    return tuple(dict.fromkeys((own, *(_way(model, edge) for edge in edges))))


def noted(ways: Iterable[Way], live: Live) -> Noted:
    """Return what has to be noted for these ways, of tables that somebody may write to."""
    found: dict[str, dict[str, None]] = {}
    for way in ways:
        if way.table in live:
            found.setdefault(way.table, {})[way.column] = None
    return {table: tuple(columns) for table, columns in found.items()}


def begin_noting(schema: str) -> tuple[str, ...]:
    """Return the statements that make the table of notes and the function that writes into it."""
    notes, function = qualified(schema, NOTES), qualified(schema, FUNCTION)
    taken = (
        f"INSERT INTO %I.{NOTES} (source, place, id) "  # noqa: S608
        "SELECT %L, %L, %I FROM %s WHERE %I IS NOT NULL"
    )
    return (
        f"CREATE UNLOGGED TABLE IF NOT EXISTS {notes} (number bigint GENERATED ALWAYS AS "
        "IDENTITY, source text NOT NULL, place text NOT NULL, id uuid NOT NULL)",
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql "
        "SECURITY DEFINER SET search_path = pg_catalog AS $body$ DECLARE place text; "
        "BEGIN FOREACH place IN ARRAY TG_ARGV LOOP "
        f"IF TG_OP <> 'DELETE' THEN EXECUTE format({literal(taken)}, TG_TABLE_SCHEMA, "
        "TG_TABLE_NAME, place, place, 'come', place); END IF; "
        f"IF TG_OP <> 'INSERT' THEN EXECUTE format({literal(taken)}, TG_TABLE_SCHEMA, "
        "TG_TABLE_NAME, place, place, 'gone', place); END IF; "
        "END LOOP; RETURN NULL; END $body$",
    )


def note_table(schema: str, table: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the statements by which saves in a table are noted from now on."""
    arguments = ", ".join(literal(column) for column in columns)
    return tuple(
        f"CREATE OR REPLACE TRIGGER {quoted(TRIGGERS + event.lower())} AFTER {event} "
        f"ON {qualified(schema, table)} {seen} FOR EACH STATEMENT "
        "WHEN (current_setting('joinery.filling', true) IS DISTINCT FROM 'on') "
        f"EXECUTE FUNCTION {qualified(schema, FUNCTION)}({arguments})"
        for event, seen in _EVENTS
    )


def end_table(schema: str, table: str) -> tuple[str, ...]:
    """Return the statements by which nothing of a table is noted any more."""
    return tuple(
        f"DROP TRIGGER IF EXISTS {quoted(TRIGGERS + event.lower())} ON {qualified(schema, table)}"
        for event, _ in _EVENTS
    )


def end_noting(schema: str) -> tuple[str, ...]:
    """Return the statements that take table and function away, once no trigger is left."""
    return (
        f"DROP FUNCTION IF EXISTS {qualified(schema, FUNCTION)}()",
        f"DROP TABLE IF EXISTS {qualified(schema, NOTES)}",
    )


def read_notes(connection: Connection, schema: str) -> list[int]:
    """Return the numbers of the notes there are."""
    statement = f"SELECT number FROM {qualified(schema, NOTES)}"  # noqa: S608
    return [row[0] for row in driver_of(connection).execute(statement.encode()).fetchall()]


def forget_notes(connection: Connection, schema: str, numbers: Sequence[int]) -> None:
    """Take notes away that were followed."""
    statement = f"DELETE FROM {qualified(schema, NOTES)} WHERE number = ANY(%s)"  # noqa: S608
    driver_of(connection).execute(statement.encode(), (list(numbers),))


def late_rows(
    connection: Connection, schema: str, compiled: CompiledModel, step: Step
) -> list[UUID]:
    """Return the records of a step that follow from what was noted, in order."""
    found: set[UUID] = set()
    for way in ways_of(step, compiled):
        found |= _followed(connection, schema, compiled.model, way)
    return sorted(found)


def _way(model: Model, edge: Edge) -> Way:
    *_, last = edge.path
    source = model.entities[last.owner if last.back else last.target]
    if not last.back:
        return Way(source.table, "id", source.key, edge.path)
    return Way(source.table, _column(model, last), last.target, edge.path[:-1])


def _column(model: Model, hop: Hop) -> str:
    """Return the column of a hop's link that holds ids of its target."""
    link = model.entities[hop.owner].fields[hop.link]
    return link.columns.get(hop.target) or link.column


def _followed(connection: Connection, schema: str, model: Model, way: Way) -> set[UUID]:
    notes = qualified(schema, NOTES)
    ids = _ids(
        connection,
        f"SELECT DISTINCT id FROM {notes} WHERE source = %s AND place = %s",  # noqa: S608
        (way.table, way.column),
    )
    for statement in _steps_back(schema, model, way.path):
        if ids:
            ids = _ids(connection, statement, (list(ids),))
    return ids


def _steps_back(schema: str, model: Model, path: Sequence[Hop]) -> Iterator[str]:
    for hop in reversed(path):
        table = qualified(schema, model.entities[hop.owner].table)
        link = quoted(_column(model, hop))
        wanted, known = (link, '"id"') if hop.back else ('"id"', link)
        yield (
            f"SELECT DISTINCT {wanted} FROM {table} "  # noqa: S608
            f"WHERE {known} = ANY(%s) AND {wanted} IS NOT NULL"
        )


def _ids(connection: Connection, statement: str, values: tuple[object, ...]) -> set[UUID]:
    rows = driver_of(connection).execute(statement.encode(), values).fetchall()
    return {row[0] for row in rows}
