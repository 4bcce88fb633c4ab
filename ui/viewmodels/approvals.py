"""Approvals as screens show them: the bar and map on a record, dialogs, and lists in the inbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from engine.access.grants import administers
from metamodel.approvals import Approval, lines_lock
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.approval_told import (
    Changed,
    People,
    Said,
    changed_lines,
    comma,
    name_of,
    said_lines,
    stage_label,
)
from ui.viewmodels.cells import initials
from workflow.approvals.course import (
    Course,
    Seat,
    Stage,
    Where,
    involved,
    map_of,
    vote_of,
    waiting,
)
from workflow.approvals.disclosing import page_shown
from workflow.approvals.keeping import Case

TONES: Mapping[str, str] = {
    "running": "blue", "approved": "green", "rejected": "red", "returned": "orange",
    "withdrawn": "gray",
}  # fmt: skip

MARKS: Mapping[str, str] = {
    "passed": "check", "skipped": "player-skip-forward", "now": "hourglass", "refused": "x",
    "stopped": "arrow-back-up", "ahead": "circle-dotted", "never": "minus",
}  # fmt: skip
"""The icon of each place on the map."""

ICONS: Mapping[str, str] = {
    "approve": "check", "reject": "x", "return": "arrow-back-up", "transfer": "arrow-forward-up",
    "add_before": "user-plus", "add_after": "user-plus", "withdraw": "arrow-back",
    "urge": "bell-ringing", "copy": "copy", "comment": "message-circle", "hand_over": "user-share",
    "replan": "route",
}  # fmt: skip

MOST_ROUNDS = 5
"""How many earlier rounds of an approval a record's page shows."""


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody on the map: what they said, in words, and by whom if a deputy did."""

    name: str
    initials: str
    vote: str
    said: str


@dataclass(frozen=True, slots=True)
class Station:
    """One step on the map."""

    label: str
    where: Where
    icon: str
    rule: str
    faces: tuple[Face, ...]
    due: str
    note: str


@dataclass(frozen=True, slots=True)
class ActButton:
    """Something that the person may do now; its dialog is at `url`."""

    act: str
    label: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class Round:
    """What was done when a record was submitted before."""

    label: str
    state_label: str
    tone: str
    log: tuple[Said, ...]
    paper_url: str


@dataclass(frozen=True, slots=True)
class ApprovalBar:
    """One approval on a record's page; `why` is what was said as it was sent back or rejected."""

    id: str
    label: str
    state: str
    state_label: str
    tone: str
    summary: str
    since: str
    since_iso: str
    mine: bool
    stations: tuple[Station, ...]
    main: tuple[ActButton, ...]
    more: tuple[ActButton, ...]
    log: tuple[Said, ...]
    changes: tuple[Changed, ...]
    paper_url: str
    locked: str
    why: str
    rounds: tuple[Round, ...]


@dataclass(frozen=True, slots=True)
class Submitting:
    """An approval that a record can be submitted to; its dialog is at `url`."""

    label: str
    url: str


def approval_bars(screen: Screen, cases: Sequence[Case]) -> tuple[ApprovalBar, ...]:
    """Return a record's approvals, the latest first: the last of each kind, with those before."""
    kinds: dict[str, list[Case]] = {}
    for case in cases:
        kinds.setdefault(case.approval, []).append(case)
    return tuple(approval_bar(screen, latest, before) for latest, *before in kinds.values())


def submittings(screen: Screen, entity: Entity, record: UUID) -> tuple[Submitting, ...]:
    """Return what a record can be submitted to now."""
    return tuple(
        Submitting(
            screen.words.say("Submit: {name}", name=approval_label(screen, each.key)),
            screen.record_url(entity.name, record, "approvals", each.name, "submit"),
        )
        for each in screen.services.approvals.offered(screen.ctx, entity, record)
    )


