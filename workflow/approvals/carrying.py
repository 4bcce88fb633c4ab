"""Carries approvals on inside a transaction: from one course to the next, with what follows.

Whoever decides holds the row of the approval until the transaction ends: of two at the same
instant the second sees what the first has done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.changes import RecordChange
from engine.context import Cause, Context
from engine.doors import Edit
from engine.errors import FieldError, RecordRefused
from engine.history.changes import as_json
from engine.records.formed import Stand
from engine.records.work import Work
from engine.tenants.people import SYSTEM, SYSTEM_USER
from engine.values.identity import new_id
from metamodel.approvals import Approval
from metamodel.fields import Field
from metamodel.scripts import script_of_approval, steps_of
from workflow.approvals.course import Course, Limit, Said
from workflow.approvals.deciding import SILENT, At, refuse, submit
from workflow.approvals.freezing import frozen
from workflow.approvals.keeping import Case, cases_of, change_case, decided, insert_case
from workflow.approvals.letting_in import let_in
from workflow.approvals.planning import Planner
from workflow.approvals.telling import tell_of
from workflow.doing import Hands, Here
from workflow.errors import StepFailed, reasons_of
from workflow.lapses import after
from workflow.recipients import person_of
from workflow.runs import Run, as_given, begin, keep, wake

GoOn = Callable[[Context, Connection, Run], Run]
"""Does the steps of a run; raises `StepFailed`."""

Step = Callable[[Course, At], Course]
"""What is done with an approval."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is submitted: an approval of a record, with values that wait for it, if any.

    The values are by field key; `author` is who submitted it, where it was submitted before.
    `run` is that of an automation that waits for the outcome. Any: JSON of every shape.
    """

    approval: Approval
    record: UUID
    changes: Mapping[str, Any] | None = None
    said: Said = SILENT
    run: UUID | None = None
    author: UUID | None = None


@dataclass(frozen=True, slots=True)
class Carrier:
    """Begins approvals and carries them on."""

    hands: Hands
    go_on: GoOn

    def submit(self, ctx: Context, connection: Connection, asked: Asked) -> Case:
        """Submit a record, in the name of whoever acts; one that is under way is refused."""
        approval, record = asked.approval, asked.record
        work = Work.begin(ctx, connection, self.hands.policy)
        work.lock({(approval.entity, record)})
        before = [each for each in cases_of(ctx, connection, approval.entity, [record])
                  if each.approval == approval.key]  # fmt: skip
        if any(each.course.state == "running" for each in before):
            refuse("approval_running", approval=approval.label)
        with self._changed(ctx, connection, asked) as change:
            asked = _narrowed(ctx, asked, change)
            planned = self._planned(ctx, connection, asked)
        case = Case(
            id=new_id(ctx.now), approval=approval.key, revision=ctx.revision,
            entity=approval.entity, record=record, at=_after(before, ctx),
            course=submit(planned, self.at(ctx), asked.said), changes=asked.changes,
            snapshot=_told(asked, change), run=asked.run or _run_of(before),
        )  # fmt: skip
        insert_case(ctx, connection, case)
        self._do(ctx, connection, case, "on_submitted")
        return self._followed(ctx, connection, None, case)

    def planned(self, ctx: Context, connection: Connection, asked: Asked) -> Course:
        """Return the course that a record would take now, with its change if one waits."""
        with self._changed(ctx, connection, asked):
            return self._planned(ctx, connection, asked)

    def _planned(self, ctx: Context, connection: Connection, asked: Asked) -> Course:
        stand = Stand(asked.approval.entity, asked.record)
        here = self._here(ctx, connection, stand, asked.approval)
        author = person_of(here, asked.author or _author(here))
        if author is None and asked.author not in (None, SYSTEM_USER):
            refuse("approval_author_gone")
        # What the app itself submitted has nobody's superiors, whoever looks at it now.
        other = ctx.actor if asked.author is None else SYSTEM
        return Planner(here, asked.approval, author or other).course()

    def carry(self, ctx: Context, connection: Connection, case: Case, step: Step) -> Case:
        """Do something with an approval that is held; the same case where nothing came of it."""
        course = step(case.course, self.at(ctx))
        if course is case.course:
            return case
        after_ = decided(case, course, ctx.now)
        if course.log[-1].what == "replanned":
            after_ = replace(after_, revision=ctx.revision)
        if course.state == "approved":
            self._apply(ctx, connection, after_)
        if course.state in ("approved", "rejected"):
            after_ = self._frozen(ctx, connection, after_)
        change_case(ctx, connection, case, after_)
        return self._followed(ctx, connection, case, after_)

    def _followed(
        self, ctx: Context, connection: Connection, before: Case | None, case: Case
    ) -> Case:
        """Do what follows from what became of an approval."""
        let_in(ctx, connection, self.hands, case)
        tell_of(ctx, connection, before, case)
        state = case.course.state
        if state == "running":
            return case
        if before is None:
            # Nobody had to be asked.
            self._apply(ctx, connection, case)
            kept = self._frozen(ctx, connection, decided(case, case.course, ctx.now))
            change_case(ctx, connection, case, kept)
            case = kept
        self._do(ctx, connection, case, f"on_{state}")
        if case.run is not None and state != "returned":
            woken = wake(connection, ctx, case.run)
            self.hands.later(connection, [woken] if woken is not None else [])
        return case

    def _apply(self, ctx: Context, connection: Connection, case: Case) -> None:
        """Write the change that all have agreed to, as a whole."""
        if case.changes is None:
            return
        script = script_of_approval(case.approval, "")
        whose = replace(
            ctx, actor=replace(SYSTEM, user=case.course.author), once=None,
            cause=Cause("automation", script),
        )  # fmt: skip
        edit = Edit(case.record, _by_name(ctx, case.entity, case.changes))
        self.hands.writing(connection).update(whose, case.entity, [edit])

    def _frozen(self, ctx: Context, connection: Connection, case: Case) -> Case:
        """Return an approval with what was decided on."""
        held = frozen(ctx, connection, self.hands, case)
        return replace(case, snapshot={**case.snapshot, **held})

    def _do(self, ctx: Context, connection: Connection, case: Case, event: str) -> None:
        """Do the steps that the app has for what became of an approval."""
        script = script_of_approval(case.approval, event)
        if not steps_of(ctx.model, script):
            return
        log = case.course.log
        given = {name: as_given(each) for entry in log for name, each in entry.given.items()}
        given["comment"] = log[-1].comment or None
        run = begin(ctx, script, Stand(case.entity, case.record, given=given))
        try:
            run = self.go_on(ctx, connection, run)
        except StepFailed as error:
            approval = ctx.model.approvals[case.approval]
            params = {"approval": approval.label, **error.params}
            failed = FieldError("approval_failed", (), params)
            raise RecordRefused([failed, *reasons_of(error)]) from error
        keep(connection, ctx, [run])
        if run.state == "waiting":
            self.hands.later(connection, [run])

    @contextmanager
    def _changed(
        self, ctx: Context, connection: Connection, asked: Asked
    ) -> Iterator[RecordChange | None]:
        """Look at a record as it would be with its change, which is checked and taken back."""
        if asked.changes is None:
            yield None
            return
        with connection.begin_nested() as point:
            cause = Cause("automation", script_of_approval(asked.approval.key, ""))
            entity = asked.approval.entity
            edit = Edit(asked.record, _by_name(ctx, entity, asked.changes))
            tried = replace(ctx, cause=cause, once=None)
            done = self.hands.writing(connection).update(tried, entity, [edit])
            yield next((each for each in done.records if each.id == asked.record), None)
            point.rollback()

    def _here(self, ctx: Context, connection: Connection, stand: Stand, approval: Approval) -> Here:
        work = Work.begin(ctx, connection, self.hands.policy)
        run = begin(ctx, script_of_approval(approval.key, ""), stand)
        return Here(ctx, connection, work, self.hands, run, stand, (approval.key,))

    def at(self, ctx: Context) -> At:
        """Return when something is done now, and until when steps may take from then on."""

        def timer(limit: Limit) -> Any:  # Any: an instant, None beyond all calendars
            return after(ctx.model, ctx.now, limit.after)

        return At(ctx.now, timer)


def _by_name(ctx: Context, entity: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as a writer takes them, as the form is now.

    Those of fields that went out of use are left out; an option that was merged into another
    while the change waited is that other.
    """
    fields = ctx.model.entities[entity].fields
    known = {key: fields[key] for key in changes if key in fields}
    return {
        each.name: _present(each, changes[key]) for key, each in known.items() if not each.retired
    }


