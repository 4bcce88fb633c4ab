"""What may be done with an approval on its way, and what it is afterwards. No IO, no clock.

Every act takes the course as it is and returns it as it becomes, or raises `RecordRefused`
with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NoReturn
from uuid import UUID

from engine.errors import FieldError, RecordRefused
from engine.values.refusals import remark
from metamodel.approvals import Allowed
from workflow.approvals.course import (
    Course,
    Entry,
    Limit,
    Said,
    Seat,
    Stage,
    Voter,
    What,
    waiting,
)

Timer = Callable[[Limit], datetime | None]


@dataclass(frozen=True, slots=True)
class At:
    """When something is done, and until when a step may take that opens then."""

    now: datetime
    timer: Timer


SILENT = Said()
"""Nothing said beside what is done."""

MOST_STAGES = 60
"""Steps that one approval may come to have."""

MOST_COMMENT = 4000
"""Characters of one comment."""


def refuse(code: str, **params: object) -> NoReturn:
    """Raise the refusal of an act."""
    raise RecordRefused([FieldError(code, (), params)])


def submit(course: Course, at: At, said: Said = SILENT) -> Course:
    """Begin: open the first step that somebody has to decide."""
    begun = _noted(course, Entry(at.now, "submitted", course.author, comment=_text(said)))
    return _settled(begun, at)


def approve(course: Course, who: Voter, at: At, said: Said = SILENT) -> Course:
    """Agree at the open step; it is passed as soon as enough have."""
    return _settled(_voted(course, who, at, "approved", said), at)


def reject(course: Course, who: Voter, at: At, said: Said = SILENT) -> Course:
    """Disagree at the open step; that ends it where so many agree no more as are needed."""
    return _settled(_voted(course, who, at, "rejected", said), at)


def send_back(course: Course, who: Voter, at: At, place: str, said: Said = SILENT) -> Course:
    """Return it to its author (`place` blank), or to an earlier step, by key: decided anew."""
    stage, seat = _seat(course, who)
    _require(stage, "return")
    entry = _entry(course, "returned", who, seat, at.now, said)
    if not place:
        return replace(_noted(course, entry), state="returned")
    keys = [each.key for each in course.stages[: course.at]]
    if place not in keys:
        refuse("approval_step_unknown", value=place, known=keys)
    index = keys.index(place)
    fresh = tuple(_anew(each) for each in course.stages[index:])
    back = replace(course, at=index, stages=(*course.stages[:index], *fresh))
    return _settled(_noted(back, replace(entry, place=place)), at)


def transfer(course: Course, who: Voter, at: At, to: UUID, said: Said = SILENT) -> Course:
    """Have somebody else decide in one's place."""
    stage, seat = _seat(course, who)
    _require(stage, "transfer")
    moved = _reseated(course, seat, to)
    return _noted(moved, replace(_entry(course, "transferred", who, seat, at.now, said), to=(to,)))


def hand_over(course: Course, who: Voter, at: At, gone: UUID, to: UUID) -> Course:
    """Put somebody in the place of a person who is asked and cannot decide: by an administrator."""
    _running(course)
    if not who.administers:
        refuse("approval_not_yours")
    if gone not in {seat.person for seat in course.stages[course.at].seats if not seat.vote}:
        refuse("approval_not_asked")
    moved = _reseated(course, gone, to)
    return _noted(moved, Entry(at.now, "replaced", who.person, _open(course).key, gone, to=(to,)))


def replan(course: Course, who: Voter, at: At, fresh: Course, said: Said = SILENT) -> Course:
    """Go on by another course, such as that of a newer version: by an administrator.

    Who agreed at a step that the new course has as well, and is named there, has agreed; who
    disagreed is asked again. Steps that somebody added go.
    """
    stage = _running(course)
    if not who.administers:
        refuse("approval_not_yours")
    known = {each.key: each for each in course.stages}
    spared = {course.author} if fresh.rules.spares_author else set()
    stages = tuple(_kept(each, known.get(each.key), spared) for each in fresh.stages)
    entry = Entry(at.now, "replanned", who.person, stage.key, comment=_text(said))
    begun = replace(course, stages=stages, rules=fresh.rules, at=0)
    return _settled(_noted(begun, entry), at)