def approval_bar(screen: Screen, case: Case, before: Sequence[Case] = ()) -> ApprovalBar:
    """Return one approval with its map, what the person may do, and the rounds before it."""
    course, people = case.course, people_of(screen, case.course)
    acts, opened = tuple(_acts(screen, case)), course.open.opened if course.open else None
    main = ("approve", "reject")
    return ApprovalBar(
        id=str(case.id),
        label=approval_label(screen, case.approval),
        state=course.state,
        state_label=state_label(screen, course.state),
        tone=TONES[course.state],
        summary=_summary(screen, case, people),
        since=screen.formats.instant(opened) if opened is not None else "",
        since_iso=opened.isoformat(timespec="seconds") if opened is not None else "",
        mine=_asked(screen, course),
        stations=stations(screen, course, people),
        main=tuple(each for each in acts if each.act in main),
        more=tuple(each for each in acts if each.act not in main),
        log=said_lines(screen, case, people),
        changes=changed_lines(screen, case),
        paper_url=_paper_url(screen, case),
        locked=_locked(screen, case),
        why=_why(course),
        rounds=tuple(_rounds(screen, before)),
    )


def _rounds(screen: Screen, before: Sequence[Case]) -> Iterator[Round]:
    """Yield the rounds before the present one, the latest first; of very many the last ones."""
    for number, case in zip(range(len(before), 0, -1), before[:MOST_ROUNDS], strict=False):
        yield Round(
            label=screen.words.say("Round {number}", number=number),
            state_label=state_label(screen, case.course.state),
            tone=TONES[case.course.state],
            log=said_lines(screen, case, people_of(screen, case.course)),
            paper_url=_paper_url(screen, case),
        )


def _paper_url(screen: Screen, case: Case) -> str:
    paper = page_shown(screen.ctx, screen.services.access, case)
    return screen.url("approvals", str(case.id), "paper") if paper else ""


def _why(course: Course) -> str:
    """Return what was said by whoever sent an approval back or rejected it."""
    if course.state not in ("rejected", "returned"):
        return ""
    last = next((each for each in reversed(course.log) if each.what == course.state), None)
    return last.comment if last is not None else ""


def _locked(screen: Screen, case: Case) -> str:
    """Return what nobody may change while an approval runs, in words."""
    say, rules = screen.words.say, case.course.rules
    if case.course.state != "running":
        return ""
    if rules.locks_all:
        return say("Nothing of this record is changed meanwhile")
    entity = screen.ctx.model.entities[case.entity]
    readable = screen.services.access.readable(screen.ctx, entity.key)
    names = [screen.field_label(entity.fields[key]) for key in rules.locks if key in readable]
    for name, each in entity.collections.items():
        if not {name, lines_lock(each.entity)}.isdisjoint(rules.locks):
            names.append(screen.entity_label(screen.ctx.model.entities[each.entity], plural=True))
    return say("Locked meanwhile: {names}", names=comma(screen).join(names)) if names else ""


def people_of(screen: Screen, course: Course) -> People:
    """Return everybody whom an approval names, by name."""
    return screen.services.approval_boxes.people(screen.ctx, involved(course))


def approval_label(screen: Screen, key: str) -> str:
    """Return what an approval is called."""
    found: Approval | None = screen.ctx.model.approvals.get(key)
    return screen.label(found.label, found.name) if found is not None else key


def stations(screen: Screen, course: Course, people: People) -> tuple[Station, ...]:
    """Return the map: who was, is and will be asked."""
    return tuple(_station(screen, course, at, people) for at in map_of(course))


def state_label(screen: Screen, state: str) -> str:
    """Return what a state is called."""
    say = screen.words.say
    named = {
        "running": say("Under way"),
        "approved": say("Approved"),
        "rejected": say("Rejected"),
        "returned": say("Returned"),
        "withdrawn": say("Withdrawn"),
    }
    return named[state]


def act_label(screen: Screen, act: str) -> str:
    """Return what an act is called on its button."""
    say = screen.words.say
    named = {
        "approve": say("Approve"),
        "reject": say("Reject"),
        "return": say("Return"),
        "transfer": say("Hand on"),
        "add_before": say("Ask somebody before"),
        "add_after": say("Ask somebody after"),
        "withdraw": say("Withdraw"),
        "urge": say("Urge"),
        "copy": say("Send a copy"),
        "comment": say("Comment"),
        "hand_over": say("Put somebody else in"),
        "replan": say("Move to the present course"),
    }
    return named[act]


