"""Looks at clocks whose time has come, and at all of them where what they count by has changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zlib import crc32

from sqlalchemy import Connection, Select, any_, not_, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.compiled import CompiledModel
from engine.context import Context
from engine.database import Database
from engine.jobs import Job, defer
from engine.notices.tables import columns_of
from engine.query.joins import RowSource
from engine.records.work import IDS, Work
from engine.values.identity import new_id
from engine.walking import in_each
from formula import compile_filter
from metamodel.duties import ServiceLevel
from workflow.service_levels.keeping import due_now, open_of
from workflow.service_levels.looking import Looker
from workflow.service_levels.timekeeper import Timekeeper

LEVELS = "service_level.clocks"

TASK = "service_level.again"

COUNTER = "sys_counter"

AT_ONCE = 100
"""Records that one unit of work looks at."""

MOST_PER_TICK = 5_000

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ticking:
    """Looks at the clocks of every tenant each minute; a `jobs.Recurring`."""

    database: Database
    timekeeper: Timekeeper
    tenants: Callable[[], Sequence[str]]
    system: Callable[[str], Context]

    @property
    def cron(self) -> str:
        return "* * * * *"

    def tick(self, at: datetime) -> None:
        """Look at each tenant's clocks; one that cannot be reached keeps nobody waiting."""
        in_each(self.tenants(), self.system, self._tend, (_LOG, "Clocks were not looked at"))

    def _tend(self, ctx: Context) -> None:
        if ctx.model.service_levels and not ctx.tenant.frozen:
            self.database.unit(ctx, lambda connection: _compare(ctx, connection))
            self.look(ctx)

    def look(self, ctx: Context) -> int:
        """Let the clocks of a tenant go on whose time has come; return of how many records."""
        seen = 0
        while seen < MOST_PER_TICK and ctx.model.service_levels:
            with self.database.reading(ctx) as connection:
                due = due_now(connection, ctx, AT_ONCE)
            if not due:
                break
            for entity in sorted({entity for entity, _ in due}):
                ids = [record for kind, record in due if kind == entity]
                Looker(self.database, self.timekeeper).look_at(ctx, entity, ids)
            seen += len(due)
        return seen


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Looks at all records of a service level, after it or its calendar was changed; a `Task`."""

    database: Database
    timekeeper: Timekeeper
    system: Callable[[str], Context]

    @property
    def attempts(self) -> int:
        """How often it is tried while the database is away."""
        return 5

    def run(self, job: Job) -> None:
        """Let all clocks go on, and begin those of records that are there already."""
        ctx = self.system(job.tenant)
        level = ctx.model.service_levels.get(str(job.payload["level"]))
        if level is None or not level.active:
            return
        with self.database.reading(ctx) as connection:
            waiting = _waiting(ctx, connection, self.timekeeper, level)
            ids = sorted({*open_of(connection, ctx, level.key), *waiting})
        for start in range(0, len(ids), AT_ONCE):
            self._part(ctx, level, ids[start : start + AT_ONCE])
            job.report(min(start + AT_ONCE, len(ids)), len(ids), "")

    def _part(self, ctx: Context, level: ServiceLevel, ids: Sequence[UUID]) -> None:
        since: Mapping[UUID, datetime] = {}
        if level.start_when is None:
            with self.database.reading(ctx) as connection:
                since = _made_at(ctx, connection, level, ids)
        Looker(self.database, self.timekeeper).look_at(ctx, level.entity, ids, since)


def digest_of(compiled: CompiledModel, level: ServiceLevel) -> int:
    """Return a number that changes with what a service level promises, or its calendar."""
    calendar = compiled.model.calendars.get(level.calendar) or compiled.model.calendars[""]
    facts: list[object] = [level.active, level.calendar, calendar]
    facts += [each and each.text for each in
              (level.when, level.start_when, level.pause_when, level.stop_when)]  # fmt: skip
    facts += [
        (each.key, each.group, each.within, *(f and f.text for f in
         (each.hours, each.when, each.stop_when)))
        for each in level.targets.values()
    ]  # fmt: skip
    facts += [(each.key, each.target, each.share, each.after) for each in level.escalation]
    return crc32(repr(facts).encode())


def _compare(ctx: Context, connection: Connection) -> None:
    """Have the records of a service level looked at again where it is not as it was."""
    table, column = columns_of(ctx, COUNTER)
    for level in ctx.model.service_levels.values():
        digest = digest_of(ctx.compiled, level)
        row = {"id": new_id(ctx.now), "name": TASK, "period": level.key, "value": digest}
        named = {column[key].name: each for key, each in row.items()}
        mine = (column["name"] == TASK, column["period"] == level.key, column["value"] != digest)
        made = insert(table).values(named).on_conflict_do_nothing().returning(column["id"])
        later = update(table).where(*mine).values({column["value"].name: digest})
        changed = connection.execute(made).first()
        changed = changed or connection.execute(later.returning(column["id"])).first()
        if changed is not None:
            defer(connection, TASK, {"level": level.key}, only_one=level.key)


def _waiting(
    ctx: Context, connection: Connection, timekeeper: Timekeeper, level: ServiceLevel
) -> list[UUID]:
    """Return live records that a service level is for, and has not ended of."""
    work = Work.begin(ctx, connection, timekeeper.hands.policy)

    def make() -> Select[Any]:
        source = RowSource.over(
            ctx.compiled, level.entity, ctx.compiled.tables.of(level.entity).alias()
        )
        wanted = (level.when, level.start_when)
        chosen = [
            *source.alive(),
            *(compile_filter(each, source) for each in wanted if each is not None),
        ]
        if level.stop_when is not None:
            chosen.append(not_(compile_filter(level.stop_when, source)))
        return select(source.row.c.id).select_from(source.joins.clause()).where(*chosen)

    return [row[0] for row in work.run(("level waits", level.key), make)]


def _made_at(
    ctx: Context, connection: Connection, level: ServiceLevel, ids: Sequence[UUID]
) -> dict[UUID, datetime]:
    table = ctx.compiled.tables.of(level.entity)
    column = table.c[ctx.model.entities[level.entity].fields["created_at"].column]
    statement = select(table.c.id, column).where(table.c.id == any_(IDS))
    rows = connection.execute(statement, {"ids": list(ids)})
    return {row[0]: row[1] for row in rows}
