"""A pipeline as of a day, its funnel with what fell out, and what changed between two days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args

from sqlalchemy import ColumnElement, Connection, Date, Numeric, Select, func, null, select
from sqlalchemy import cast as cast_to

from engine.access.grants import rights_key, sees_sql
from engine.access.policy import Readings
from engine.context import Context
from engine.doors import Access
from engine.query.aggregate import written_out
from engine.query.amounts import amount_field, tells_amount
from engine.query.binds import binds
from engine.query.legible import live_entity, require_legible
from engine.query.paging import cut
from engine.query.positions import Positions, places, positions, require_told
from engine.query.spec import ListQuery, Mark, MarkKind, Span, Whose
from engine.query.whose import whose
from formula.typed import Typed

BRIDGE: tuple[MarkKind, ...] = get_args(MarkKind)[4:]
"""The parts of what changed between two days, in order: the first, plus all others but the last,
is the last.
"""


@dataclass(frozen=True, slots=True)
class PastQuery:
    """What is asked of the memory of an entity's pipeline, over records for which `filter` holds
    now.
    """

    entity: str
    span: Span
    filter: Typed | None = None
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """How many records a mark stands for, and their amount; None where that is not told."""

    kind: MarkKind
    stage: str
    count: int
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Past:
    """Marks in order, and the statement they came from for those who may see it."""

    marks: tuple[Told, ...]
    sql: str = ""
    scope: Whose = "yours"

    def of(self, kind: MarkKind) -> dict[str, Told]:
        """Return the marks of one kind, by stage."""
        return {each.stage: each for each in self.marks if each.kind == kind}


class Standings:
    """Answers from the visits and changes that records leave, under the person's rights."""

    def __init__(self, database: Readings, access: Access) -> None:
        self._database = database
        self._access = access

    def as_of(self, ctx: Context, query: PastQuery) -> Past:
        """Return how many records were in each stage at the end of the time, and their amount."""
        stages = live_entity(ctx, query.entity).pipelines[query.span.pipeline].stages
        return self._told(ctx, query, [("stood", key) for key in stages])

    def funnel(self, ctx: Context, query: PastQuery) -> Past:
        """Return for each stage that leads on who reached it, who stayed in it and who fell out.

        Asked of the records that entered the pipeline in the time.
        """
        leading = places(live_entity(ctx, query.entity).pipelines[query.span.pipeline])
        kinds: tuple[MarkKind, ...] = ("reached", "stayed", "fell")
        return self._told(ctx, query, [(kind, key) for key in leading for kind in kinds])

    def bridge(self, ctx: Context, query: PastQuery) -> Past:
        """Return what became of the open amount between the two days, the parts in order."""
        return self._told(ctx, query, [(kind, "") for kind in BRIDGE])

    def _told(self, ctx: Context, query: PastQuery, asked: Sequence[tuple[MarkKind, str]]) -> Past:
        entity = live_entity(ctx, query.entity)
        tells = tells_amount(ctx, entity)
        if not tells:
            asked = [each for each in asked if each[0] not in ("grown", "shrunk")]
        for kind, stage in asked:
            require_told(ctx, query.entity, Mark(query.span, kind, stage))
        if query.filter is not None:
            require_legible(ctx, query.filter, where="filter")
        text = query.filter.asked if query.filter else None
        key = ("past", query.entity, query.span, text, tuple(asked), ctx.moment.zone)
        statement = ctx.compiled.keep(
            (*key, ctx.moment.today, *rights_key(ctx)),
            lambda: self._statement(ctx, query, asked),
        )
        with self._database.reading(ctx) as connection:
            row = _only(connection, statement, binds(ctx))
        marks = [
            Told(kind, stage, row[2 * at], row[2 * at + 1] if tells else None)
            for at, (kind, stage) in enumerate(asked)
        ]
        explained = query.explain and sees_sql(ctx)
        sql = written_out(ctx, statement, binds(ctx)) if explained else ""
        return Past(tuple(marks), sql, whose(ctx, self._access, query.entity, (query.filter,)))

    def _statement(
        self, ctx: Context, query: PastQuery, asked: Sequence[tuple[MarkKind, str]]
    ) -> Select[Any]:
        entity = ctx.model.entities[query.entity]
        body = cut(ctx, self._access, ListQuery(query.entity, filter=query.filter))
        row = body.reading.source.row
        amount = amount_field(entity)
        money = row.c[amount.column] if amount is not None and amount.column else null()
        day = row.c[entity.fields[query.span.day].column] if query.span.day else null()
        columns = [row.c.id, cast_to(money, Numeric()).label("amount")]
        mine = body.rows([*columns, cast_to(day, Date()).label("day")]).subquery("mine")
        found = positions(ctx, entity, query.span, mine)
        return select(*_figures(found, asked)).select_from(found.rows)


def _figures(found: Positions, asked: Sequence[tuple[MarkKind, str]]) -> list[ColumnElement[Any]]:
    """Return count and amount of each mark, all from one walk over the positions."""
    columns: list[ColumnElement[Any]] = []
    for at, (kind, stage) in enumerate(asked):
        meets = found.meets(kind, stage)
        amount = found.rows.c.amount_after if stage else found.amount(kind)
        columns.append(func.count().filter(meets).label(f"n{at}"))
        columns.append(func.coalesce(func.sum(amount).filter(meets), 0).label(f"a{at}"))
    return columns


def _only(connection: Connection, statement: Select[Any], values: dict[str, object]) -> Any:
    """Return the one row of a statement. Any: its columns are numbers of two kinds."""
    return connection.execute(statement, values).one()
