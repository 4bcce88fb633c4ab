"""What time brings to approvals: steps whose time is up, and people who are not there any more."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from engine.context import Context
from engine.database import Database
from engine.errors import EngineError
from engine.leaving.journal import handovers_of
from engine.notices import News, tell
from engine.notices.tables import columns_of
from engine.records.formed import Stand
from engine.records.work import Work
from engine.tenants.people import ADMINISTRATOR, LONGEST_CHAIN, SYSTEM
from engine.walking import in_each
from workflow.approvals import deciding
from workflow.approvals.carrying import Carrier
from workflow.approvals.course import Course, Voter, waiting
from workflow.approvals.deciding import At
from workflow.approvals.keeping import late_cases, take_case, vacated
from workflow.approvals.letting_in import let_in_again
from workflow.doing import Here
from workflow.recipients import people_with, person_of
from workflow.runner import Runner
from workflow.runs import begin

LAPSES = "approval.clock"

LET_IN_EVERY = 10
"""Minutes after which it is looked at whether those who are asked still see what they decide on."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lapses:
    """Carries on, in every tenant, the approvals that nobody does; a `jobs.Recurring`.

    Each is a transaction of its own: what cannot go on keeps no other waiting.
    """

    database: Database
    runner: Runner
    tenants: Callable[[], Sequence[str]]
    system: Callable[[str], Context]

    @property
    def cron(self) -> str:
        return "* * * * *"

    def tick(self, at: datetime) -> None:
        """Look in each tenant; one that cannot be reached keeps nobody waiting."""
        in_each(self.tenants(), self.system, self.look, (_LOG, "Approvals were not looked at"))

    def look(self, ctx: Context) -> int:
        """Do what is due in one tenant; return how many approvals went on."""
        if ctx.tenant.frozen or not ctx.model.approvals:
            return 0
        with self.database.reading(ctx) as connection:
            late = late_cases(ctx, connection)
            gone = vacated(ctx, connection)
        carried = sum(self._attempted(ctx, id_, None) for id_ in late)
        replaced = sum(self._attempted(ctx, id_, person) for id_, person in gone)
        if replaced:
            self.database.unit(
                ctx, lambda connection: _tell(ctx, self.runner, connection, replaced)
            )
        if ctx.now.minute % LET_IN_EVERY == 0:
            self._let_in(ctx)
        return carried + replaced

    def _let_in(self, ctx: Context) -> None:
        policy = self.runner.hands.policy
        try:
            self.database.unit(ctx, lambda connection: let_in_again(ctx, connection, policy))
        except EngineError as error:
            _LOG.warning("Approvers could not be let in in %s: %s", ctx.tenant.name, error)

    def _attempted(self, ctx: Context, id_: UUID, person: UUID | None) -> int:
        try:
            return self.database.unit(
                ctx, lambda connection: self._carried(ctx, connection, id_, person)
            )
        except Exception as error:
            # Whatever is wrong with one, the others go on.
            said = error if isinstance(error, EngineError) else type(error).__name__
            _LOG.warning("An approval could not go on in %s: %s", ctx.tenant.name, said)
            return 0

    def _carried(self, ctx: Context, connection: Connection, id_: UUID, person: UUID | None) -> int:
        whose = replace(ctx, actor=SYSTEM)
        case = take_case(whose, connection, id_)
        if case is None:
            return 0
        carrier = Carrier(self.runner.hands, self.runner.go_on)

        def step(course: Course, at: At) -> Course:
            if person is None:
                return deciding.time_out(course, at)
            if person not in waiting(course):
                return course
            here = _here(self.runner, whose, connection, Stand(case.entity, case.record))
            to = _instead_of(here, person, course)
            chief = Voter(SYSTEM.user, administers=True)
            return course if to is None else deciding.hand_over(course, chief, at, person, to)

        after = carrier.carry(whose, connection, case, step)
        return int(after is not case)


def _here(runner: Runner, ctx: Context, connection: Connection, stand: Stand) -> Here:
    work = Work.begin(ctx, connection, runner.hands.policy)
    return Here(ctx, connection, work, runner.hands, begin(ctx, LAPSES, stand), stand, (LAPSES,))


def _instead_of(here: Here, person: UUID, course: Course) -> UUID | None:
    """Return who decides in the place of somebody who left.

    Whoever takes over what was theirs, else the nearest superior, else an administrator.
    """
    asked = {seat.person for seat in course.stages[course.at].seats}
    spared = {course.author} if course.rules.spares_author else set()
    passed = {person, *asked, *spared}
    for each in _successors(here, person):
        if each not in passed and person_of(here, each) is not None:
            return each
    chiefs = people_with(here, [ADMINISTRATOR])
    return next((each for each in chiefs if each not in passed), None)


def _successors(here: Here, person: UUID) -> Iterator[UUID]:
    """Yield who takes over from somebody by their last hand-over, then those above them."""
    entity = here.ctx.model.entities[here.stand.entity].name
    for handed in handovers_of(here.connection, here.ctx, person, limit=1):
        for rule in handed.order.rules:
            whole = rule.entity in ("", entity) and not (rule.field or rule.filter)
            if whole and rule.whom.kind == "people":
                yield from rule.whom.ids
    user, column = columns_of(here.ctx, "user")
    above = person
    for _ in range(LONGEST_CHAIN):
        found = here.connection.execute(
            select(column["manager"]).select_from(user).where(column["id"] == above)
        ).scalar_one_or_none()
        if found is None or found == person:
            return
        above = UUID(str(found))
        yield above


def _tell(ctx: Context, runner: Runner, connection: Connection, replaced: int) -> None:
    """Tell administrators that others decide now in the place of people who left."""
    whose = replace(ctx, actor=SYSTEM)
    chiefs = people_with(_here(runner, whose, connection, Stand("", None)), [ADMINISTRATOR])
    url = f"/{ctx.tenant.name}/admin/automations/approvals"
    words: dict[str, object] = {"what": "replaced", "count": replaced, "url": url}
    tell(whose, connection, chiefs, News("approval", words=words))
