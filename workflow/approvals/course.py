"""An approval on its way: its steps with the people who decide, and everything that was done.

Values only. Who decides, how many must agree and what an approver may do are fixed when a
record is submitted; an approval that runs is not touched by a new version of the app.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from metamodel.actions import Lapse
from metamodel.approvals import Allowed, Mode, Outcome

State = Literal["running", "approved", "rejected", "returned", "withdrawn"]

Vote = Literal["", "approved", "rejected", "earlier", "author"]
"""What somebody said; `earlier`: agreed at a step before; `author`: left out as the author."""

What = Literal[
    "submitted", "approved", "rejected", "returned", "transferred", "added_before", "added_after",
    "withdrawn", "urged", "copied", "commented", "replaced", "reminded", "escalated", "replanned",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seat:
    """One person who decides at a step; `by` is who did, where that was a deputy."""

    person: UUID
    vote: Vote = ""
    by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a step may take, and what happens then; `to` decide instead, for `escalate`."""

    after: Lapse
    then: Outcome
    to: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of an approval: `needed` of its seats must agree, for a quorum.

    `added_by` is who asked for a step that the app does not have. `vacant` tells that nobody is
    there whom the step names, so that administrators decide. `opened` is when it was its turn,
    `due` when its time is up.
    """

    key: str
    label: Mapping[str, str]
    seats: tuple[Seat, ...]
    mode: Mode = "any"
    needed: int = 0
    allow: tuple[Allowed, ...] = ()
    edits: tuple[str, ...] = ()
    copies: tuple[UUID, ...] = ()
    limit: Limit | None = None
    added_by: UUID | None = None
    vacant: bool = False
    opened: datetime | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done: by whom (None: by time), in whose stead, at which step.

    `to` are the people, or `place` the step, that it was about; `given` are JSON values of what
    the step asked for, `files` those that were put to it.
    """

    at: datetime
    what: What
    by: UUID | None
    stage: str = ""
    instead_of: UUID | None = None
    comment: str = ""
    to: tuple[UUID, ...] = ()
    place: str = ""
    given: Mapping[str, object] = field(default_factory=dict)
    files: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What an approval says of itself: what is locked meanwhile (fields by key), who is left out.

    With `spares_author` whoever submitted it is asked nowhere, and nobody can have them decide.
    """

    locks: tuple[str, ...] = ()
    locks_all: bool = True
    withdraw: bool = True
    spares_author: bool = False
    skip_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """An approval on its way: the author, its steps, which of them is open, what was done.

    `at` is the index of the open step; the number of steps where all have agreed.
    """

    author: UUID
    stages: tuple[Stage, ...]
    rules: Rules = Rules()
    at: int = 0
    state: State = "running"
    log: tuple[Entry, ...] = ()

    @property
    def open(self) -> Stage | None:
        """The step whose turn it is, None once all is decided."""
        return self.stages[self.at] if self.state == "running" else None


@dataclass(frozen=True, slots=True)
class Voter:
    """Somebody who acts, with those whose deputy they are today."""

    person: UUID
    represents: tuple[UUID, ...] = ()
    administers: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says with what they do: a comment, values that were asked for, files."""

    comment: str = ""
    given: Mapping[str, object] = field(default_factory=dict)
    files: tuple[UUID, ...] = ()


def waiting(course: Course) -> tuple[UUID, ...]:
    """Return whose decision is waited for now, each once."""
    stage = course.open
    if stage is None:
        return ()
    undecided = [seat.person for seat in stage.seats if not seat.vote]
    return tuple(undecided[:1] if stage.mode == "in_turn" else undecided)


def vote_of(course: Course, seat: Seat) -> Vote:
    """Return what somebody said; authors who will be left out are so from the start."""
    spared = course.rules.spares_author and seat.person == course.author
    return "author" if spared and not seat.vote else seat.vote


def involved(course: Course) -> frozenset[UUID]:
    """Return everybody who has to do with it: who decides, did something, or got a copy."""
    seats = {seat.person for stage in course.stages for seat in stage.seats}
    deputies = {seat.by for stage in course.stages for seat in stage.seats if seat.by is not None}
    told = {person for entry in course.log for person in entry.to}
    acted = {each for entry in course.log for each in (entry.by, entry.instead_of) if each}
    return frozenset({course.author, *seats, *deputies, *told, *acted})


Where = Literal["passed", "skipped", "now", "refused", "stopped", "ahead", "never"]


def map_of(course: Course) -> tuple[tuple[Stage, Where], ...]:
    """Return each step with where the approval is with it: who was, who is, who will be asked."""
    return tuple((stage, _where(course, index)) for index, stage in enumerate(course.stages))


def _where(course: Course, index: int) -> Where:
    stage, running = course.stages[index], course.state == "running"
    if index < course.at:
        spared = all(seat.vote in ("author", "earlier") for seat in stage.seats)
        return "skipped" if spared else "passed"
    if index > course.at:
        return "ahead" if running else "never"
    if running:
        return "now"
    return "refused" if course.state == "rejected" else "stopped"
