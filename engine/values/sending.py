"""Statements sent to PostgreSQL as the driver takes them: compiled once, several in one trip.

Building an SQLAlchemy statement and compiling it costs more than most statements take; so it
is done once for each model, and what goes over the wire afterwards is text with its values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.expression import Executable

from engine.connections import PositionalCursor
from engine.context import Context, Tenant
from engine.database import Rows as Rows
from engine.database import Values as Values
from engine.database import driver_of
from engine.pipelining import pipelined
from engine.query.binds import binds, bound
from engine.schema.names import quoted
from engine.schema.tables import TENANT
from engine.values.identity import id_array

STAND_IN = "joinery_tenant_schema"
"""Stands for the tenant's schema in compiled text, which tenants of one model share."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A compiled statement: its text, constants, and how values of some binds are written.

    In `numbered` the binds are numbers, whose names are `places` in order: the driver would look
    for names in a long text anew each time.
    """

    text: str
    numbered: str
    places: tuple[str, ...]
    constants: Mapping[str, Any]
    writers: Mapping[str, Callable[[Any], Any]]
    fixed: frozenset[str]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A sentence with its values, for each row that it is run for."""

    sentence: Sentence
    rows: Sequence[Values]


def sentence(
    connection: Connection, ctx: Context, key: tuple[Hashable, ...], make: Callable[[], Executable]
) -> Sentence:
    """Return the compiled statement that is kept with the model under `key`."""
    return ctx.compiled.keep(
        ("sentence", *key), lambda: compiled(connection.dialect, make(), binds(ctx))
    )


def said(asked: Sentence, tenant: Tenant, values: Values) -> tuple[bytes, Values]:
    """Return a sentence without fixed binds as the driver takes it."""
    text = asked.text.replace(STAND_IN, quoted(tenant.schema)).encode()
    return text, _written(asked, {**asked.constants, **values})


def said_now(asked: Sentence, ctx: Context, values: Values) -> tuple[bytes, Values]:
    """Return a sentence as the driver takes it, what is fixed for a context filled in."""
    return said(asked, ctx.tenant, {**_fixed(asked, ctx), **values})


def send(connection: Connection, ctx: Context, request: Request) -> Rows:
    """Run one request and return its rows."""
    return send_all(connection, ctx, [request])[0]


def send_all(connection: Connection, ctx: Context, requests: Sequence[Request]) -> list[Rows]:
    """Run requests in order in one round trip; return the rows of each."""
    driver = driver_of(connection)
    schema = quoted(ctx.tenant.schema)
    cursors = [PositionalCursor(driver) for _ in requests]
    if len(requests) == 1 and len(requests[0].rows) == 1:
        _run(cursors[0], ctx, schema, requests[0])
    else:
        with pipelined(driver):
            for cursor, request in zip(cursors, requests, strict=True):
                _run(cursor, ctx, schema, request)
    return [_rows(cursor) for cursor in cursors]


def _rows(cursor: psycopg.Cursor[Any]) -> Rows:
    result = cursor.pgresult
    return cursor.fetchall() if result is not None and result.nfields else ()


def _run(cursor: psycopg.Cursor[Any], ctx: Context, schema: str, request: Request) -> None:
    asked = request.sentence
    text = asked.numbered.replace(STAND_IN, schema)
    common = {**asked.constants, **_fixed(asked, ctx)}
    written = [_written(asked, {**common, **values}) for values in request.rows]
    rows = [[_packed(values[name]) for name in asked.places] for values in written]
    # Texts are compiled from the model; every value is a bind.
    if len(rows) == 1:
        cursor.execute(text.encode(), rows[0])
    else:
        cursor.executemany(text.encode(), rows)


def _fixed(asked: Sentence, ctx: Context) -> dict[str, Any]:
    """Return what is fixed for a context, of what the statement takes of it."""
    if not asked.fixed:
        return {}
    return {name: _packed(value) for name, value in bound(ctx, asked.fixed).items()}


def _packed(value: object) -> object:
    """Return a list of ids as the text of an array, which the driver is slow to make."""
    if isinstance(value, list) and value and isinstance(value[0], UUID):
        try:
            return id_array(value)
        except AttributeError:
            return value  # Some of them are blank.
    return value


def _written(asked: Sentence, values: dict[str, Any]) -> dict[str, Any]:
    for name, write in asked.writers.items():
        values[name] = write(values[name])
    return values


def compiled(
    dialect: Dialect, statement: Executable, known: Collection[str] = frozenset()
) -> Sentence:
    """Compile a statement; binds that are `known` have the same values all through a context."""
    # Any: `compile` is declared on statements, not on Executable, which all of them are.
    construct: Any = statement
    made = construct.compile(
        dialect=dialect,
        schema_translate_map={TENANT: STAND_IN},
        render_schema_translate=True,
    )
    asked = {name for bind, name in made.bind_names.items() if bind.required}
    # Lists of constants are written out; they are known, and everything else is a bind.
    written = made.construct_expanded_state(dict.fromkeys(asked))
    numbered, places = _numbered(written.statement)
    return Sentence(
        text=written.statement,
        numbered=numbered,
        places=places,
        constants={name: each for name, each in written.parameters.items() if name not in asked},
        writers={
            name: write for name, write in written.processors.items() if name in written.parameters
        },
        fixed=frozenset(asked).intersection(known),
        columns=tuple(column.name for column in getattr(statement, "selected_columns", ())),
    )


def _numbered(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text with numbers for its named binds, and their names in order."""
    places: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        if found[1] is None:
            return "%"
        return f"${places.setdefault(found[1], len(places) + 1)}"

    return _BIND.sub(number, text), tuple(places)


# A column that is to serve is called as no field is, and so are binds named after it.
_BIND = re.compile(r"%\(([^()]+)\)s|%%")
