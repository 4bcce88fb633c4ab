"""A schedule over very many records: their runs are begun part by part, by a run of its own.

Each part is a transaction in which it is kept how far that is: a worker that dies in between
has lost nothing, another goes on after the last record, and whoever looks sees how many it were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Integer, Select, Uuid, bindparam, select

from engine.context import Context
from engine.records.formed import Part, Stand, ids_where
from engine.records.work import Work
from metamodel.automation import Automation
from workflow.doing import Hands
from workflow.runs import ALL, Done, Run, begin, ended, keep

PART = 2_000
"""Records whose runs are begun in one transaction."""


def begun_over(work: Work, automation: Automation) -> list[Run]:
    """Return the runs of a schedule over records: one for each, or one that begins them all."""
    ids = _next_of(work, automation, Part(UUID(int=0), PART + 1))
    if len(ids) <= PART:
        return _on(work.ctx, automation, ids)
    whole = begin(work.ctx, automation.key, Stand(automation.trigger.entity))
    return [replace(whole, place=(ALL,))]


def spread(
    ctx: Context, connection: Connection, hands: Hands, run: Run, automation: Automation
) -> Run:
    """Begin the runs of the next part of the records; return the run that does so after it."""
    work = Work.begin(ctx, connection, hands.policy)
    reached = UUID(run.place[1]) if len(run.place) > 1 else UUID(int=0)
    ids = _next_of(work, automation, Part(reached, PART))
    runs = _on(ctx, automation, ids)
    keep(connection, ctx, runs)
    hands.later(connection, runs)
    count = _count(run) + len(ids)
    told = Done("", "begun", {"over": [automation.trigger.entity, count]})
    run = replace(run, steps=(told,))
    if len(ids) < PART:
        return ended(replace(run, place=(ALL,)), ctx.now, "done")
    return replace(run, place=(ALL, str(ids[-1])))


def _on(ctx: Context, automation: Automation, ids: Sequence[UUID]) -> list[Run]:
    return [begin(ctx, automation.key, Stand(automation.trigger.entity, each)) for each in ids]


def _count(run: Run) -> int:
    found: Any = run.steps[0].words.get("over") if run.steps else None
    return int(found[1]) if found else 0


def _next_of(work: Work, automation: Automation, part: Part) -> list[UUID]:
    """Return the next live records that a schedule is over, by id."""
    entity, key = automation.trigger.entity, ("timed", automation.key)
    if automation.when is not None:
        return ids_where(work, Stand(entity), entity, automation.when, key, part)

    def make() -> Select[Any]:
        table = work.ctx.compiled.tables.of(entity)
        later = table.c.id > bindparam("after", type_=Uuid())
        found = select(table.c.id).where(table.c.sys_trashed_at.is_(None), later)
        return found.order_by(table.c.id).limit(bindparam("most", type_=Integer()))

    return [row[0] for row in work.run(("all of", entity), make, after=part.after, most=part.most)]
