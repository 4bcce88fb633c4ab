"""Does the steps of a run, one after the other, until it ends or waits.

All that a run does until then is one transaction: it happens as a whole, or not at all. Where
it waits, its place is kept, and it goes on there, under the model that is published then. A step
over very many records is several transactions, and between them waits for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import dropwhile
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.errors import EngineError
from engine.records.formed import Part
from engine.records.work import Work
from metamodel.actions import (
    REFUSAL,
    ActionStep,
    Assign,
    Branch,
    CallAutomation,
    CallWebhook,
    ConvertRecord,
    CreateRecord,
    DeleteRecords,
    Each,
    FindRecord,
    MakeDocument,
    Notify,
    SendEmail,
    SetFields,
    StartApproval,
    UpdateRecords,
    Wait,
)
from metamodel.automation import Automation
from metamodel.scripts import steps_of
from workflow.about import gone
from workflow.acts import messages, outside, papers, people, records
from workflow.acts.approving import NotAgreed, pause_for, submit_at, submitted
from workflow.approvals.carrying import Carrier
from workflow.doing import Hands, Here, Pause, Perform, acting
from workflow.errors import StepFailed, reason
from workflow.members import members_from, members_of
from workflow.messages.adopting import adopt
from workflow.runs import FROM, Done, Place, Run, State, ended
from workflow.spreading import is_spread, spread
from workflow.tally import Tally
from workflow.waiting import is_over, pause_at

ACTS: Mapping[type[Any], Perform] = {
    SetFields: records.set_fields,
    CreateRecord: records.create,
    FindRecord: records.find,
    ConvertRecord: records.convert,
    Assign: people.assign,
    Notify: people.notify,
    SendEmail: messages.write,
    CallWebhook: outside.webhook,
    MakeDocument: papers.document,
}
"""What is done for acts that lead to no other steps. Any: classes of acts."""


STRETCH = 10_000
"""Records that a step changes in one transaction: totals over them are settled once for all."""

MEMBERS = 5_000
"""Members that a step is done for in one transaction."""

SINGLY = 100
"""Members that a step is done for one by one in one transaction."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Goes on with runs."""

    hands: Hands

    def go_on(self, ctx: Context, connection: Connection, run: Run, *, whole: bool = False) -> Run:
        """Return a run after the steps that it can do now; raises `StepFailed`.

        With `whole` they are part of the transaction however many records they change.
        """
        steps = steps_of(ctx.model, run.automation)
        if steps is None:
            return ended(run, ctx.now, "stopped", {"code": "automation_gone"})
        why = "" if whole else gone(ctx, connection, self.hands, [run]).get(run.id)
        if why:
            return ended(run, ctx.now, "stopped", {"code": why})
        if is_spread(run.place):
            return spread(ctx, connection, self.hands, run, ctx.model.automations[run.automation])
        whose = acting(ctx, run)
        work = Work.begin(whose, connection, self.hands.policy)
        here = Here(whose, connection, work, self.hands, run, run.stand, (run.automation,))
        if run.place[:1] == (FROM,):
            # Done again from a step: what comes before it is not looked at.
            rest = dropwhile(lambda step: step.key != run.place[1], steps)
            steps, run = tuple(rest), replace(run, place=())
        carrier = Carrier(self.hands, self.go_on)
        before = frozenset(each.step for each in run.steps if each.what == "done" and run.place)
        performance = _Performance(run.place, list(run.steps), carrier, whole, before)
        try:
            pause = performance.steps(here, steps)
        except NotAgreed as error:
            run = replace(run, steps=tuple(performance.done))
            return ended(run, ctx.now, "stopped", {"code": error.code, **error.params})
        run = replace(run, steps=tuple(performance.done))
        adopt(whose, connection, run)
        if performance.place:
            return ended(run, ctx.now, "stopped", {"code": "place_gone"})
        if pause is None:
            return ended(run, ctx.now, "done")
        stand = replace(run.stand, given=pause.given)
        state: State = "parked" if pause.parked else "waiting"
        return replace(run, stand=stand, place=pause.place, due=pause.due, state=state)


