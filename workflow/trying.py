"""Trying an automation on a record: what it would do is done, looked at, and taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.access.grants import administers
from engine.context import Context
from engine.database import Database
from engine.errors import EngineError, Forbidden, NotFound
from engine.records.conditions import Written, hold
from engine.records.draft import read_row
from engine.records.formed import Stand, values_here
from engine.records.work import Work
from formula.typed import Typed
from metamodel.automation import Automation
from workflow.errors import StepFailed, reason
from workflow.runner import Runner
from workflow.runs import Done, Run, begin, ended

MOST_WAITS = 20
"""How often a run that is tried goes on after it has waited."""

MOST_CHANGES = 100
"""Changes that are told of."""

SETS, CHANGES = "sys_change_set", "sys_change"


@dataclass(frozen=True, slots=True)
class WouldChange:
    """What would become of one record: values by field key, as history keeps them."""

    entity: str
    record: UUID
    operation: str
    computed: bool
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Trial:
    """What an automation would do on a record; `holds` says whether its condition does now.

    `run` is as it would be kept, every wait passed over.
    """

    holds: bool
    run: Run
    changes: tuple[WouldChange, ...]


class _TakenBack(Exception):
    """Ends the transaction of a trial; carries what was seen."""

    def __init__(self, trial: Trial) -> None:
        super().__init__()
        self.trial = trial


@dataclass(frozen=True, slots=True)
class Trials:
    """Tries automations; its runner calls nobody, writes to nobody and defers nothing."""

    database: Database
    runner: Runner

    def on(self, ctx: Context, automation: Automation, record: UUID | None) -> Trial:
        """Return what an automation would do; raise `NotFound` for a record that is not there."""
        if not administers(ctx):
            raise Forbidden
        entity = automation.trigger.entity
        if (record is None) == bool(entity):
            raise NotFound(record=str(record or ""))

        def unit(connection: Connection) -> None:
            raise _TakenBack(self._tried(ctx, connection, automation, Stand(entity, record)))

        try:
            self.database.unit(ctx, unit)
        except _TakenBack as seen:
            return seen.trial
        raise TypeError("a trial is always taken back")

    def _tried(
        self, ctx: Context, connection: Connection, automation: Automation, stand: Stand
    ) -> Trial:
        work = Work.begin(ctx, connection, self.runner.hands.policy)
        if stand.record is not None and not work.read(stand.entity, [stand.record]):
            raise NotFound(record=str(stand.record))
        holds = automation.when is None or _holds(work, automation, automation.when, stand)
        before = frozenset(_sets(ctx, connection))
        run = begin(ctx, automation.key, stand)
        now = ctx
        for _ in range(MOST_WAITS):
            run = self._stretch(now, connection, run)
            if run.state != "waiting":
                break
            later = max(run.due or now.now, now.now)
            now = replace(now, moment=replace(now.moment, now=later))
        return Trial(holds, run, tuple(_changes(ctx, connection, before)))

    def _stretch(self, ctx: Context, connection: Connection, run: Run) -> Run:
        nested = connection.begin_nested()
        try:
            found = self.runner.go_on(ctx, connection, run)
        except StepFailed as error:
            nested.rollback()
            step = str(error.params.get("step", ""))
            told = replace(run, steps=(*run.steps, Done(step, "failed")))
            return ended(told, ctx.now, "failed", reason(error, step))
        except EngineError:
            nested.rollback()
            raise
        nested.commit()
        return found


def _holds(work: Work, automation: Automation, when: Typed, stand: Stand) -> bool:
    """Return whether a condition holds of a record as it is; what was before is the same."""
    if stand.record is None:
        return bool(values_here(work, stand, [when], ("tried", automation.key))[0])
    entity = work.entity(stand.entity)
    row = work.read(entity.key, [stand.record])[stand.record]
    values, targets = read_row(entity, row)
    now = Written(stand.record, values, values, targets)
    return automation.key in hold(work, entity, {automation.key: when}, [now])[stand.record]


# Any: columns of every type.
def _columns(ctx: Context, entity: str) -> dict[str, Any]:
    table = ctx.compiled.tables.of(entity)
    fields = ctx.model.entities[entity].fields
    return {"id": table.c.id} | {key: table.c[each.column] for key, each in fields.items()}


def _sets(ctx: Context, connection: Connection) -> Iterator[UUID]:
    """Yield the change sets of this very instant: none but those of others at the same time."""
    sets = _columns(ctx, SETS)
    yield from connection.execute(select(sets["id"]).where(sets["at"] >= ctx.now)).scalars()


def _changes(
    ctx: Context, connection: Connection, before: frozenset[UUID]
) -> Iterator[WouldChange]:
    """Yield what was written since the trial began, as history tells it."""
    sets = [each for each in _sets(ctx, connection) if each not in before]
    column = _columns(ctx, CHANGES)
    names = ("entity", "record", "operation", "computed", "before", "after")
    statement = (
        select(*(column[name].label(name) for name in names))
        .where(column["change_set"].in_(sets))
        .order_by(column["change_set"], column["seq"])
        .limit(MOST_CHANGES)
    )
    for row in connection.execute(statement):
        yield WouldChange(
            row.entity, row.record, row.operation, bool(row.computed),
            row.before or {}, row.after or {},
        )  # fmt: skip
