"""Where the records of a pipeline stood at two moments, from their visits and their changes.

A stage is read from the visits, an amount and a day from what the first change after the moment
replaced: what nobody changed since is as it is now. Records in the trash are in nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Numeric,
    Select,
    Subquery,
    and_,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, distinct_on
from sqlalchemy.types import Text

from engine.access.fields import field_rights
from engine.context import Context
from engine.errors import NotFound
from engine.query.amounts import amount_field
from engine.query.spec import Mark, MarkKind, Span
from metamodel.flows import Pipeline
from metamodel.model import Entity

VISITS = "sys_stage_visit"

WINS = ("won", "done")

Condition = ColumnElement[bool]
Sql = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Positions:
    """A statement of one row for each record, and what its columns mean.

    `rows` has `id`, whether it is `counted` as begun in the time, how far it came at the
    `furthest` (a place among the stages that lead on), and stage, amount and day `before` and
    `after`.
    """

    rows: Subquery
    pipeline: Pipeline
    span: Span

    def meets(self, kind: MarkKind, stage: str = "") -> Condition:
        """Return the condition on a record that a mark stands for it."""
        if stage:
            return self._of_stage(kind, stage)
        return self._moves()[kind][0]

    def amount(self, kind: MarkKind) -> Sql:
        """Return what a record adds to a part of the bridge; less than 0 where it takes away."""
        return self._moves()[kind][1]

    def _of_stage(self, kind: MarkKind, stage: str) -> Condition:
        rows = self.rows.c
        at = rows.after == stage
        if kind == "stood":
            return at
        if kind == "stayed":
            return and_(rows.counted, at)
        place = places(self.pipeline).get(stage)
        if place is None:
            return false()
        if kind == "reached":
            return and_(rows.counted, rows.furthest >= place)
        fallen = rows.after.in_(self._ending(WINS, others=True))
        return and_(rows.counted, fallen, rows.furthest == place)

    def _moves(self) -> Mapping[MarkKind, tuple[Condition, Sql]]:
        """Return each part of the bridge: whom it is about, and by how much it moves the sum."""
        rows = self.rows.c
        old, new = func.coalesce(rows.amount_before, 0), func.coalesce(rows.amount_after, 0)
        was, is_ = self._counts("before"), self._counts("after")
        won = _told(rows.after.in_(self._ending(WINS)))
        lost = _told(rows.after.in_(self._ending(WINS, others=True)))
        open_before = _told(rows.before.in_(self._ending(("",))))
        unknown = rows.before.is_(None)
        fresh = or_(unknown, _told(rows.before.in_(self._ending(WINS, others=True))))
        added = and_(~was, ~open_before, or_(is_, and_(fresh, won), and_(unknown, lost)))
        brought = and_(~was, open_before, or_(is_, won))
        stays = and_(was, or_(is_, won, lost))
        return {
            "opening": (was, old),
            "added": (added, new),
            "brought": (brought, new),
            "grown": (and_(stays, new > old), new - old),
            "shrunk": (and_(stays, new < old), new - old),
            "won": (and_(or_(was, added, brought), won), -new),
            "lost": (and_(or_(was, added), lost), -new),
            "slipped": (and_(was, ~is_, ~won, ~lost), -old),
            "closing": (is_, new),
        }

    def _counts(self, when: str) -> Condition:
        """Return whether a record counts as open at one of the moments."""
        there = _told(self.rows.c[when].in_(self._ending(("",))))
        if not self.span.day or self.span.by is None:
            return there
        return and_(there, _told(self.rows.c[f"day_{when}"] <= self.span.by))

    def _ending(self, ends: tuple[str, ...], *, others: bool = False) -> list[str]:
        """Return the stages that end so, or those that end in another way."""
        stages = self.pipeline.stages.values()
        if others:
            return [stage.key for stage in stages if stage.ends and stage.ends not in ends]
        return [stage.key for stage in stages if stage.ends in ends]


def places(pipeline: Pipeline) -> Mapping[str, int]:
    """Return the stages that lead on to the end that is aimed at, with their place from 1."""
    leading = (key for key, each in pipeline.stages.items() if each.ends in ("", *WINS))
    return {key: place for place, key in enumerate(leading, start=1)}


def behind(ctx: Context, entity: str, mark: Mark, row: FromClause) -> Condition:
    """Return the condition on a row that a mark stands for it."""
    kind = ctx.model.entities[entity]
    table = ctx.compiled.tables.of(entity).alias()
    amount = amount_field(kind)
    mine = select(
        table.c.id.label("id"),
        (table.c[amount.column] if amount and amount.column else null()).label("amount"),
        (table.c[kind.fields[mark.span.day].column] if mark.span.day else null()).label("day"),
    ).subquery("mine")
    found = positions(ctx, kind, mark.span, mine)
    return row.c.id.in_(select(found.rows.c.id).where(found.meets(mark.kind, mark.stage)))


def require_told(ctx: Context, entity: str, mark: Mark) -> None:
    """Raise `NotFound` for a mark that tells of what the person may not read."""
    kind = ctx.model.entities[entity]
    pipeline = kind.pipelines.get(mark.span.pipeline)
    rights = field_rights(ctx, kind)
    legible = rights.readable - rights.masked
    amount = amount_field(kind)
    hidden = mark.kind in ("grown", "shrunk") and (amount is None or amount.key not in legible)
    unknown = mark.stage and pipeline is not None and mark.stage not in pipeline.stages
    if pipeline is None or hidden or unknown or pipeline.field_key not in legible:
        raise NotFound(entity=kind.name, pipeline=mark.span.pipeline)
    if mark.span.day and mark.span.day not in legible:
        raise NotFound(entity=kind.name, field=mark.span.day)


def positions(ctx: Context, entity: Entity, span: Span, mine: FromClause) -> Positions:
    """Return where the records of `mine` (`id`, `amount`, `day`) stood before and after."""
    since = ends_at(ctx, span.since) if span.since is not None else None
    until = ends_at(ctx, span.until)
    stays = _stays(ctx, entity, entity.pipelines[span.pipeline], since, until).subquery("stays")
    joined: FromClause = mine.join(stays, stays.c.record == mine.c.id)
    columns: list[Sql] = [mine.c.id, stays.c.furthest, stays.c.counted]
    columns += [stays.c.before, stays.c.after]
    amount = amount_field(entity)
    for name, key, as_type in (
        ("amount", amount.key if amount else "", Numeric()),
        ("day", span.day, Date()),
    ):
        for when, moment in (("before", since), ("after", until)):
            value: Sql = mine.c[name]
            if key and moment is not None and moment <= ctx.now:
                changed = _replaced(ctx, entity.key, key, moment).subquery(f"{name}_{when}_was")
                joined = joined.outerjoin(changed, changed.c.record == mine.c.id)
                was = cast_to(changed.c.value, as_type)
                value = case((changed.c.record.is_not(None), was), else_=value)
            columns.append(cast_to(value, as_type).label(f"{name}_{when}"))
    rows = select(*columns).select_from(joined).subquery("positions")
    return Positions(rows, entity.pipelines[span.pipeline], span)


def ends_at(ctx: Context, day: date) -> datetime:
    """Return the moment at which a day ends where the person is."""
    # The last day that there is ends with itself.
    following = day + timedelta(days=1) if day < date.max else day
    return datetime.combine(following, time(), ZoneInfo(ctx.moment.zone))


def _stays(
    ctx: Context, entity: Entity, pipeline: Pipeline, since: datetime | None, until: datetime
) -> Select[Any]:
    """Return the stage of each record at both moments, when it began, and how far it came."""
    visit = ctx.compiled.tables.of(VISITS).alias("visit")
    fields = ctx.model.entities[VISITS].fields
    at = {key: visit.c[each.column] for key, each in fields.items() if each.column}
    latest = (at["entered_at"].desc(), visit.c.id.desc())
    stages: Sql = func.array_agg(aggregate_order_by(at["stage"], *latest), type_=ARRAY(Text()))
    known = literal(since) if since is not None else None
    before: Sql = null() if known is None else stages.filter(at["entered_at"] < known)[1]
    place = case(places(pipeline), value=at["stage"], else_=null())
    began = func.min(at["entered_at"])
    return (
        select(
            at["record"].label("record"),
            cast_to(before, Text()).label("before"),
            stages[1].label("after"),
            (true() if known is None else began >= known).label("counted"),
            func.max(place).label("furthest"),
        )
        .where(at["entity"] == entity.key, at["pipeline"] == pipeline.key)
        .where(at["entered_at"] < until)
        .group_by(at["record"])
    )


def _replaced(ctx: Context, entity: str, field: str, moment: datetime) -> Select[Any]:
    """Return what the first change of a field from a moment on put something else in place of."""
    change = ctx.compiled.tables.of("sys_change").alias()
    whole = ctx.compiled.tables.of("sys_change_set").alias()
    fields, sets = (ctx.model.entities[name].fields for name in ("sys_change", "sys_change_set"))
    at = {key: change.c[each.column] for key, each in fields.items() if each.column}
    when = whole.c[sets["at"].column]
    return (
        select(at["record"].label("record"), at["before"].op("->>")(field).label("value"))
        .join_from(change, whole, whole.c.id == at["change_set"])
        .where(at["entity"] == entity, when >= moment, at["before"].has_key(field))
        .order_by(at["record"], when, at["seq"])
        .ext(distinct_on(at["record"]))
    )


def _told(condition: Condition) -> Condition:
    """Return a condition that is false where it cannot be told."""
    return func.coalesce(condition, false())
