"""A pipeline as of a day, its funnel with what fell out, and what changed between two days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, assert_never, get_args

from sqlalchemy import ColumnElement, Date, Numeric, Select, func, null, select
from sqlalchemy import cast as cast_to

from engine.access.grants import rights_key
from engine.access.policy import Readings
from engine.context import Context
from engine.doors import Access
from engine.query.amounts import amount_field, tells_amount
from engine.query.binds import binds
from engine.query.legible import live_entity, require_legible
from engine.query.paging import cut
from engine.query.positions import Positions, places, positions, require_told
from engine.query.spec import ListQuery, Mark, MarkKind, Span, Whose
from engine.query.whose import whose
from engine.query.written import written_out
from formula.typed import Typed
from metamodel.flows import Pipeline

BRIDGE: tuple[MarkKind, ...] = get_args(MarkKind)[4:]
"""The parts of what changed between two days, in order: the first, plus all others but the last,
is the last.
"""


Tells = Literal["as_of", "funnel", "bridge"]
"""A pipeline as of a day, its funnel, or what changed of its open amount between two days."""


@dataclass(frozen=True, slots=True)
class PastQuery:
    """What is asked of the memory of an entity's pipeline, over records for which `filter` holds
    now.
    """

    entity: str
    span: Span
    tells: Tells
    filter: Typed | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """How many records a mark stands for, and their amount; None where that is not told."""

    kind: MarkKind
    stage: str
    count: int
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Past:
    """Marks in order, and whether they are over all records."""

    marks: tuple[Told, ...]
    scope: Whose = "yours"

    def of(self, kind: MarkKind) -> dict[str, Told]:
        """Return the marks of one kind, by stage."""
        return {each.stage: each for each in self.marks if each.kind == kind}


class Standings:
    """Answers from the visits and changes that records leave, under the person's rights."""

    def __init__(self, database: Readings, access: Access) -> None:
        self._database = database
        self._access = access

    def told(self, ctx: Context, query: PastQuery) -> Past:
        """Return the marks that are asked for, under the person's rights.

        `as_of` tells how many records were in each stage at the end of the time. `funnel` tells
        of those that entered the pipeline in the time, for each stage that leads on, who reached
        it, who is still in it and who fell out of it. `bridge` tells what became of the open
        amount between the two days, its parts in order.
        """
        asked = self._asked(ctx, query)
        statement = self._kept(ctx, query, asked)
        with self._database.reading(ctx) as connection:
            row = connection.execute(statement, binds(ctx)).one()
        tells = tells_amount(ctx, ctx.model.entities[query.entity])
        marks = tuple(
            Told(kind, stage, row[2 * at], row[2 * at + 1] if tells else None)
            for at, (kind, stage) in enumerate(asked)
        )
        return Past(marks, whose(ctx, self._access, query.entity, (query.filter,)))

    def written(self, ctx: Context, query: PastQuery) -> str:
        """Return the statement behind an answer, its values written out."""
        return written_out(ctx, self._kept(ctx, query, self._asked(ctx, query)), binds(ctx))

    def _asked(self, ctx: Context, query: PastQuery) -> tuple[tuple[MarkKind, str], ...]:
        """Return the marks that a question is about; raise for what the person may not be told."""
        entity = live_entity(ctx, query.entity)
        marks = _marks(entity.pipelines[query.span.pipeline], query.tells)
        if not tells_amount(ctx, entity):
            marks = tuple(each for each in marks if each[0] not in ("grown", "shrunk"))
        for kind, stage in marks:
            require_told(ctx, query.entity, Mark(query.span, kind, stage))
        if query.filter is not None:
            require_legible(ctx, query.filter, where="filter")
        return marks

    def _kept(
        self, ctx: Context, query: PastQuery, asked: Sequence[tuple[MarkKind, str]]
    ) -> Select[Any]:
        text = query.filter.asked if query.filter else None
        key = ("past", query.entity, query.span, query.tells, text, ctx.moment.zone)
        return ctx.compiled.keep(
            (*key, ctx.moment.today, *rights_key(ctx)),
            lambda: self._statement(ctx, query, asked),
        )

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


def _marks(pipeline: Pipeline, tells: Tells) -> tuple[tuple[MarkKind, str], ...]:
    """Return the marks of a question: kinds, and the stages they are of."""
    match tells:
        case "as_of":
            return tuple(("stood", key) for key in pipeline.stages)
        case "funnel":
            kinds: tuple[MarkKind, ...] = ("reached", "stayed", "fell")
            return tuple((kind, key) for key in places(pipeline) for kind in kinds)
        case "bridge":
            return tuple((kind, "") for kind in BRIDGE)
        case _:
            assert_never(tells)
