"""A schedule, or a day, over very many records: their runs are begun part by part, by one more run.

Each part is a transaction in which it is kept how far that is: a worker that dies in between
has lost nothing, another goes on after the last record, and whoever looks sees how many it were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Integer, Select, Uuid, bindparam, select

from engine.context import Context
from engine.records.formed import Part, Stand, ids_where, values_of
from engine.records.work import Work
from metamodel.automation import Automation
from workflow.doing import Hands
from workflow.due import Due, Window, due_records
from workflow.runs import ALL, DUE, Done, Place, Run, begin, ended, keep

PART = 2_000
"""Records whose runs are begun in one transaction."""

FIRST = UUID(int=0)


def begun_over(work: Work, automation: Automation) -> list[Run]:
    """Return the runs of a schedule over records: one for each, or one that begins them all."""
    ids = _next_of(work, automation, Part(FIRST, PART + 1))
    if len(ids) <= PART:
        return _on(work.ctx, automation, ids)
    whole = begin(work.ctx, automation.key, Stand(automation.trigger.entity))
    return [replace(whole, place=(ALL,))]


def begun_due(work: Work, automation: Automation, window: Window) -> list[Run]:
    """Return the runs on records whose day has come; of very many, one more begins the others."""
    found = _next_due(work, automation, window, FIRST)
    runs = _on(work.ctx, automation, found.ids)
    if found.reached is None:
        return runs
    entity = automation.trigger.entity
    span = (window.after.isoformat(), window.until.isoformat())
    told = Done("", "begun", {"over": [entity, len(runs)]})
    rest = begin(work.ctx, automation.key, Stand(entity))
    return [*runs, replace(rest, place=(DUE, *span, str(found.reached)), steps=(told,))]


def is_spread(place: Place) -> bool:
    """Return whether a run begins those of many records."""
    return place[:1] in ((ALL,), (DUE,))


def from_first(place: Place) -> Place:
    """Return where such a run begins anew."""
    return place[: _named(place)]


def spread(
    ctx: Context, connection: Connection, hands: Hands, run: Run, automation: Automation
) -> Run:
    """Begin the runs of the next part of the records; return the run that does so after it."""
    work = Work.begin(ctx, connection, hands.policy)
    found = _next_part(work, automation, run.place)
    runs = _on(ctx, automation, found.ids)
    keep(connection, ctx, runs)
    hands.later(connection, runs)
    count = _count(run) + len(runs)
    told = Done("", "begun", {"over": [automation.trigger.entity, count]})
    run = replace(run, steps=(told,))
    if found.reached is None:
        return ended(replace(run, place=from_first(run.place)), ctx.now, "done")
    return replace(run, place=(*from_first(run.place), str(found.reached)))


def _on(ctx: Context, automation: Automation, ids: Sequence[UUID]) -> list[Run]:
    return [begin(ctx, automation.key, Stand(automation.trigger.entity, each)) for each in ids]


def _count(run: Run) -> int:
    found: Any = run.steps[0].words.get("over") if run.steps else None
    return int(found[1]) if found else 0


def _named(place: Place) -> int:
    """Return how many words of a place say what the run is over; the next is how far it is."""
    return 1 if place[0] == ALL else 3


def _next_part(work: Work, automation: Automation, place: Place) -> Due:
    """Return the records of the part after the one that a run has reached."""
    reached = UUID(place[_named(place)]) if len(place) > _named(place) else FIRST
    if place[0] == ALL:
        ids = _next_of(work, automation, Part(reached, PART))
        return Due(tuple(ids), ids[-1] if len(ids) == PART else None)
    since, until = (datetime.fromisoformat(each) for each in place[1:3])
    return _next_due(work, automation, Window(since, until), reached)


def _next_due(work: Work, automation: Automation, window: Window, reached: UUID) -> Due:
    """Return records of a part whose day has come, and for which the condition holds."""
    found = due_records(work, automation.trigger, window, Part(reached, PART))
    if automation.when is None or not found.ids:
        return found
    stand, key = Stand(automation.trigger.entity), ("timed", automation.key)
    holds = values_of(work, stand, found.ids, [automation.when], key)
    wanted = (each for each in found.ids if each in holds and holds[each][0])
    return replace(found, ids=tuple(wanted))


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
