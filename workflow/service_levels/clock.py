"""The clock of one target on one record, and how it goes on; pure.

A clock runs, is paused, or is late; it ends in time or too late. One that its own condition
stopped goes on where it was when that ceases; one whose service level ended begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from metamodel.actions import Lapse
from workflow.service_levels.business import Business, Length

State = Literal["running", "paused", "late", "met", "missed", "dropped"]

OPEN: frozenset[State] = frozenset({"running", "paused", "late"})


@dataclass(frozen=True, slots=True)
class Mark:
    """When an escalation is due: once a share of the time is used, or a lapse after it was up."""

    key: str
    share: Decimal | None = None
    after: Lapse | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised of a record at this moment: the target that counts, and its conditions.

    `length` is None for a record whose formula of hours comes to nothing.
    """

    level: str
    target: str
    length: Length | None
    business: Business
    marks: tuple[Mark, ...] = ()
    started: bool = True
    paused: bool = False
    stopped: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock as it is kept: `done` are the marks that were acted on, `over` that it ended for
    good. `due` is None while it is paused; `next_at` is when something happens by itself."""

    level: str
    target: str
    state: State
    started_at: datetime
    length: Length | None
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    paused_at: datetime | None = None
    due: datetime | None = None
    ended_at: datetime | None = None
    over: bool = False
    next_at: datetime | None = None
    done: tuple[str, ...] = ()
    id: UUID | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state in OPEN


def go_on(
    clock: Clock | None, promise: Promise | None, now: datetime, since: datetime | None = None
) -> Clock | None:
    """Return a clock as it is after conditions were looked at; None where there is none.

    A new one starts now, or at `since`: what would have been escalated by now is not made up for.
    """
    if clock is None or (clock.over and not clock.is_open):
        if promise is None or promise.length is None or not promise.started:
            return clock
        if promise.over or promise.stopped:
            return clock
        return _begun(promise, now, since or now)
    if promise is None or promise.length is None:
        return _ended(clock, "dropped", now) if clock.is_open else clock
    if promise.over or promise.stopped:
        return _stopped(clock, promise, now)
    return _timed(_running(_meant(clock, promise), promise, now), promise, now)


def marks_due(clock: Clock, promise: Promise, now: datetime) -> tuple[str, ...]:
    """Return the escalations of an open clock that are due and were not acted on."""
    if not clock.is_open or clock.paused_at is not None:
        return ()
    return tuple(
        each.key
        for each, moment in _moments(clock, promise)
        if each.key not in clock.done and moment is not None and moment <= now
    )


def acted(clock: Clock, promise: Promise, keys: Sequence[str], now: datetime) -> Clock:
    """Return a clock whose escalations were acted on."""
    return _timed(replace(clock, done=(*clock.done, *keys)), promise, now)


def _begun(promise: Promise, now: datetime, since: datetime) -> Clock:
    clock = Clock(promise.level, promise.target, "running", since, promise.length)
    clock = replace(clock, due=_due(clock, promise))
    passed = marks_due(clock, promise, now) if since < now else ()
    paused = replace(clock, done=passed, paused_at=now if promise.paused else None)
    return _timed(paused, promise, now)


def _meant(clock: Clock, promise: Promise) -> Clock:
    """Return a clock with what is promised now; what was acted on of another target stays so."""
    return replace(clock, level=promise.level, target=promise.target, length=promise.length)


def _stopped(clock: Clock, promise: Promise, now: datetime) -> Clock:
    """Return a clock that ends; one that had ended by itself may now have for good."""
    if not clock.is_open:
        return replace(clock, over=clock.over or promise.over)
    clock = _meant(clock, promise)
    if clock.paused_at is not None:
        clock = replace(clock, pauses=(*clock.pauses, (clock.paused_at, now)), paused_at=None)
    due = _due(clock, promise)
    in_time = due is None or now <= due
    ended = _ended(replace(clock, due=due), "met" if in_time else "missed", now)
    return replace(ended, over=promise.over)


def _ended(clock: Clock, state: State, now: datetime) -> Clock:
    due = None if state == "dropped" else clock.due
    over = clock.over or state == "dropped"
    return replace(
        clock, state=state, ended_at=now, paused_at=None, next_at=None, due=due, over=over
    )


def _running(clock: Clock, promise: Promise, now: datetime) -> Clock:
    """Return a clock whose pause has begun or ended; the time in which it had stopped is one."""
    if not clock.is_open and clock.ended_at is not None:
        pauses = (*clock.pauses, (clock.ended_at, now))
        clock = replace(clock, pauses=pauses, ended_at=None, state="running")
    if promise.paused and clock.paused_at is None:
        return replace(clock, paused_at=now)
    if not promise.paused and clock.paused_at is not None:
        return replace(clock, pauses=(*clock.pauses, (clock.paused_at, now)), paused_at=None)
    return clock


def _timed(clock: Clock, promise: Promise, now: datetime) -> Clock:
    """Return an open clock with its state and the instants that follow from it."""
    if clock.paused_at is not None:
        return replace(clock, state="paused", due=None, next_at=None)
    due = _due(clock, promise)
    late = due is not None and due <= now
    clock = replace(clock, due=due, state="late" if late else "running")
    coming = [moment for each, moment in _moments(clock, promise) if each.key not in clock.done]
    coming += [due] if due is not None and not late else []
    return replace(clock, next_at=min((each for each in coming if each is not None), default=None))


def _due(clock: Clock, promise: Promise) -> datetime | None:
    if clock.length is None:
        return None
    return promise.business.until(clock.started_at, clock.length, clock.pauses)


def _moments(clock: Clock, promise: Promise) -> list[tuple[Mark, datetime | None]]:
    """Return when each escalation is due."""
    if clock.length is None:
        return []
    business, found = promise.business, []
    for each in promise.marks:
        moment: datetime | None = None
        if each.share is not None:
            moment = business.part(clock.started_at, clock.length, each.share, clock.pauses)
        elif each.after is not None and clock.due is not None:
            moment = business.until(clock.due, each.after)
        found.append((each, moment))
    return found


def shown(clock: Clock | None) -> Mapping[str, object]:
    """Return what a record shows of a clock: `due` and `state`, both blank where none counts."""
    if clock is None or clock.state == "dropped":
        return {"due": None, "state": None}
    return {"due": clock.due, "state": clock.state}