def _station(screen: Screen, course: Course, at: tuple[Stage, Where], people: People) -> Station:
    stage, where = at
    if where == "now" and not course.log:
        # Nobody is asked before it is submitted.
        where = "ahead"
    say = screen.words.say
    due = screen.formats.instant(stage.due) if stage.due is not None and where == "now" else ""
    note = say("Nobody holds this role: administrators decide") if stage.vacant else ""
    asked = waiting(course) if where == "now" else ()
    return Station(
        label=stage_label(screen, stage),
        where=where,
        icon=MARKS[where],
        rule=_rule(screen, course, stage),
        faces=tuple(
            _face(screen, replace(each, vote=vote_of(course, each)), asked, people)
            for each in stage.seats
        ),
        due=say("until {when}", when=due) if due else "",
        note=note,
    )


def _rule(screen: Screen, course: Course, stage: Stage) -> str:
    if len([each for each in stage.seats if vote_of(course, each) != "author"]) < 2:
        return ""
    say = screen.words.say
    named = {
        "any": say("one of them decides"),
        "all": say("all must agree"),
        "in_turn": say("one after the other"),
        "quorum": say("{count} must agree", count=stage.needed),
    }
    return named[stage.mode]


def _face(screen: Screen, seat: Seat, asked: tuple[UUID, ...], people: People) -> Face:
    say, name = screen.words.say, name_of(people, seat.person)
    said = {
        "approved": say("agreed"),
        "rejected": say("disagreed"),
        "earlier": say("agreed before"),
        "author": say("submitted it, is not asked"),
        "": say("is asked") if seat.person in asked else "",
    }[seat.vote]
    if seat.by is not None:
        said = f"{said} · {say('by {name}', name=name_of(people, seat.by))}"
    vote = seat.vote or ("asked" if seat.person in asked else "")
    return Face(name, initials(name), vote, said)


def _summary(screen: Screen, case: Case, people: People) -> str:
    say, course = screen.words.say, case.course
    if course.state == "running":
        asked, stood = waiting(course), screen.ctx.actor.represents
        deputy = screen.ctx.actor.user not in asked and _asked(screen, course)
        names = [name_of(people, each) for each in asked if not deputy or each in stood]
        listed = comma(screen).join(names[:3])
        if deputy:
            return say("Waits for you in the place of {names}", names=listed)
        said = say("Waits for {names}", names=listed)
        return f"{said} …" if len(names) > 3 else said
    at = screen.formats.instant(case.decided_at or case.at)
    last = course.log[-1] if course.log else None
    if last is None or last.by is None:
        return at
    stead = name_of(people, last.instead_of) if last.instead_of is not None else ""
    told = (name_of(people, last.by), say("for {name}", name=stead) if stead else "", at)
    return " · ".join(filter(None, told))


def _asked(screen: Screen, course: Course) -> bool:
    """Return whether the person is asked now, for themselves or as a deputy."""
    actor, asked = screen.ctx.actor, waiting(course)
    deputy = actor.user != course.author and set(actor.represents).intersection(asked)
    return actor.user in asked or bool(deputy)


def acts_of(screen: Screen, case: Case) -> Iterator[str]:
    """Yield what the person may do with an approval now."""
    course, who = case.course, screen.ctx.actor.user
    stage = course.open
    if stage is None:
        return
    asked, author = _asked(screen, course), who == course.author
    if asked:
        yield "approve"
        yield "reject"
        yield from (
            each for each in ("return", "transfer", "add_before", "add_after")
            if each in stage.allow
        )  # fmt: skip
    if (asked or author) and "copy" in stage.allow:
        yield "copy"
    if author and "urge" in stage.allow:
        yield "urge"
    if author and course.rules.withdraw:
        yield "withdraw"
    yield "comment"
    if administers(screen.ctx):
        yield "hand_over"
        if case.approval in screen.ctx.model.approvals and case.revision < screen.ctx.revision:
            yield "replan"
        if not (author and course.rules.withdraw):
            yield "withdraw"


def _acts(screen: Screen, case: Case) -> Iterator[ActButton]:
    return (act_button(screen, case, act) for act in acts_of(screen, case))


def act_button(screen: Screen, case: Case, act: str) -> ActButton:
    """Return the button of something that may be done with an approval."""
    url = screen.url("approvals", str(case.id), act)
    return ActButton(act, act_label(screen, act), ICONS[act], url)
