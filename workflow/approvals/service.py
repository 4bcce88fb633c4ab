"""The door to approvals: submit, decide and look, each under the rights of whoever does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engine.access.grants import administers
from engine.context import Context
from engine.database import Database
from engine.doors import Reader
from engine.errors import FieldError, Forbidden, NotFound, RecordRefused, refused_as
from engine.records.formed import Stand
from engine.records.work import Work
from engine.requests import claim, settle
from metamodel.approvals import Approval
from metamodel.fields import Field
from metamodel.model import Entity
from workflow.approvals import deciding
from workflow.approvals.carrying import Asked, Carrier, Step
from workflow.approvals.course import Course, Said, Voter
from workflow.approvals.deciding import refuse
from workflow.approvals.evidence import files_given, put_to
from workflow.approvals.keeping import (
    Case,
    case_of,
    cases_of,
    left_over,
    see_copy,
    take_case,
)
from workflow.approvals.locks import guarded
from workflow.approvals.offering import Guard, fits, guards
from workflow.approvals.planning import approval_named
from workflow.inputs import read_inputs
from workflow.runner import Runner
from workflow.runs import as_kept

ActName = Literal[
    "approve", "reject", "return", "transfer", "add_before", "add_after", "withdraw", "urge",
    "copy", "comment", "hand_over", "replan",
]  # fmt: skip

MOST_REMEMBERED = 500
"""Versions of tenants of which it is remembered what old approvals are about."""

ABOUT_ONE = frozenset({"transfer", "add_before", "add_after", "hand_over"})
"""Acts that name one person."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does: `to` are people, `place` the key of an earlier step, `gone` who is
    replaced. `input` is what the step asks for. Any: JSON of every shape."""

    act: ActName
    comment: str = ""
    to: tuple[UUID, ...] = ()
    place: str = ""
    gone: UUID | None = None
    input: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[UUID, ...] = ()


class Approvals:
    """Approvals of records, for whoever acts."""

    def __init__(self, database: Database, reader: Reader, runner: Runner) -> None:
        self._database = database
        self._reader = reader
        self._policy = runner.hands.policy
        self._carrier = Carrier(runner.hands, runner.go_on)
        self._left: dict[tuple[str, int], frozenset[str]] = {}

    def offered(self, ctx: Context, entity: Entity, record: UUID) -> tuple[Approval, ...]:
        """Return the approvals that a person may submit a record to now."""
        known = [each for each in guarded(ctx.compiled).get(entity.key, ()) if each.active]
        if not known or not self._may_submit(ctx, entity, record):
            return ()
        with self._database.reading(ctx) as connection:
            cases = cases_of(ctx, connection, entity.key, [record])
            work = Work.begin(ctx, connection, self._policy)
            return tuple(each for each in known if fits(work, each, record, cases))

    def guards(
        self, ctx: Context, entity: Entity, record: UUID, cases: Sequence[Case]
    ) -> tuple[Guard, ...]:
        """Return the approvals that fields of a record are changed through, or may be, now.

        `cases` are all its approvals, the latest first.
        """
        known = [each for each in guarded(ctx.compiled).get(entity.key, ())
                 if each.active and each.changes]  # fmt: skip
        if not known:
            return ()
        with self._database.reading(ctx) as connection:
            return tuple(guards(Work.begin(ctx, connection, self._policy), known, record, cases))

    def preview(self, ctx: Context, entity: Entity, record: UUID, name: str) -> Course:
        """Return who would be asked, in which order, if a record were submitted now."""
        approval = self._approval(ctx, entity, record, name)
        with self._database.reading(ctx) as connection, refused_as("submission_refused"):
            return self._carrier.planned(ctx, connection, Asked(approval, record))

    def submit(
        self, ctx: Context, entity: Entity, record: UUID, name: str,
        changes: Mapping[str, Any] | None = None, comment: str = "",
    ) -> Case:  # fmt: skip
        """Submit a record, or with `changes` a change of it, which waits until all have agreed.

        Raises `NotFound` for what is not there for the person, `Forbidden` where they may not
        change the record, `RecordRefused` where it cannot be submitted now.
        """
        approval = self._approval(ctx, entity, record, name)
        if not self._may_submit(ctx, entity, record):
            raise Forbidden(action="submit", entity=entity.name, id=str(record))

        def unit(connection: Connection) -> Case:
            claim(ctx, connection)
            asked = Asked(approval, record, _keyed(approval, entity, changes), Said(comment))
            work = Work.begin(ctx, connection, self._policy)
            work.lock({(entity.key, record)})
            cases = cases_of(ctx, connection, entity.key, [record])
            running = any(each.approval == approval.key and each.course.state == "running"
                          for each in cases)  # fmt: skip
            if not (running or changes or fits(work, approval, record, cases)):
                refuse("approval_not_now", approval=approval.label)
            case = self._carrier.submit(ctx, connection, asked)
            settle(ctx, connection, case)
            return case

        with refused_as("submission_refused"):
            return self._database.unit(ctx, unit)

    def act(self, ctx: Context, id_: UUID, deed: Deed) -> Case:
        """Do something with an approval; of two people at the same instant one is told so.

        Raises `NotFound` for one that is not there for the person, `RecordRefused` with why not.
        """
        self.get(ctx, id_)

        def unit(connection: Connection) -> Case:
            claim(ctx, connection)
            case = take_case(ctx, connection, id_)
            if case is None:
                raise NotFound(approval=str(id_))
            work = Work.begin(ctx, connection, self._policy)
            case = self._carrier.carry(ctx, connection, case, self._step(work, case, deed))
            settle(ctx, connection, case)
            return case

        with refused_as("approval_refused"):
            return self._database.unit(ctx, unit)

    def rehearse(self, ctx: Context, id_: UUID) -> Course:
        """Return the course an approval would go on by if it were moved to the present one."""
        case = self.get(ctx, id_)

        def unit(connection: Connection) -> Course:
            work, at = Work.begin(ctx, connection, self._policy), self._carrier.at(ctx)
            return deciding.replan(case.course, voter(ctx), at, self._anew(work, case))

        with refused_as("approval_refused"):
            return self._database.unit(ctx, unit)

    def get(self, ctx: Context, id_: UUID, *, seen: bool = False) -> Case:
        """Return an approval; whoever may not read its record does not know of it.

        With `seen` a copy of it counts as looked at.
        """
        with self._database.reading(ctx) as connection:
            case = case_of(ctx, connection, id_)
        if case is None or case.entity not in ctx.model.entities:
            raise NotFound(approval=str(id_))
        self._reader.get(ctx, case.entity, [case.record])
        if seen and not ctx.tenant.frozen:
            self._database.unit(ctx, lambda connection: see_copy(ctx, connection, id_))
        return case

    def of_record(self, ctx: Context, entity: Entity, record: UUID) -> tuple[Case, ...]:
        """Return the approvals of a record that the person reads, the latest first."""
        if not guarded(ctx.compiled).get(entity.key) and entity.key not in self._left_over(ctx):
            return ()
        self._reader.get(ctx, entity.key, [record])
        with self._database.reading(ctx) as connection:
            return tuple(cases_of(ctx, connection, entity.key, [record]))

    def _left_over(self, ctx: Context) -> frozenset[str]:
        """Return what approvals are about that run on and are not in use: asked once a version."""
        key = (ctx.tenant.name, ctx.revision)
        found = self._left.get(key)
        if found is None:
            with self._database.reading(ctx) as connection:
                found = left_over(ctx, connection)
            if len(self._left) >= MOST_REMEMBERED:
                self._left.clear()
            self._left[key] = found
        return found

    def _approval(self, ctx: Context, entity: Entity, record: UUID, name: str) -> Approval:
        self._reader.get(ctx, entity.key, [record])
        approval = approval_named(ctx.model, name)
        if approval is None or approval.entity != entity.key:
            raise NotFound(entity=entity.name, approval=name)
        return approval

    def _may_submit(self, ctx: Context, entity: Entity, record: UUID) -> bool:
        decision = self._policy.decide(ctx, "update", entity=entity.key, record=record)
        return decision.allowed

    def _step(self, work: Work, case: Case, deed: Deed) -> Step:
        """Return what a deed makes of an approval that is held."""
        who = voter(work.ctx)
        said = self._said(work, case, deed)
        to = _colleagues(work, deed)
        acts: Mapping[ActName, Step] = {
            "approve": lambda course, at: deciding.approve(course, who, at, said),
            "reject": lambda course, at: deciding.reject(course, who, at, said),
            "return": lambda course, at: deciding.send_back(course, who, at, deed.place, said),
            "transfer": lambda course, at: deciding.transfer(course, who, at, to[0], said),
            "add_before": lambda course, at: deciding.add(course, who, at, to[0], "before", said),
            "add_after": lambda course, at: deciding.add(course, who, at, to[0], "after", said),
            "withdraw": lambda course, at: deciding.withdraw(course, who, at, said),
            "urge": lambda course, at: deciding.urge(course, who, at, said),
            "copy": lambda course, at: deciding.copy_to(course, who, at, to, said),
            "comment": lambda course, at: deciding.comment(course, who, at, said),
            "hand_over": lambda course, at: deciding.hand_over(
                course, who, at, deed.gone or who.person, to[0]
            ),
            "replan": lambda course, at: deciding.replan(
                course, who, at, self._anew(work, case), said
            ),
        }
        return acts[deed.act]

    def _said(self, work: Work, case: Case, deed: Deed) -> Said:
        """Return what is said: a comment, what the open step asks for, files.

        Only who agrees has to say what the step asks for.
        """
        asked = _asked(work, case) if deed.act == "approve" else {}
        stand = Stand(case.entity, case.record)
        given = read_inputs(work, self._policy, asked, stand, deed.input) if asked else {}
        files = put_to(work, case, [*deed.files, *files_given(asked, given)])
        return Said(deed.comment, {name: as_kept(each) for name, each in given.items()}, files)

    def _anew(self, work: Work, case: Case) -> Course:
        """Return the course that an approval would begin with now, by whoever submitted it."""
        approval = work.model.approvals.get(case.approval)
        if approval is None:
            refuse("approval_gone")
        author = case.course.author
        asked = Asked(approval, case.record, case.changes, author=author)
        return self._carrier.planned(work.ctx, work.connection, asked)


def _asked(work: Work, case: Case) -> Mapping[str, Field]:
    """Return what the open step asks for, by name."""
    stage, approval = case.course.open, work.model.approvals.get(case.approval)
    if stage is None or approval is None:
        return {}
    step = next((each for each in approval.steps if each.key == stage.key), None)
    return step.input if step is not None else {}


def voter(ctx: Context) -> Voter:
    """Return the person who acts, as approvals know them."""
    actor = ctx.actor
    return Voter(actor.user, actor.represents, administers=administers(ctx))


def _colleagues(work: Work, deed: Deed) -> tuple[UUID, ...]:
    """Return the people whom a deed names; refuse those who do not work here."""
    needed = deed.act in ABOUT_ONE or deed.act == "copy"
    if not needed:
        return ()
    if not deed.to or (deed.act in ABOUT_ONE and len(deed.to) != 1):
        raise RecordRefused([FieldError("required", ("to",))])
    rows = work.read("user", list(deed.to))
    active = work.entity("user").fields["active"].column
    for each in deed.to:
        row = rows.get(each)
        if row is None or not row[active] or row["sys_trashed_at"] is not None:
            raise RecordRefused([FieldError("link_missing", ("to",), {"value": str(each)})])
    return tuple(dict.fromkeys(deed.to))


def _keyed(
    approval: Approval, entity: Entity, changes: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """Return a change by field key, so that a field may be renamed while it waits.

    Refuse one of what this approval is not about, and one that changes nothing.
    """
    known = {entity.fields[key].name: key for key in approval.changes}
    if changes is None and not approval.changes:
        return None
    if not changes:
        raise RecordRefused([FieldError("required", ("changes",))])
    errors = [
        FieldError("approval_other_field", (name,), {"approval": approval.label})
        for name in changes
        if name not in known
    ]
    if errors:
        raise RecordRefused(errors)
    return {known[name]: value for name, value in changes.items()}