def add(
    course: Course, who: Voter, at: At,
    to: UUID, where: Literal["before", "after"], said: Said = SILENT,
) -> Course:  # fmt: skip
    """Ask one more person: before the open step goes on, or once it has passed."""
    stage, seat = _seat(course, who)
    what: What = "added_before" if where == "before" else "added_after"
    _require(stage, "add_before" if where == "before" else "add_after")
    if len(course.stages) >= MOST_STAGES:
        refuse("approval_too_long", max=MOST_STAGES)
    if to in (who.person, seat):
        refuse("approval_person_twice")
    _require_other(course, to)
    key = _free_key(course, stage.key)
    fresh = Stage(key, {}, (Seat(to),), allow=("transfer", "return"), added_by=who.person)
    entry = replace(_entry(course, what, who, seat, at.now, said), to=(to,))
    if where == "before":
        # The step is open anew, with the decisions that were made, when the one asked has agreed.
        course = _with(course, replace(stage, opened=None, due=None))
    index = course.at + (where == "after")
    stages = (*course.stages[:index], fresh, *course.stages[index:])
    return _settled(_noted(replace(course, stages=stages), entry), at)


def withdraw(course: Course, who: Voter, at: At, said: Said = SILENT) -> Course:
    """Take it back: by the author, where the approval lets them, or an administrator."""
    _running(course)
    mine = who.person == course.author and course.rules.withdraw
    if not mine and not who.administers:
        refuse("approval_no_withdrawal" if who.person == course.author else "approval_not_yours")
    return replace(
        _noted(course, Entry(at.now, "withdrawn", who.person, comment=_text(said))),
        state="withdrawn",
    )


def urge(course: Course, who: Voter, at: At, said: Said = SILENT) -> Course:
    """Remind those who are waited for; by the author."""
    stage = _running(course)
    if who.person != course.author and not who.administers:
        refuse("approval_not_yours")
    _require(stage, "urge")
    people = waiting(course)
    return _noted(
        course, Entry(at.now, "urged", who.person, stage.key, comment=_text(said), to=people)
    )


def copy_to(course: Course, who: Voter, at: At, to: Sequence[UUID], said: Said = SILENT) -> Course:
    """Show it to others, who decide nothing; by the author or by whoever is asked."""
    stage = _running(course)
    _require(stage, "copy")
    if who.person != course.author:
        _seat(course, who)
    entry = Entry(at.now, "copied", who.person, stage.key, comment=_text(said), to=tuple(to))
    return _noted(course, entry)


def comment(course: Course, who: Voter, at: At, said: Said) -> Course:
    """Say something about it without deciding, while it runs."""
    stage = _running(course)
    if not said.comment.strip() and not said.files:
        refuse("approval_nothing_said")
    entry = Entry(at.now, "commented", who.person, stage.key, comment=_text(said), files=said.files)
    return _noted(course, entry)


def time_out(course: Course, at: At) -> Course:
    """Do what is due at the open step, whose time is up; the same course where it is not."""
    stage = course.open
    if stage is None or stage.limit is None or stage.due is None or stage.due > at.now:
        return course
    limit, people = stage.limit, waiting(course)
    match limit.then:
        case "remind":
            again = replace(stage, due=at.timer(limit))
            return _noted(
                _with(course, again), Entry(at.now, "reminded", None, stage.key, to=people)
            )
        case "escalate":
            spared = {course.author} if course.rules.spares_author else set()
            to = tuple(each for each in limit.to if each not in {*people, *spared})
            seats = (*(seat for seat in stage.seats if seat.vote), *(Seat(each) for each in to))
            raised = replace(stage, seats=seats if to else stage.seats, due=None)
            entry = Entry(at.now, "escalated", None, stage.key, to=to or people)
            return _settled(_noted(_with(course, raised), entry), at)
        case "approve" | "reject" as then:
            vote: Literal["approved", "rejected"] = "approved" if then == "approve" else "rejected"
            seats = tuple(seat if seat.vote else replace(seat, vote=vote) for seat in stage.seats)
            course = _with(course, replace(stage, seats=seats))
            return _settled(_noted(course, Entry(at.now, vote, None, stage.key)), at)


def verdict(stage: Stage) -> Literal["open", "passed", "refused"]:
    """Return what a step has come to: those who are left out are as if they were never named."""
    votes = [seat.vote for seat in stage.seats if seat.vote != "author"]
    agreed = sum(vote in ("approved", "earlier") for vote in votes)
    against = votes.count("rejected")
    needed = len(votes)
    if stage.mode == "any":
        needed = min(1, needed)
    elif stage.mode == "quorum":
        needed = min(stage.needed, needed)
    if stage.mode == "any" and against:
        # Of people who stand for each other the first decides.
        return "refused"
    if agreed >= needed:
        return "passed"
    return "refused" if len(votes) - against < needed else "open"


