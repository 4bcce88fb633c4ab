"""Puts a plan's questions to the data: exact where that is quick, else on a part of large tables.

All conditions on one table are counted in one pass over it. Planning has a fixed time: what
cannot be counted within it is estimated from a part of the table, and says so. What blocks a
plan is always counted whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import errors
from sqlalchemy import Connection, FromClause, Select, Table, func, literal_column
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import Executable

from engine.context import Context
from engine.database import Values, driver_of, sqlstate
from engine.query.binds import binds
from engine.schema.ddl import qualified
from engine.schema.steps import Effect, Listing, Question, Sample

WHOLE = 1.2
"""Seconds that all questions of a plan may take before what is left is estimated."""

LEAST = 0.05
"""Seconds that a question gets even when the others took all."""

PART = 20_000
"""About how many rows of a large table are looked at instead of all."""

RECORDS = 5
"""Records that are named of those that an effect is about."""

BLOCK = 1_000
"""Records that are fetched at a time where all of them are asked for."""

LONGEST = 200
"""Characters of a value that is shown."""

TOO_SLOW = "57014"

Row = Sequence[Any]
"""A row of an answer. Any: columns of every type."""

Count = tuple[int, bool]
"""How many, and whether that was estimated."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One transaction to ask in; `until` is when the time for exact answers is over.

    `rows` are about how many rows each table has, by its qualified name.
    """

    connection: Connection
    rows: Mapping[str, int] = field(default_factory=dict)
    until: float = field(default_factory=lambda: time.monotonic() + WHOLE)

    def ask(self, statement: str | Executable, values: Values | None = None) -> list[Row] | None:
        """Return a statement's rows, None where it takes longer than there is time for."""
        left = max(LEAST, self.until - time.monotonic())
        driver = driver_of(self.connection)
        driver.execute("SAVEPOINT asked")
        driver.execute(f"SET LOCAL statement_timeout = {int(left * 1000)}".encode())
        try:
            found = self._run(statement, values)
        except (errors.QueryCanceled, DBAPIError) as error:
            if sqlstate(error) != TOO_SLOW:
                raise
            driver.execute("ROLLBACK TO SAVEPOINT asked")
            found = None
        driver.execute("RELEASE SAVEPOINT asked")
        return found

    def whole(self, statement: str) -> list[Row]:
        """Return a statement's rows, however long it takes."""
        driver_of(self.connection).execute("SET LOCAL statement_timeout = 0")
        return self._run(statement, None)

    def either(
        self,
        ctx: Context,
        table: Table,
        count: Callable[[FromClause], Select[Any]],
        *,
        whole: bool = True,
    ) -> tuple[Row, float]:
        """Return the one row that `count` asks of a table, and 0; in time, of all of it.

        Else, or where not the `whole` of it is asked for, of a part: then the second is how many
        percent of its rows were looked at.
        """
        found = self.ask(*bound_to(ctx, count(table.alias("q")))) if whole else None
        if found is not None:
            return found[0], 0.0
        share = self.share(qualified(ctx.tenant.schema, table.name))
        part = table.tablesample(func.system(share), name="q", seed=literal_column("1"))
        driver_of(self.connection).execute("SET LOCAL statement_timeout = 0")
        return self._run(*bound_to(ctx, count(part)))[0], share

    def some(self, listing: Listing) -> list[Row] | None:
        """Return a few records that a listing names."""
        statement = listing.statement
        if isinstance(statement, Select):
            return self.ask(statement.limit(RECORDS), listing.values)
        return self.ask(f"{statement} LIMIT {RECORDS}")

    def share(self, table: str) -> float:
        """Return which part of a table is looked at where not all of it can be, in percent."""
        return min(100.0, max(0.01, 100.0 * PART / max(1, self.rows.get(table, 0))))

    def _run(self, statement: str | Executable, values: Values | None) -> list[Row]:
        if isinstance(statement, str):
            return list(driver_of(self.connection).execute(statement.encode()).fetchall())
        return [tuple(row) for row in self.connection.execute(statement, dict(values or {}))]


