"""Keeps the clocks of records: in the transaction that changes one, and when their time comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Cause, Context
from engine.records.conditions import Written
from engine.records.draft import Draft, read_row
from engine.records.entering import existing, put
from engine.records.formed import Stand
from engine.records.work import Work
from metamodel.duties import due_field, state_field
from metamodel.scripts import script_of_escalation
from workflow.doing import Hands
from workflow.runs import begin
from workflow.runs import keep as keep_runs
from workflow.service_levels.clock import acted, go_on, marks_due, shown
from workflow.service_levels.keeping import Kept, keep, let_lie, of_records
from workflow.service_levels.promises import promises_of

DOOR: Literal["clock"] = "clock"


@dataclass(frozen=True, slots=True)
class Timekeeper:
    """Looks at records and keeps how their clocks go on."""

    hands: Hands

    def look(
        self, ctx: Context, connection: Connection, entity: str, records: Sequence[Written],
        since: Mapping[UUID, datetime] | None = None,
    ) -> None:  # fmt: skip
        """Let the clocks of written records go on; new ones begin now, or at the instant given.

        Escalations that are due begin, each once, and are done after the transaction.
        """
        if not records:
            return
        whose = timing(ctx)
        work = Work.begin(whose, connection, self.hands.policy)
        promises = promises_of(work, entity, records)
        clocks = of_records(connection, ctx, entity, [each.id for each in records])
        changed: list[Kept] = []
        due: list[tuple[UUID, str, str]] = []
        for each in records:
            for group, promise in promises[each.id].items():
                before = clocks.get(each.id, {}).get(group)
                clock = go_on(before, promise, ctx.now, (since or {}).get(each.id))
                if clock is None:
                    continue
                if promise is not None:
                    marks = marks_due(clock, promise, ctx.now)
                    clock = acted(clock, promise, marks, ctx.now) if marks else clock
                    due += [(each.id, promise.level, mark) for mark in marks]
                if clock != before:
                    changed.append(Kept(each.id, group, clock))
        keep(connection, ctx, entity, changed)
        self._show(whose, connection, entity, changed)
        self._escalate(whose, connection, entity, due)

    def look_again(
        self, ctx: Context, connection: Connection, entity: str, ids: Sequence[UUID],
        since: Mapping[UUID, datetime] | None = None,
    ) -> None:  # fmt: skip
        """Let the clocks of records go on that nobody has just written, locked first."""
        work = Work.begin(timing(ctx), connection, self.hands.policy)
        work.lock({(entity, id_) for id_ in ids})
        rows = work.read(entity, ids)
        found = []
        for id_ in ids:
            row = rows.get(id_)
            if row is None or row["sys_trashed_at"] is not None:
                let_lie(connection, ctx, entity, id_)
                continue
            values, targets = read_row(work.entity(entity), row)
            found.append(Written(id_, values, values, targets))
        self.look(ctx, connection, entity, found, since)

    def _show(
        self, ctx: Context, connection: Connection, entity: str, changed: Sequence[Kept]
    ) -> None:
        """Write into records what they show of clocks that changed."""
        told: dict[UUID, dict[str, object]] = {}
        for each in changed:
            facts = shown(each.clock)
            told.setdefault(each.record, {}).update(
                {due_field(each.group): facts["due"], state_field(each.group): facts["state"]}
            )

        def build(work: Work) -> list[Draft]:
            work.read(entity, list(told))
            drafts = []
            for id_, values in told.items():
                draft = existing(work, work.entity(entity), id_)
                for key, value in values.items():
                    put(draft, key, value)
                drafts.append(draft)
            return drafts

        if told:
            self.hands.writing(connection).write(ctx, build)

    def _escalate(
        self, ctx: Context, connection: Connection, entity: str,
        due: Sequence[tuple[UUID, str, str]],
    ) -> None:  # fmt: skip
        runs = [
            begin(ctx, script_of_escalation(level, mark), Stand(entity, record))
            for record, level, mark in due
        ]
        keep_runs(connection, ctx, runs)
        self.hands.later(connection, runs)


def timing(ctx: Context) -> Context:
    """Return the context in which clocks write: for whoever set them off, under nobody's limits."""
    actor = replace(ctx.actor, kind="system", scopes=None)
    return replace(ctx, actor=actor, cause=Cause(DOOR), once=None, pool="")