def _settled(course: Course, at: At) -> Course:
    """Go on to the first step that waits for somebody, or to the end."""
    while course.state == "running":
        if course.at == len(course.stages):
            return replace(course, state="approved")
        stage = course.stages[course.at]
        if stage.opened is None:
            due = at.timer(stage.limit) if stage.limit is not None else None
            stage = replace(_spared(course, stage), opened=at.now, due=due)
            course = _with(course, stage)
        match verdict(stage):
            case "open":
                return course
            case "refused":
                return replace(course, state="rejected")
            case "passed":
                course = replace(course, at=course.at + 1)
    return course


def _spared(course: Course, stage: Stage) -> Stage:
    """Return a step that opens, without those who need not be asked."""
    agreed = {
        seat.person for each in course.stages[: course.at] for seat in each.seats
        if seat.vote in ("approved", "earlier")
    }  # fmt: skip
    return replace(stage, seats=tuple(_spare(course, seat, agreed) for seat in stage.seats))


def _spare(course: Course, seat: Seat, agreed: Collection[UUID]) -> Seat:
    if seat.vote:
        return seat
    if course.rules.spares_author and seat.person == course.author:
        return replace(seat, vote="author")
    if course.rules.skip_repeated and seat.person in agreed:
        return replace(seat, vote="earlier")
    return seat


def _voted(
    course: Course, who: Voter, at: At, vote: Literal["approved", "rejected"], said: Said
) -> Course:
    stage, person = _seat(course, who)
    by = who.person if who.person != person else None
    seats = tuple(
        replace(seat, vote=vote, by=by) if seat.person == person and not seat.vote else seat
        for seat in stage.seats
    )
    course = _with(course, replace(stage, seats=seats))
    return _noted(course, _entry(course, vote, who, person, at.now, said))


def _seat(course: Course, who: Voter) -> tuple[Stage, UUID]:
    """Return the open step, and in whose place somebody may decide there now.

    Nobody decides on what they asked for themselves in the place of another.
    """
    stage = _running(course)
    asked = waiting(course)
    if who.person in asked:
        return stage, who.person
    if who.person != course.author:
        for each in who.represents:
            if each in asked:
                return stage, each
    refuse("approval_not_yours")


def _running(course: Course) -> Stage:
    if course.open is None:
        refuse("approval_over", state=course.state)
    return course.open


def _open(course: Course) -> Stage:
    return course.stages[course.at]


def _require(stage: Stage, act: Allowed) -> None:
    if act not in stage.allow:
        refuse("approval_not_allowed", act=act)


def _reseated(course: Course, person: UUID, to: UUID) -> Course:
    """Put somebody in another's place at the open step."""
    stage = _open(course)
    _require_other(course, to)
    if to in {seat.person for seat in stage.seats}:
        refuse("approval_person_twice")
    seats = tuple(
        Seat(to) if seat.person == person and not seat.vote else seat for seat in stage.seats
    )
    return _with(course, replace(stage, seats=seats))


def _require_other(course: Course, to: UUID) -> None:
    """Refuse to ask the author, where authors do not decide on what they ask for."""
    if course.rules.spares_author and to == course.author:
        refuse("approval_own")


def _anew(stage: Stage) -> Stage:
    seats = tuple(Seat(seat.person) for seat in stage.seats)
    return replace(stage, seats=seats, opened=None, due=None)


def _kept(stage: Stage, before: Stage | None, spared: Collection[UUID]) -> Stage:
    """Return a step of a new course with what was agreed to at the same step before."""
    agreed = {
        seat.person: seat for seat in (before.seats if before is not None else ())
        if seat.vote == "approved" and seat.person not in spared
    }  # fmt: skip
    if before is None or not agreed:
        return stage
    fresh = replace(stage, seats=tuple(agreed.get(each.person, each) for each in stage.seats))
    return replace(fresh, opened=before.opened) if verdict(fresh) == "passed" else fresh


def _free_key(course: Course, key: str) -> str:
    known = {each.key for each in course.stages}
    return next(f"{key}+{n}" for n in range(1, MOST_STAGES + 2) if f"{key}+{n}" not in known)


def _with(course: Course, stage: Stage) -> Course:
    stages = (*course.stages[: course.at], stage, *course.stages[course.at + 1 :])
    return replace(course, stages=stages)


def _entry(course: Course, what: What, who: Voter, seat: UUID, now: datetime, said: Said) -> Entry:
    instead = seat if seat != who.person else None
    return Entry(
        now, what, who.person, _open(course).key, instead, _text(said), given=said.given,
        files=said.files,
    )  # fmt: skip


def _noted(course: Course, entry: Entry) -> Course:
    return replace(course, log=(*course.log, entry))


def _text(said: Said) -> str:
    if len(said.comment) > MOST_COMMENT:
        refuse("approval_comment_long", max=MOST_COMMENT)
    return remark("comment", said.comment).strip()
