"""The memory of stages as queries: where a record has been, and how records flow in a time.

Time is working time by the app's default calendar, else hours on the clock; the present stage
counts until now. An amount is told to whoever may read the field that it was taken from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Numeric,
    Select,
    Text,
    bindparam,
    case,
    func,
    literal,
    select,
)
from sqlalchemy import cast as cast_to

from engine.access.fields import field_rights
from engine.access.grants import rights_key
from engine.access.policy import Readings
from engine.context import Context
from engine.doors import Access
from engine.errors import NotFound
from engine.query.amounts import tells_amount
from engine.query.binds import binds
from engine.query.get import get
from engine.query.joins import RowSource
from engine.query.legible import live_entity, require_legible
from engine.query.paging import cut
from engine.query.spec import LinkValue, ListQuery
from engine.query.titles import titles_of
from engine.query.written import written_out
from formula import check, compile_sql, parse
from formula.typed import Typed
from metamodel.flows import Pipeline
from metamodel.model import Entity
from metamodel.scope import scope_of

VISITS = "sys_stage_visit"


@dataclass(frozen=True, slots=True)
class Visit:
    """A record's stay in one stage: stage and pipeline by key, times in UTC, hours worked."""

    pipeline: str
    stage: str
    entered_at: datetime
    entered_by: LinkValue | None
    left_at: datetime | None
    left_by: LinkValue | None
    amount: Decimal | None
    hours: Decimal | None


@dataclass(frozen=True, slots=True)
class Flow:
    """One stage in a time: visits that began in it, and what became of those since.

    `onward` counts by the stage that was entered next; `here` are still in the stage. `hours`
    is the average of a visit that ended, `amount` the sum at the time of entering.
    """

    stage: str
    entered: int
    here: int
    onward: Mapping[str, int] = field(default_factory=dict)
    hours: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FlowQuery:
    """Visits of a pipeline (by key) that began from `since` on and before `until`."""

    entity: str
    pipeline: str
    since: datetime
    until: datetime
    filter: Typed | None = None


class StageMemory:
    """Answers from the visits that every move leaves, under the person's rights."""

    def __init__(self, database: Readings, access: Access) -> None:
        self._database = database
        self._access = access

    def visits(self, ctx: Context, entity: str, record: UUID) -> tuple[Visit, ...]:
        """Return where a record has been, the latest first; raise `NotFound` if not readable."""
        kind = live_entity(ctx, entity)
        with self._database.reading(ctx) as connection:
            get(ctx, self._access, connection, entity, [record], trashed=True)
            asked = {**binds(ctx), "of": entity, "which": record}
            rows = [dict(row) for row in connection.execute(_visits(ctx), asked).mappings()]
            ids = {row[key] for row in rows for key in ("entered_by", "left_by") if row[key]}
            people = titles_of(ctx, self._access, connection, "user", ids)
        told, seen = tells_amount(ctx, kind), _legible_pipelines(ctx, kind)
        return tuple(_visit(row, people, told=told) for row in rows if row["pipeline"] in seen)

    def flow(self, ctx: Context, query: FlowQuery) -> tuple[Flow, ...]:
        """Return each stage of a pipeline in its order, over records the person may read."""
        kind = live_entity(ctx, query.entity)
        pipeline = kind.pipelines[query.pipeline]
        if pipeline.key not in _legible_pipelines(ctx, kind):
            raise NotFound(entity=kind.name, pipeline=pipeline.name)
        if query.filter is not None:
            require_legible(ctx, query.filter, where="filter")
        with self._database.reading(ctx) as connection:
            rows = self._rows(ctx, connection, query, {**binds(ctx), **_asked(query)})
        told = tells_amount(ctx, kind)
        return tuple(_flow(stage, rows, told=told) for stage in _known(pipeline, rows))

    def written(self, ctx: Context, query: FlowQuery) -> str:
        """Return the statement behind a flow, its values written out."""
        statement = _flows(ctx, self._access, query)
        return written_out(ctx, statement, {**binds(ctx), **_asked(query)})

    def _rows(
        self,
        ctx: Context,
        connection: Connection,
        query: FlowQuery,
        asked: Mapping[str, object],
    ) -> Sequence[Mapping[str, Any]]:
        text = query.filter.asked if query.filter else None
        key = ("stage flow", query.entity, query.pipeline, text, *rights_key(ctx))
        statement = ctx.compiled.keep(key, lambda: _flows(ctx, self._access, query))
        return [dict(row) for row in connection.execute(statement, asked).mappings()]


def _asked(query: FlowQuery) -> Mapping[str, object]:
    return {
        "of": query.entity, "along": query.pipeline, "since": query.since, "until": query.until,
    }  # fmt: skip


