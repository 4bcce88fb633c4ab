"""Runs of one automation over many records, done together: each step is one write for all.

All of it is one transaction. What a step can do to one record only is done to one after the
other in it. Where anything stands in the way of one of them nothing is done, and each run is
done by itself instead, so that every other one is done, and that one tells why it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.doors import Edit
from engine.records.formed import Setting, Stand, many_new_drafts, values_of
from engine.records.work import Work
from engine.values.identity import new_ids
from formula.dependencies import walk
from formula.scope import FieldBinding
from formula.typed import Read, Typed
from metamodel.actions import (
    Act,
    ActionStep,
    Assign,
    CallWebhook,
    ConvertRecord,
    CreateRecord,
    FindRecord,
    Notify,
    SendEmail,
    SetFields,
)
from metamodel.scripts import steps_of
from workflow.about import gone
from workflow.acts import messages, outside, people, records
from workflow.candidates import candidates, chosen
from workflow.doing import Hands, Here, Outcome, Perform, acting
from workflow.errors import NobodyFits
from workflow.runs import Done, Run, ended

Outcomes = Mapping[UUID, Outcome]
"""What a step did, by run."""

SINGLY: Mapping[type[Any], Perform] = {
    SetFields: records.set_fields,
    CreateRecord: records.create,
    FindRecord: records.find,
    ConvertRecord: records.convert,
    Assign: people.assign,
    Notify: people.notify,
    SendEmail: messages.write,
    CallWebhook: outside.webhook,
}
"""What is done to one record after the other: filling in and creating only where that reads what
earlier steps have made or found. Any: classes of acts."""


def groups_of(ctx: Context, runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Yield runs that can be done together, each record once in a group; the rest are left out."""
    groups: dict[tuple[object, ...], dict[UUID | None, Run]] = {}
    for run in runs:
        if run.place or run.stand.given or run.stand.this or run.stand.record is None:
            continue
        group = groups.setdefault((run.automation, run.stand.entity, run.by, run.chain), {})
        group.setdefault(run.stand.record, run)
    for (automation, *_), group in groups.items():
        if len(group) > 1 and _is_simple(ctx, str(automation)):
            yield list(group.values())


def go_on_together(
    ctx: Context, connection: Connection, hands: Hands, runs: Sequence[Run]
) -> list[Run]:
    """Return runs of one group after all of their steps; raises what stands in the way of one."""
    why = gone(ctx, connection, hands, runs)
    left = [run for run in runs if run.id not in why]
    over = [ended(run, ctx.now, "stopped", {"code": why[run.id]}) for run in runs if run.id in why]
    if not left:
        return over
    crew = _Crew(ctx, connection, hands, left, {run.id: [*run.steps] for run in left})
    for step in steps_of(ctx.model, left[0].automation) or ():
        crew.step(step)
    told = (replace(run, steps=tuple(crew.done[run.id])) for run in left)
    return [*over, *(ended(run, ctx.now, "done") for run in told)]


def _is_simple(ctx: Context, automation: str) -> bool:
    """Return whether all steps of an automation can be done to many records, kept with the model.

    None waits or leads to other steps, and no condition reads what others have made.
    """
    steps = steps_of(ctx.model, automation) or ()
    return ctx.compiled.keep(("together", automation), lambda: (all(map(_fits, steps)),))[0]


def _fits(step: ActionStep) -> bool:
    return type(step.act) in SINGLY and (step.when is None or not reads_input(step.when))


def _is_one_write(act: SetFields | CreateRecord) -> bool:
    """Return whether what is filled in is told by each record alone."""
    return not any(map(reads_input, act.values.values()))


def reads_input(typed: Typed) -> bool:
    """Return whether a formula reads what was brought along."""
    bindings = (each.binding for each in walk(typed.node) if isinstance(each, Read))
    return any(isinstance(each, FieldBinding) and each.root == "input" for each in bindings)