def answers(asking: Asking, asked: Sequence[Question]) -> Iterator[Effect]:
    """Yield what the data says: only questions whose count is not zero.

    Where a part of a table was looked at, that is told once, as an effect of its own.
    """
    counted: dict[int, Count] = {}
    for table in dict.fromkeys(each.table for each in asked if each.table):
        places = [at for at, each in enumerate(asked) if each.table == table]
        counts = _together(asking, table, [asked[at] for at in places])
        counted.update(zip(places, counts, strict=True))
    for at, each in enumerate(asked):
        rows, sampled = counted[at] if each.table else _alone(asking, each)
        if rows:
            yield _effect(asking, each, rows, sampled=sampled)
    for table in dict.fromkeys(asked[at].table for at, (_, sampled) in counted.items() if sampled):
        touched = next(each.touches for each in asked if each.table == table)
        yield Effect("looked_at_part", touched, "notice", PART, sampled=True)


def _together(asking: Asking, table: str, asked: Sequence[Question]) -> list[Count]:
    """Count all conditions on one table in one pass over it."""
    counts = ", ".join(f"count(*) FILTER (WHERE {each.condition})" for each in asked)
    alive = "WHERE sys_trashed_at IS NULL"
    statement = f"SELECT {counts} FROM {table} {alive}"  # noqa: S608
    if any(each.verdict == "blocks" for each in asked):
        found: list[Row] | None = asking.whole(statement)
    else:
        found = asking.ask(statement)
    if found is not None:
        return [(int(count), False) for count in found[0]]
    part = f"{table} TABLESAMPLE SYSTEM ({asking.share(table)}) REPEATABLE (1)"
    [(seen, *some)] = asking.whole(f"SELECT count(*), {counts} FROM {part} {alive}")  # noqa: S608
    return [(round(count * asking.rows.get(table, 0) / max(1, seen)), True) for count in some]


def _alone(asking: Asking, question: Question) -> Count:
    """Count what is no condition on rows, such as records that share a value."""
    found = (
        asking.whole(question.count) if question.verdict == "blocks" else asking.ask(question.count)
    )
    # What takes too long to count and blocks nothing is left to the publish.
    return (int(found[0][0] or 0) if found else 0), False


def _effect(asking: Asking, question: Question, rows: int, *, sampled: bool) -> Effect:
    listing = _listing(question)
    shown = asking.ask(question.samples) if question.samples else None
    return Effect(
        question.code,
        question.touches,
        question.verdict,
        rows,
        samples=tuple(str(each[0]) for each in shown or ()),
        params=question.params,
        records=named_records(asking.some(listing) if listing else None),
        listing=listing,
        sampled=sampled,
    )


def named_records(rows: Sequence[Row] | None) -> tuple[Sample, ...]:
    """Return rows of a listing as records."""
    return tuple(Sample(row[0], "" if row[1] is None else str(row[1])) for row in rows or ())


def listed(connection: Connection, listing: Listing) -> Iterator[Sample]:
    """Yield every record that a listing names, as the server sends them."""
    statement = listing.statement
    if isinstance(statement, str):
        with driver_of(connection).cursor("listed") as cursor:
            cursor.execute(statement.encode())
            for row in cursor:
                yield from named_records([row])
        return
    streamed = connection.execution_options(yield_per=BLOCK)
    for found in streamed.execute(statement, dict(listing.values)):
        yield from named_records([tuple(found)])


def bound_to(ctx: Context, statement: Select[Any]) -> tuple[Select[Any], dict[str, object]]:
    """Return a statement and what it reads of its surroundings: the day, settings, who asks."""
    known, names = binds(ctx), statement.compile().params
    return statement, {name: known[name] for name in names if name in known}


def _listing(question: Question) -> Listing | None:
    """Return the statement that names every record a question counts: its id and the value."""
    if question.listing:
        return Listing(question.listing)
    if not question.condition:
        return None
    shown = f"left(({question.shown})::text, {LONGEST})" if question.shown else "''"
    return Listing(
        f"SELECT id, {shown} FROM {question.table} "  # noqa: S608
        f"WHERE sys_trashed_at IS NULL AND ({question.condition})"
    )