def _legible_pipelines(ctx: Context, entity: Entity) -> frozenset[str]:
    """Return the pipelines whose stage the person may read of a record."""
    rights = field_rights(ctx, entity)
    legible = rights.readable - rights.masked
    return frozenset(key for key, each in entity.pipelines.items() if each.field_key in legible)


def _columns(ctx: Context, row: Any) -> dict[str, Any]:  # Any: columns of every type
    fields = ctx.model.entities[VISITS].fields
    return {key: row.c[each.column] for key, each in fields.items() if each.column}


def _hours(ctx: Context, row: Any, end: str) -> ColumnElement[Any]:  # Any: an alias of a table
    """Return the time from entering to `end`, a formula over the visit."""
    text = f'DATEDIFF(entered_at, {end}, "minute") / 60'
    if "" in ctx.model.calendars:
        text = f"WORKHOURS(entered_at, {end})"
    typed = check(parse(f"ROUND({text}, 4)"), scope_of(ctx.model, VISITS))
    return compile_sql(typed, RowSource.over(ctx.compiled, VISITS, row))


def _visits(ctx: Context) -> Select[Any]:
    def make() -> Select[Any]:
        row = ctx.compiled.tables.of(VISITS).alias()
        columns = _columns(ctx, row)
        named = [column.label(key) for key, column in columns.items() if key != "id"]
        return (
            select(*named, _hours(ctx, row, "COALESCE(left_at, NOW())").label("hours"))
            .where(columns["entity"] == bindparam("of", type_=Text()))
            .where(columns["record"] == bindparam("which", type_=row.c.id.type))
            .order_by(columns["entered_at"].desc(), row.c.id.desc())
        )

    return ctx.compiled.keep(("visits of a record",), make)


def _visit(row: Mapping[str, Any], people: Mapping[UUID, LinkValue], *, told: bool) -> Visit:
    return Visit(
        pipeline=row["pipeline"],
        stage=row["stage"],
        entered_at=row["entered_at"],
        entered_by=people.get(row["entered_by"]),
        left_at=row["left_at"],
        left_by=people.get(row["left_by"]),
        amount=row["amount"] if told else None,
        hours=row["hours"],
    )


def _flows(ctx: Context, access: Access, query: FlowQuery) -> Select[Any]:
    """Return the statement: visits that began in the time, by stage and the stage after it."""
    body = cut(ctx, access, ListQuery(query.entity, filter=query.filter))
    mine = body.rows([body.reading.source.row.c.id]).subquery("mine")
    row = ctx.compiled.tables.of(VISITS).alias("visit")
    columns = _columns(ctx, row)
    order = {"partition_by": columns["record"], "order_by": (columns["entered_at"], row.c.id)}
    visits = (
        select(
            columns["stage"].label("stage"),
            columns["entered_at"].label("entered_at"),
            columns["left_at"].label("left_at"),
            columns["amount"].label("amount"),
            func.lead(columns["stage"]).over(**order).label("onward"),
            _hours(ctx, row, "left_at").label("hours"),
        )
        .join_from(row, mine, mine.c.id == columns["record"])
        .where(columns["entity"] == bindparam("of", type_=Text()))
        .where(columns["pipeline"] == bindparam("along", type_=Text()))
        .subquery("visits")
    )
    since, until = (bindparam(name, type_=DateTime(timezone=True)) for name in ("since", "until"))
    still = visits.c.left_at.is_(None)
    return (
        select(
            visits.c.stage,
            case((still, literal("")), else_=func.coalesce(visits.c.onward, "")).label("onward"),
            still.label("here"),
            func.count().label("entered"),
            cast_to(func.sum(visits.c.hours), Numeric()).label("hours"),
            func.sum(visits.c.amount).label("amount"),
        )
        .where(visits.c.entered_at >= since, visits.c.entered_at < until)
        .group_by(visits.c.stage, visits.c.onward, still)
    )


def _known(pipeline: Pipeline, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the stages in their order, then those that the pipeline had once."""
    return list(dict.fromkeys((*pipeline.stages, *sorted(row["stage"] for row in rows))))


def _flow(stage: str, rows: Sequence[Mapping[str, Any]], *, told: bool) -> Flow:
    mine = [row for row in rows if row["stage"] == stage]
    ended = [row for row in mine if not row["here"]]
    hours = sum((row["hours"] or Decimal(0) for row in ended), Decimal(0))
    count = sum(row["entered"] for row in ended)
    onward: dict[str, int] = {}
    for row in ended:
        if row["onward"]:
            onward[row["onward"]] = onward.get(row["onward"], 0) + row["entered"]
    amounts = [row["amount"] for row in mine if row["amount"] is not None]
    return Flow(
        stage=stage,
        entered=sum(row["entered"] for row in mine),
        here=sum(row["entered"] for row in mine if row["here"]),
        onward=onward,
        hours=round(hours / count, 4) if count else None,
        amount=sum(amounts, Decimal(0)) if told and amounts else None,
    )