def _present(field: Field, value: Any) -> Any:  # Any: JSON of every shape
    if isinstance(value, list):
        return [_present(field, each) for each in value]
    found = next((e for e in field.options.values() if value in (e.key, e.name)), None)
    return field.options[found.into].name if found is not None and found.into else value


def _narrowed(ctx: Context, asked: Asked, change: RecordChange | None) -> Asked:
    """Return what is submitted without values that are as they are; refuse a change of nothing.

    Whoever else changes those meanwhile is not overruled by what this one had found.
    """
    if asked.changes is None:
        return asked
    fields = ctx.model.entities[asked.approval.entity].fields
    differ = frozenset(change.after) if change is not None else frozenset()
    kept = {
        key: value for key, value in asked.changes.items() if key in differ or _several(fields[key])
    }
    if not kept:
        refuse("approval_no_change")
    return replace(asked, changes=kept)


def _several(field: Field) -> bool:
    """Return whether a field links to many records, which a link table tells of."""
    return field.link is not None and field.link.many


def _told(asked: Asked, change: RecordChange | None) -> dict[str, object]:
    """Return a change as people read it: values before and after."""
    if change is None:
        return {}
    mine = set(asked.approval.changes)
    sides = {"before": change.before, "after": change.after}
    return {
        side: as_json({key: value for key, value in held.items() if key in mine})
        for side, held in sides.items()
    }


def _run_of(before: Sequence[Case]) -> UUID | None:
    """Return the run that still waits, since what it waits for was returned to its author."""
    last = before[0] if before else None
    return last.run if last is not None and last.course.state == "returned" else None


def _author(here: Here) -> UUID:
    """Return in whose name a record is submitted: where the app itself does it, its owner's."""
    who, stand = here.ctx.actor.user, here.stand
    entity = here.ctx.model.entities[stand.entity]
    if who != SYSTEM_USER or not entity.owned or stand.record is None:
        return who
    row = here.work.read(stand.entity, [stand.record]).get(stand.record, {})
    owner = row.get(entity.fields["owner"].column)
    return owner if isinstance(owner, UUID) else who


def _after(before: Sequence[Case], ctx: Context) -> datetime:
    """Return when a case is submitted: after the one before, whatever the clock says."""
    last = max((each.at for each in before), default=None)
    return ctx.now if last is None else max(ctx.now, last + timedelta(microseconds=1))
