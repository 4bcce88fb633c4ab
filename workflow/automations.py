"""Automations set off by changes of records: some inside their transaction, others after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import Connection

from engine.changes import Change, RecordChange
from engine.context import Context
from engine.errors import FieldError, RecordRefused
from engine.records.conditions import Written, hold, hold_of_new, values_read, written
from engine.records.draft import Draft
from engine.records.formed import Stand
from engine.records.work import Work
from formula.typed import Typed
from metamodel.automation import Automation
from metamodel.model import Entity
from workflow.alarms import tell_of
from workflow.errors import StepFailed, reasons_of
from workflow.runner import Runner
from workflow.runs import Done, Run, begin, ended, keep, of_chains
from workflow.watches import concerns, merged, sets_off, watches_of

DEEPEST = 10
"""Automations that may set each other off, one after the other."""

MOST_OF_CHAIN = 5_000
"""Runs that one change may lead to by what it set off itself, which may be any number: a step
over very many records sets off what waits for each of them, as an import of them does."""

ITSELF = 2
"""Automations in a chain up to those that its first one set off itself."""

MANY = 50
"""New records from which on the database is asked which conditions hold, and no row is read."""


@dataclass(frozen=True, slots=True)
class Automations:
    """Sees every change of records, and sets off what the app does of itself; a `Hooks`."""

    runner: Runner

    def concerns(self, ctx: Context, entity: str) -> bool:
        """Return whether changes of an entity may set anything off."""
        return concerns(ctx.compiled, entity)

    def watches(self, ctx: Context, entity: str) -> bool:
        """Return the same of changes as of new records."""
        return self.concerns(ctx, entity)

    def before_commit(
        self, ctx: Context, connection: Connection, change: Change, records: Sequence[Draft]
    ) -> None:
        """Begin the runs that a change sets off; those that are immediate are done at once."""
        work = Work.begin(ctx, connection, self.runner.hands.policy)
        begun: list[Run] = []
        chain = _Chain(ctx, connection)
        for automation, record, values in _set_off(work, change, records):
            run = begin(ctx, automation.key, Stand(automation.trigger.entity, record))
            if values:
                run = replace(run, steps=(Done("", "begun", {"values": values}),))
            begun.append(self._begun(ctx, connection, automation, run, chain))
        keep(connection, ctx, begun)
        if any(run.state == "stopped" for run in begun):
            tell_of(ctx, connection, [run for run in begun if run.state == "stopped"])
        self.runner.hands.later(connection, [run for run in begun if run.state == "waiting"])

    def _begun(
        self, ctx: Context, connection: Connection, automation: Automation, run: Run,
        chain: _Chain,
    ) -> Run:  # fmt: skip
        if len(run.chain) > DEEPEST:
            return ended(run, ctx.now, "stopped", {"code": "chain_too_deep", "most": DEEPEST})
        if len(run.chain) > ITSELF and chain.is_full(run.root):
            return ended(run, ctx.now, "stopped", {"code": "chain_too_long", "most": MOST_OF_CHAIN})
        if not automation.immediate:
            return run
        try:
            return self.runner.go_on(ctx, connection, run, whole=True)
        except StepFailed as error:
            raise refused_by(automation, error) from error


def refused_by(automation: Automation, error: StepFailed) -> RecordRefused:
    """Return the refusal of a change whose immediate automation could not be done."""
    params = {"automation": automation.label or automation.name, **error.params}
    return RecordRefused([FieldError("automation_failed", (), params), *reasons_of(error)])


@dataclass(slots=True)
class _Chain:
    """How many runs chains have had, counted once in a unit."""

    ctx: Context
    connection: Connection
    counts: dict[UUID, int] = field(default_factory=dict)

    def is_full(self, root: UUID) -> bool:
        """Count one more; return whether that is one too many."""
        if root not in self.counts:
            roots = {root, *self.ctx.cause.roots.values()} - self.counts.keys()
            self.counts |= dict.fromkeys(roots, 0)
            self.counts |= of_chains(self.connection, self.ctx, roots, ITSELF)
        self.counts[root] += 1
        return self.counts[root] > MOST_OF_CHAIN


SetOff = tuple[Automation, UUID, Mapping[str, object]]
"""An automation, the record on which it is set off, and the values that its condition read."""


def _set_off(work: Work, change: Change, drafts: Sequence[Draft]) -> Iterator[SetOff]:
    """Yield what a change sets off: automations of the right kind whose conditions hold."""
    watches = watches_of(work.ctx.compiled)
    groups: dict[str, list[RecordChange]] = {}
    for each in merged([each for each in change.records if each.entity in watches]):
        groups.setdefault(each.entity, []).append(each)
    for key, changes in groups.items():
        entity = work.entity(key)
        kinds = {
            each.id: [one for one in watches[key] if sets_off(one, entity, each)]
            for each in changes
        }
        concerned = [each for each in changes if kinds[each.id]]
        if concerned:
            yield from _holding(work, entity, kinds, concerned, drafts)


def _holding(
    work: Work,
    entity: Entity,
    kinds: Mapping[UUID, Sequence[Automation]],
    changes: Sequence[RecordChange],
    drafts: Sequence[Draft],
) -> Iterator[SetOff]:
    conditions = {
        one.key: one.when for each in changes for one in kinds[each.id] if one.when is not None
    }
    holding: Mapping[UUID, frozenset[str]] = {}
    rows: Mapping[UUID, Written] = {}
    if conditions:
        own = [draft for draft in drafts if draft.entity.key == entity.key]
        holding, rows = _answered(work, entity, conditions, changes, own)
    for each in changes:
        for one in kinds[each.id]:
            if one.when is None:
                yield one, each.id, {}
            elif one.key in holding.get(each.id, ()):
                yield one, each.id, values_read(entity, one.when, rows[each.id])


def _answered(
    work: Work,
    entity: Entity,
    conditions: Mapping[str, Typed],
    changes: Sequence[RecordChange],
    drafts: Sequence[Draft],
) -> tuple[Mapping[UUID, frozenset[str]], Mapping[UUID, Written]]:
    """Return which conditions hold of changed records, and the records as far as some do."""
    if len(changes) < MANY or drafts or any(each.operation != "create" for each in changes):
        found = written(work, changes, drafts)
        return hold(work, entity, conditions, found), {each.id: each for each in found}
    holding = hold_of_new(work, entity, conditions, [each.id for each in changes])
    few = [each for each in changes if holding.get(each.id)]
    return holding, {each.id: each for each in written(work, few, ())}
