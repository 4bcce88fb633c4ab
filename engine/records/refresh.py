"""Values that follow the day: recomputed when a tenant's day turns, once for each day.

Fields with `refresh: daily` are stored, and go stale at midnight in the tenant's zone. Workers
look every few minutes which tenants' day has turned and defer a job for each; the job mends
set-wise what differs, with all that follows from it, and notes the day in the tenant.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from engine.compiled import CompiledModel
from engine.context import Context
from engine.database import Database
from engine.jobs import Job, defer
from engine.records.hooks import Hooks
from engine.records.recompute import mend
from engine.values.graph import is_computed
from engine.values.identity import new_id
from engine.walking import in_each

TURN, REFRESH = "day_turn", "refresh_daily"
COUNTER = "sys_counter"
DAY = "refresh_daily"
"""The name under which the days that were refreshed stand among the counters."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DayTurn:
    """Defers the refresh of every tenant whose day has turned; a `jobs.Recurring`.

    `seen` remembers the last day that needs no more of each tenant, so that an idle worker asks
    nothing of the database but which tenants there are.
    """

    database: Database
    tenants: Callable[[], Sequence[str]]
    system: Callable[[str], Context]
    seen: dict[str, date] = field(default_factory=dict)

    @property
    def cron(self) -> str:
        return "*/5 * * * *"

    def tick(self, at: datetime) -> None:
        """Defer what is due, at most one waiting job for each tenant."""
        in_each(self.tenants(), self.system, self._look, (_LOG, "The day was not turned"))

    def _look(self, ctx: Context) -> None:
        name = ctx.tenant.name
        if self.seen.get(name) == ctx.moment.today:
            return
        if not daily_fields(ctx.compiled) or is_refreshed(self.database, ctx):
            self.seen[name] = ctx.moment.today
            return
        self.database.unit(ctx, lambda on: defer(on, REFRESH, {}, queue="bulk", only_one=REFRESH))


@dataclass(frozen=True, slots=True)
class Refresh:
    """Refreshes one tenant for its present day; a `jobs.Task`. Run again, it finds less to do."""

    database: Database
    system: Callable[[str], Context]
    hooks: Sequence[Hooks] = ()

    @property
    def attempts(self) -> int:
        return 5

    def run(self, job: Job) -> None:
        """Refresh the tenant's values, unless somebody did today."""
        ctx = self.system(job.tenant)
        if not is_refreshed(self.database, ctx):
            job.report(refresh(self.database, ctx, self.hooks), 0, "")


def refresh(database: Database, ctx: Context, hooks: Sequence[Hooks] = ()) -> int:
    """Recompute what follows the day, note that it was done, return how many values changed."""
    fields = daily_fields(ctx.compiled)
    changed = sum(1 for _ in mend(database, ctx, only=fields, hooks=hooks))
    database.unit(ctx, lambda connection: _note(ctx, connection))
    return changed


def is_refreshed(database: Database, ctx: Context) -> bool:
    """Return whether the tenant's values are those of its present day."""
    columns = _columns(ctx)
    statement = select(columns["id"]).where(
        columns["name"] == DAY, columns["period"] == ctx.moment.today.isoformat()
    )
    with database.reading(ctx) as connection:
        return connection.execute(statement).first() is not None


def daily_fields(compiled: CompiledModel) -> frozenset[tuple[str, str]]:
    """Return the fields that are refreshed daily, and all stored ones that follow from them."""
    return compiled.keep(("daily",), lambda: _daily(compiled))


def _daily(compiled: CompiledModel) -> frozenset[tuple[str, str]]:
    graph = compiled.graph
    waiting = [
        (entity.key, each.key)
        for entity in compiled.model.entities.values()
        for each in entity.fields.values()
        if each.refresh == "daily" and is_computed(each)
    ]
    found: set[tuple[str, str]] = set()
    while waiting:
        entity, key = place = waiting.pop()
        if place in found:
            continue
        found.add(place)
        waiting += [(entity, each) for each in graph.own.get(place, ())]
        edges = graph.edges.get(entity, ())
        waiting += [(edge.entity, edge.field) for edge in edges if edge.source_field == key]
    return frozenset(found)


def _note(ctx: Context, connection: Connection) -> None:
    """Note the day, and forget those before it."""
    table, columns = ctx.compiled.tables.of(COUNTER), _columns(ctx)
    connection.execute(delete(table).where(columns["name"] == DAY))
    row = {"id": new_id(ctx.now), "name": DAY, "period": ctx.moment.today.isoformat(), "value": 1}
    values = {columns[key]: value for key, value in row.items()}
    connection.execute(insert(table).values(values).on_conflict_do_nothing())


def _columns(ctx: Context) -> dict[str, Any]:  # Any: columns of every type
    table = ctx.compiled.tables.of(COUNTER)
    fields = ctx.model.entities[COUNTER].fields
    return {"id": table.c.id} | {
        key: table.c[fields[key].column] for key in ("name", "period", "value")
    }