@dataclass(slots=True)
class _Performance:
    """One stretch of a run: `place` is what is left of the way to where it goes on."""

    place: Place
    done: list[Done]
    carrier: Carrier
    whole: bool
    before: frozenset[str] = frozenset()

    def steps(self, here: Here, steps: Sequence[ActionStep]) -> Pause | None:
        """Do steps in order; return where the run waits, None where they are through."""
        given = dict(here.stand.given)
        for step in steps:
            if self.place and step.key != self.place[0]:
                continue
            resumed, self.place = bool(self.place), self.place[1:]
            stand = replace(here.stand, given=dict(given))
            at = here.inside(step.key, stand, step.name)
            if not resumed and (self._is_done(at) or not self._wanted(at, step)):
                continue
            pause = self._step(at, step, given, resumed=resumed)
            if pause is not None:
                return replace(
                    pause, place=(step.key, *pause.place), given={**given, **pause.given}
                )
        return None

    def _is_done(self, here: Here) -> bool:
        """Return whether a step was done before the run waited: it was moved behind that since.

        What is done for each member is done more than once.
        """
        return here.stand.this is None and _named(here) in self.before

    def _wanted(self, here: Here, step: ActionStep) -> bool:
        if step.when is None:
            return True
        with _telling(here):
            holds = bool(here.value(step.when, "when"))
        if not holds:
            self.done.append(Done(_named(here), "skipped"))
        return holds

    def _step(
        self, here: Here, step: ActionStep, given: dict[str, object], *, resumed: bool
    ) -> Pause | None:
        """Do one step; what it brings is put into `given`."""
        match step.act:
            case Wait():
                return self._wait(here, step.act, resumed=resumed)
            case StartApproval():
                return self._approve(here, step.act, resumed=resumed)
            case Branch():
                return self._branch(here, step.act)
            case Each():
                return self._each(here, step.act)
            case CallAutomation():
                return self._call(here, step.act)
            case UpdateRecords() | DeleteRecords():
                return self._many(here, step.act)
            case act:
                began = monotonic()
                with _telling(here):
                    outcome = ACTS[type(act)](here, act)
                given.update(outcome.given)
                took = round((monotonic() - began) * 1000)
                self.done.append(Done(_named(here), "done", outcome.words, took))
                return None

    def _wait(self, here: Here, act: Wait, *, resumed: bool) -> Pause | None:
        with _telling(here):
            if resumed and is_over(here, act):
                return None
            pause = pause_at(here, act, resumed=resumed)
        if pause is not None and not resumed:
            due = pause.due.isoformat() if pause.due else None
            words = {"met": here.ctx.now.isoformat(), "until": due}
            self.done.append(Done(_named(here), "waits", words))
        return pause

    def _approve(self, here: Here, act: StartApproval, *, resumed: bool) -> Pause | None:
        """Submit the record at hand, and go on when all have agreed."""
        with _telling(here):
            if resumed:
                case = submitted(here)
            else:
                case = submit_at(here, self.carrier, act)
                words = {"approval": act.approval, "case": str(case.id)}
                self.done.append(Done(_named(here), "waits", words))
        return pause_for(case)

    def _branch(self, here: Here, act: Branch) -> Pause | None:
        """Take the first arm whose condition holds, or the one that was taken before."""
        taken, self.place = self.place[:1], self.place[1:]
        for arm in act.arms:
            if taken and arm.name != taken[0]:
                continue
            inner = here.inside(arm.name)
            with _telling(inner):
                holds = bool(taken) or arm.when is None or bool(inner.value(arm.when, "when"))
            if not holds:
                continue
            if not taken:
                self.done.append(Done(_named(here), "done", {"way": arm.name}))
            pause = self.steps(inner, arm.steps)
            return None if pause is None else replace(pause, place=(arm.name, *pause.place))
        self.place = (*taken, *self.place)
        return None

    def _each(self, here: Here, act: Each) -> Pause | None:
        """Do the inner steps for each member, in order, so many of them in one transaction.

        Goes on at the member it waited at, or at the first that is left.
        """
        reached, self.place = self.place[:1], self.place[1:]
        with _telling(here):
            members = self._left(here, act, reached)
        step, inner = _named(here), frozenset(made_in(act.steps))
        tally = (Tally.go_on if reached else Tally.begin)(self.done, step, len(members))
        most = SINGLY if act.singly else MEMBERS
        for count, member in enumerate(members):
            if count == most and not self.whole:
                tally.tell(more=True)
                return Pause(None, (str(member),))
            stand = here.member(act.entity, member)
            if reached != (str(member),):
                # What was made for the member before is not this one's.
                given = {name: each for name, each in stand.given.items() if name not in inner}
                stand = replace(stand, given=given)
            reached = ()
            pause = self._member(replace(here, stand=stand), act, tally)
            if pause is not None:
                return replace(pause, place=(str(member), *pause.place))
        tally.tell(more=False)
        return None

    def _left(self, here: Here, act: Each, reached: Place) -> Sequence[UUID]:
        """Return the members that a step is still to be done for."""
        if not reached:
            return members_of(here, act)
        members = members_from(here, act, UUID(reached[0]), waited=bool(self.place))
        if reached[0] not in map(str, members[:1]):
            # Who it waited at is gone: it goes on with the next one, from the first step.
            self.place = ()
        return members

    def _member(self, here: Here, act: Each, tally: Tally) -> Pause | None:
        """Do the inner steps for one member; what cannot be done `singly` is taken back."""
        told = len(self.done)
        try:
            alone = act.singly and not self.whole
            with here.connection.begin_nested() if alone else nullcontext():
                pause = self.steps(here, act.steps)
        except StepFailed as error:
            if not act.singly or self.whole:
                raise
            step, self.place = str(error.params.get("step", "")), ()
            words = {"for": [act.entity, str(here.stand.record)], **reason(error, step)}
            tally.one_refused(told, Done(step, "failed", words))
            self._refused(here, act, str(words["code"]))
            return None
        if pause is None:
            tally.one_more(told)
        return pause

    def _refused(self, here: Here, act: Each, code: str) -> None:
        """Do what a step says of a member that it could not be done for."""
        told = len(self.done)
        stand = replace(here.stand, given={**here.stand.given, REFUSAL: code})
        try:
            with here.connection.begin_nested():
                self.steps(replace(here, stand=stand), act.refused)
        except StepFailed as error:
            step = str(error.params.get("step", ""))
            del self.done[told:]
            self.done.append(Done(step, "failed", reason(error, step)))
        else:
            del self.done[told:]

    def _many(self, here: Here, act: UpdateRecords | DeleteRecords) -> Pause | None:
        """Change the records that a step is over; of very many, the next ones after the last."""
        reached, self.place = self.place[:1], self.place[1:]
        began = monotonic()
        with _telling(here):
            after = UUID(reached[0]) if reached else UUID(int=0)
            ids = records.meant(here, act, None if self.whole else Part(after, STRETCH + 1))
            part = ids if self.whole else ids[:STRETCH]
            records.act_on(here, act, part)
        took, count = round((monotonic() - began) * 1000), len(part)
        word = "changed" if isinstance(act, UpdateRecords) else "deleted"
        if reached and self.done and self.done[-1].step == _named(here):
            before = self.done.pop()
            formerly: Any = before.words[word]
            took, count = took + before.took, count + int(formerly[1])
        rest = len(ids) > len(part)
        told = Done(_named(here), "waits" if rest else "done", {word: [act.entity, count]}, took)
        self.done.append(told)
        return Pause(None, (str(part[-1]),)) if rest else None

    def _call(self, here: Here, act: CallAutomation) -> Pause | None:
        """Do the steps of another automation on the record at hand, whatever its condition."""
        called = _called(here, act)
        if called is None:
            return None
        inner = here.inside(called.key, replace(here.stand, given={}))
        return self.steps(inner, called.steps)


def made_in(steps: Sequence[ActionStep]) -> Iterator[str]:
    """Yield the names under which steps, and those within them, leave what they make."""
    for step in steps:
        yield step.name
        match step.act:
            case Each():
                yield from made_in(step.act.steps)
            case Branch():
                for arm in step.act.arms:
                    yield from made_in(arm.steps)


def _called(here: Here, act: CallAutomation) -> Automation | None:
    known = here.ctx.model.automations.values()
    return next((each for each in known if each.name == act.automation and each.active), None)


def _named(here: Here) -> str:
    """Return the path of a step within its automation."""
    return "/".join(here.path[1:])


class _telling:
    """Says of what goes wrong in a step which step it was."""

    def __init__(self, here: Here) -> None:
        self._here = here

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EngineError) and not isinstance(error, StepFailed):
            raise StepFailed(
                automation=self._here.run.automation, step=_named(self._here)
            ) from error