@dataclass(slots=True)
class _Crew:
    """Runs of one automation on the records of one entity, each on another.

    `given` is what steps have brought to each run so far, `roots` is the run that began the
    chain of each record: what is set off in turn goes on with the right one.
    """

    ctx: Context
    connection: Connection
    hands: Hands
    runs: Sequence[Run]
    done: dict[UUID, list[Done]]
    given: dict[UUID, dict[str, object]] = field(default_factory=dict)
    roots: dict[UUID, UUID] = field(default_factory=dict)

    def step(self, step: ActionStep) -> None:
        """Do a step for all runs whose records meet its condition."""
        self.roots |= {_record(run): run.root for run in self.runs}
        here = self._here(step)
        runs = list(self._wanted(here, step))
        if not runs:
            return
        began = monotonic()
        outcomes = self._outcomes(here, step.act, runs)
        took = round((monotonic() - began) * 1000 / len(runs))
        for run in runs:
            self.given.setdefault(run.id, {}).update(outcomes[run.id].given)
            self.done[run.id].append(Done(step.key, "done", outcomes[run.id].words, took))

    def _here(self, step: ActionStep) -> Here:
        """Return where a step is done for all of them."""
        first = self.runs[0]
        whose = acting(self.ctx, first)
        whose = replace(whose, cause=replace(whose.cause, roots=self.roots))
        work = Work.begin(whose, self.connection, self.hands.policy)
        stand, path = Stand(first.stand.entity), (first.automation, step.key)
        return Here(whose, self.connection, work, self.hands, first, stand, path, step.name)

    def _wanted(self, here: Here, step: ActionStep) -> Iterator[Run]:
        if step.when is None:
            yield from self.runs
            return
        ids = [_record(run) for run in self.runs]
        holds = values_of(here.fresh(), here.stand, ids, [step.when], (*here.key, "when"))
        for run in self.runs:
            if holds.get(_record(run), (False,))[0]:
                yield run
            else:
                self.done[run.id].append(Done(step.key, "skipped"))

    def _outcomes(self, here: Here, act: Act, runs: Sequence[Run]) -> Outcomes:
        match act:
            case SetFields() if _is_one_write(act):
                return _set(here, act, runs)
            case CreateRecord() if _is_one_write(act):
                return self._create(here, act, runs)
            case Assign() if act.way in ("round_robin", "least_busy") and _is_for_all(act):
                return _assign(here, act, runs)
        return {run.id: SINGLY[type(act)](self._alone(here, run), act) for run in runs}

    def _alone(self, here: Here, run: Run) -> Here:
        """Return the place of a step for one of the runs."""
        stand = replace(run.stand, given=self.given.get(run.id, {}))
        return replace(here, ctx=acting(self.ctx, run), run=run, stand=stand)

    def _create(self, here: Here, act: CreateRecord, runs: Sequence[Run]) -> Outcomes:
        """Make a record for each run, all in one write."""
        entity = here.ctx.model.entities[act.entity]
        made = dict(zip(map(_record, runs), new_ids(here.ctx.now, len(runs)), strict=True))
        self.roots |= {made[_record(run)]: run.root for run in runs}
        here.writer.write(
            here.ctx,
            lambda work: many_new_drafts(work, here.stand, entity, made, act.values, here.key),
        )
        return {
            run.id: Outcome(
                {"made": [[act.entity, str(made[_record(run)])]]}, {here.name: made[_record(run)]}
            )
            for run in runs
        }


def _set(here: Here, act: SetFields, runs: Sequence[Run]) -> Outcomes:
    """Change the records of all runs in one write."""
    entity, ids = here.ctx.model.entities[act.entity], [_record(run) for run in runs]
    here.writer.write(here.ctx, Setting(entity, ids, here.stand, act.values, here.key))
    words = {"set": [entity.fields[key].name for key in act.values]}
    return dict.fromkeys((run.id for run in runs), Outcome(words))


def _assign(here: Here, act: Assign, runs: Sequence[Run]) -> Outcomes:
    """Give the records of all runs to people by turns, in one write."""
    people_ = chosen(here, act, candidates(here, act), len(runs))
    entity = here.ctx.model.entities[act.entity]
    if not people_:
        raise NobodyFits(entity=entity.name)
    name = entity.fields[act.field].name
    edits = [
        Edit(_record(run), {name: str(person)}) for run, person in zip(runs, people_, strict=True)
    ]
    here.writer.update(here.ctx, act.entity, edits)
    return {
        run.id: Outcome({"gave": str(person), "field": name})
        for run, person in zip(runs, people_, strict=True)
    }


def _is_for_all(act: Assign) -> bool:
    """Return whether who may be given a record is the same for all of them."""
    if act.match or act.among is None:
        return not act.match
    return not act.among.dependencies.outer and not reads_input(act.among)


def _record(run: Run) -> UUID:
    if run.stand.record is None:
        raise TypeError("runs that are done together stand on records")
    return run.stand.record
