"""Approvals on their way: every act in every state, against a naive tally of who said what."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.errors import RecordRefused
from metamodel.actions import Lapse
from metamodel.approvals import Allowed, Mode, Outcome
from tests.budget import examples
from tests.workflow.approvals.courses import (
    ANNE,
    AT,
    AUTHOR,
    BO,
    CHEN,
    DAN,
    EVE,
    FAY,
    NOBODY,
    NOON,
    PEOPLE,
    agreed,
    begun,
    later,
    refusal,
    stage,
)
from workflow.approvals import deciding
from workflow.approvals.course import (
    Course,
    Limit,
    Rules,
    Said,
    Stage,
    Voter,
    waiting,
)
from workflow.approvals.deciding import At
from workflow.approvals.wire import course_of, course_to_wire


def test_one_of_several_decides_where_they_stand_for_each_other() -> None:
    """Requirement A-07."""
    course = begun(stage("one", ANNE, BO))

    assert waiting(course) == (ANNE, BO)
    assert agreed(course, BO).state == "approved"
    assert deciding.reject(course, Voter(ANNE), AT).state == "rejected"


def test_people_in_turn_are_asked_one_after_the_other() -> None:
    course = begun(stage("turns", ANNE, BO, mode="in_turn"))

    assert waiting(course) == (ANNE,)
    assert refusal(lambda: agreed(course, BO)) == "approval_not_yours"
    assert waiting(agreed(course, ANNE)) == (BO,)


def test_a_quorum_is_lost_as_soon_as_too_few_are_left() -> None:
    course = begun(stage("votes", ANNE, BO, CHEN, mode="quorum", needed=2))
    once = deciding.reject(course, Voter(ANNE), AT)

    assert once.state == "running"
    assert deciding.reject(once, Voter(BO), AT).state == "rejected"
    assert agreed(once, BO, CHEN).state == "approved"


def test_whoever_comes_second_is_told_that_it_is_decided() -> None:
    course = agreed(begun(stage("one", ANNE, BO)), ANNE)

    assert refusal(lambda: agreed(course, BO)) == "approval_over"


def test_authors_and_those_who_agreed_before_need_not_be_asked() -> None:
    stages = (stage("own", AUTHOR), stage("two", ANNE, AUTHOR, mode="all"), stage("three", ANNE))
    course = begun(*stages, spares_author=True, skip_repeated=True)

    assert (course.at, waiting(course)) == (1, (ANNE,))
    assert agreed(course, ANNE).state == "approved"
    plain = begun(*stages)
    assert waiting(plain) == (AUTHOR,)


def test_a_deputy_decides_in_the_place_of_somebody_but_never_on_their_own_request() -> None:
    course = begun(stage("one", ANNE))
    deputy = Voter(BO, (ANNE,))

    decided = deciding.approve(course, deputy, AT)
    assert (decided.state, decided.log[-1].instead_of) == ("approved", ANNE)
    own = Voter(AUTHOR, (ANNE,))
    assert refusal(lambda: deciding.approve(course, own, AT)) == "approval_not_yours"


def test_one_asked_before_goes_first_and_decisions_made_are_kept() -> None:
    course = agreed(begun(stage("both", ANNE, BO, mode="all")), ANNE)
    course = deciding.add(course, Voter(BO), AT, CHEN, "before")

    assert waiting(course) == (CHEN,)
    course = agreed(course, CHEN)
    assert waiting(course) == (BO,)
    assert agreed(course, BO).state == "approved"


def test_what_is_returned_to_a_step_is_decided_anew_from_there() -> None:
    course = agreed(begun(stage("one", ANNE), stage("two", BO)), ANNE)
    back = deciding.send_back(course, Voter(BO), AT, "one", Said("check the terms"))

    assert waiting(back) == (ANNE,)
    assert back.log[-1].comment == "check the terms"
    assert refusal(
        lambda: deciding.send_back(course, Voter(BO), AT, "two")
    ) == "approval_step_unknown"  # fmt: skip
    assert deciding.send_back(course, Voter(BO), AT, "").state == "returned"


@pytest.mark.parametrize(
    ("then", "state", "asked"),
    [
        ("remind", "running", (ANNE,)),
        ("escalate", "running", (BO,)),
        ("approve", "approved", ()),
        ("reject", "rejected", ()),
    ],
)
def test_what_nobody_decided_in_time_goes_the_way_the_step_says(
    then: Outcome, state: str, asked: tuple[UUID, ...]
) -> None:
    course = begun(stage("one", ANNE, limit=Limit(Lapse(2, "day"), then, (BO,))))
    late = NOON + timedelta(days=2)

    assert deciding.time_out(course, At(late - timedelta(minutes=1), later)) is course
    after = deciding.time_out(course, At(late, later))
    assert (after.state, waiting(after)) == (state, asked)


def test_what_goes_on_by_a_newer_course_keeps_who_agreed_there_and_asks_the_others() -> None:
    """Requirement P-04."""
    course = agreed(begun(stage("one", ANNE), stage("two", BO, CHEN, mode="all")), ANNE, BO)
    fresh = Course(AUTHOR, (stage("one", ANNE), stage("new", DAN), stage("two", BO, CHEN)))
    chief = Voter(FAY, administers=True)

    moved = deciding.replan(course, chief, AT, fresh)
    assert (waiting(moved), [each.key for each in moved.stages]) == ((DAN,), ["one", "new", "two"])
    assert agreed(moved, DAN).state == "approved"
    other = Course(AUTHOR, (stage("one", EVE),))
    assert waiting(deciding.replan(course, chief, AT, other)) == (EVE,)
    assert deciding.replan(course, chief, AT, Course(AUTHOR, ())).state == "approved"
    assert refusal(lambda: deciding.replan(course, Voter(ANNE), AT, fresh)) == "approval_not_yours"


SEATS = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4, unique=True)
WHO = st.sampled_from(PEOPLE)


@st.composite
def stages(draw: st.DrawFn) -> tuple[Stage, ...]:
    numbers = count(1)
    return tuple(
        stage(
            f"s{next(numbers)}", *people, mode=draw(st.sampled_from(get_args(Mode))),
            needed=draw(st.integers(1, 3)),
            allow=tuple(draw(st.sets(st.sampled_from(get_args(Allowed)), min_size=2))),
            limit=draw(st.none() | st.builds(
                Limit, st.just(Lapse(1, "day")), st.sampled_from(get_args(Outcome)),
                st.lists(WHO, max_size=2, unique=True).map(tuple),
            )),
        )
        for people in draw(st.lists(SEATS, min_size=1, max_size=4))
    )  # fmt: skip


class Approvals(RuleBasedStateMachine):
    """Does anything at any time; what is refused changes nothing."""

    course: Course

    @initialize(
        made=stages(), rules=st.builds(
            Rules, withdraw=st.booleans(), spares_author=st.booleans(), skip_repeated=st.booleans()
        )
    )  # fmt: skip
    def begin(self, made: tuple[Stage, ...], rules: Rules) -> None:
        self.now = NOON
        self.course = deciding.submit(Course(AUTHOR, made, rules), self.at)

    @property
    def at(self) -> At:
        return At(self.now, lambda limit: self.now + timedelta(days=limit.after.amount))

    def attempt(self, act: Callable[[Course], Course], who: UUID, allowed: str = "") -> None:
        """Do an act; one that may not be done is refused, one that may is not."""
        before = self.course
        try:
            self.course = act(before)
        except RecordRefused as refused:
            codes = [error.code for error in refused.errors]
            if before.state != "running":
                assert codes == ["approval_over"]
            elif allowed in ("", *before.stages[before.at].allow) and who in waiting(before):
                assert codes != ["approval_not_yours"]
                assert codes != ["approval_not_allowed"]
            return
        assert before.state == "running"
        assert len(self.course.log) == len(before.log) + 1
        if allowed:
            assert allowed in before.stages[before.at].allow

    @rule(who=WHO, agrees=st.booleans())
    def decide(self, who: UUID, agrees: bool) -> None:
        before = self.course
        act = deciding.approve if agrees else deciding.reject
        self.attempt(lambda course: act(course, Voter(who), self.at), who)
        assert (self.course is before) == (who not in waiting(before))

    @rule(deputy=WHO, person=WHO, agrees=st.booleans())
    def decide_for(self, deputy: UUID, person: UUID, agrees: bool) -> None:
        """Deputies decide for whoever is asked, never on what they submitted themselves."""
        before, asked = self.course, waiting(self.course)
        act = deciding.approve if agrees else deciding.reject
        who = Voter(deputy, (person,))
        self.attempt(lambda course: act(course, who, self.at), deputy)
        stands_in = person in asked and deputy != AUTHOR
        assert (self.course is not before) == (deputy in asked or stands_in)
        if self.course is not before and deputy not in asked:
            assert (self.course.log[-1].by, self.course.log[-1].instead_of) == (deputy, person)

    @rule(act=st.sampled_from(["withdraw", "urge"]))
    def administer(self, act: str) -> None:
        """Administrators withdraw and urge in anybody's place."""
        before, chief = self.course, Voter(NOBODY, administers=True)
        done = deciding.withdraw if act == "withdraw" else deciding.urge
        self.attempt(lambda course: done(course, chief, self.at), NOBODY)
        if before.open is not None:
            may = act == "withdraw" or "urge" in before.open.allow
            assert (self.course is not before) == may

    @rule(hours=st.integers(1, 30))
    def set_clock_back(self, hours: int) -> None:
        """Nothing is due twice because the clock is set back."""
        before = self.course
        self.now -= timedelta(hours=hours)
        self.course = deciding.time_out(before, self.at)
        if self.course is not before:
            assert before.open is not None
            assert before.open.due is not None
            assert before.open.due <= self.now

    @rule(who=WHO, place=st.sampled_from(["", "s1", "s2", "s3", "s1+1"]))
    def send_back(self, who: UUID, place: str) -> None:
        def act(course: Course) -> Course:
            return deciding.send_back(course, Voter(who), self.at, place)

        self.attempt(act, who, "return")

    @rule(who=WHO, to=WHO)
    def transfer(self, who: UUID, to: UUID) -> None:
        self.attempt(lambda course: deciding.transfer(course, Voter(who), self.at, to), who,
                     "transfer")  # fmt: skip

    @rule(who=WHO, to=WHO, before=st.booleans())
    def add(self, who: UUID, to: UUID, before: bool) -> None:
        where = "before" if before else "after"

        def act(course: Course) -> Course:
            return deciding.add(course, Voter(who), self.at, to, where)  # type: ignore[arg-type]

        self.attempt(act, who, f"add_{where}")

    @rule(gone=WHO, to=WHO)
    def hand_over(self, gone: UUID, to: UUID) -> None:
        chief = Voter(FAY, administers=True)
        self.attempt(lambda course: deciding.hand_over(course, chief, self.at, gone, to), FAY)

    @rule(made=stages(), administers=st.booleans(), skips=st.booleans())
    def replan(self, made: tuple[Stage, ...], administers: bool, skips: bool) -> None:
        before = self.course
        fresh = Course(AUTHOR, made, replace(before.rules, spares_author=skips))
        who = Voter(NOBODY, administers=administers)
        self.attempt(lambda course: deciding.replan(course, who, self.at, fresh), NOBODY)
        assert (self.course is not before) == (administers and before.state == "running")

    @rule(who=WHO)
    def withdraw(self, who: UUID) -> None:
        before = self.course
        self.attempt(lambda course: deciding.withdraw(course, Voter(who), self.at), NOBODY)
        mine = who == AUTHOR and before.rules.withdraw and before.state == "running"
        assert (self.course.state == "withdrawn" != before.state) == mine

    @rule(who=WHO, to=WHO)
    def tell(self, who: UUID, to: UUID) -> None:
        self.attempt(lambda course: deciding.copy_to(course, Voter(who), self.at, [to]), who,
                     "copy")  # fmt: skip
        mine = AUTHOR if who == AUTHOR else NOBODY
        self.attempt(lambda course: deciding.urge(course, Voter(who), self.at), mine, "urge")
        said = Said("a word")
        self.attempt(lambda course: deciding.comment(course, Voter(who), self.at, said), who)

    @rule(hours=st.integers(0, 30))
    def pass_time(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.course = deciding.time_out(self.course, self.at)

    @invariant()
    def somebody_is_asked_while_it_runs_and_nobody_else(self) -> None:
        asked = waiting(self.course)
        assert bool(asked) == (self.course.state == "running")
        if self.course.open is not None:
            undecided = {seat.person for seat in self.course.open.seats if not seat.vote}
            assert undecided >= set(asked)
            assert self.course.open.opened is not None

    @invariant()
    def what_is_approved_was_agreed_to_at_every_step(self) -> None:
        passed = self.course.stages[: self.course.at]
        assert all(_tally(each) == "passed" for each in passed)
        if self.course.state == "approved":
            assert len(passed) == len(self.course.stages)
        elif self.course.state == "rejected":
            assert _tally(self.course.stages[self.course.at]) == "refused"
        elif self.course.state == "running":
            assert _tally(self.course.stages[self.course.at]) == "open"

    @invariant()
    def authors_who_are_to_be_left_out_decide_nothing(self) -> None:
        if self.course.rules.spares_author:
            votes = {
                seat.vote
                for each in self.course.stages
                for seat in each.seats
                if seat.person == AUTHOR
            }
            assert votes <= {"", "author"}

    @invariant()
    def it_is_kept_as_it_is(self) -> None:
        kept = json.loads(json.dumps(course_to_wire(self.course)))
        assert course_of(kept) == self.course


def _tally(stage: Stage) -> str:
    """Count a step's votes the way people do who hold up hands."""
    present = [seat for seat in stage.seats if seat.vote != "author"]
    yes = len([seat for seat in present if seat.vote in ("approved", "earlier")])
    no = len([seat for seat in present if seat.vote == "rejected"])
    silent = len(present) - yes - no
    if not present:
        return "passed"
    match stage.mode:
        case "any":
            return "refused" if no else "passed" if yes else "open"
        case "all" | "in_turn":
            return "refused" if no else "passed" if not silent else "open"
        case "quorum":
            wanted = min(stage.needed, len(present))
            return "passed" if yes >= wanted else "refused" if yes + silent < wanted else "open"


TestApprovals = Approvals.TestCase
TestApprovals.settings = settings(max_examples=examples(60), stateful_step_count=15, deadline=None)


def test_an_escalation_to_those_who_are_asked_already_asks_them_on() -> None:
    limit = Limit(Lapse(1, "day"), "escalate", (ANNE,))
    course = begun(stage("one", ANNE, limit=limit))

    after = deciding.time_out(course, At(NOON + timedelta(days=1), later))
    assert (waiting(after), after.stages[0].due) == ((ANNE,), None)
    assert replace(after, log=()) != replace(course, log=())
