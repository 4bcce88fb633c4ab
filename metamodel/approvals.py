"""Approvals: who must agree to a record, in which order, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from formula.typed import Typed
from metamodel.actions import ActionStep, Lapse
from metamodel.fields import Field
from metamodel.label import Label

Mode = Literal["any", "all", "in_turn", "quorum"]

Allowed = Literal["return", "transfer", "add_before", "add_after", "urge", "copy"]

Outcome = Literal["remind", "escalate", "approve", "reject"]


@dataclass(frozen=True, slots=True)
class Chain:
    """The superiors of `of` (None: of the author), one above the other.

    At most `levels` of them, up to the first for whom `until` holds; 0: no limit.
    """

    of: Typed | None = None
    levels: int = 0
    until: Typed | None = None


@dataclass(frozen=True, slots=True)
class Approvers:
    """Who decides at a step; of the ways to say so exactly one is written.

    `who` is a formula that gives a person or several; `manager` the n-th superior of the
    author; `position` a job title.
    """

    who: Typed | None = None
    role: str = ""
    position: str = ""
    manager: int = 0
    chain: Chain | None = None


@dataclass(frozen=True, slots=True)
class TimeOut:
    """What happens when nobody decides in time; `to` is who then does, for `escalate`."""

    after: Lapse
    then: Outcome
    to: Typed | None = None


@dataclass(frozen=True, slots=True)
class ApprovalStep:
    """One round of decisions. `edits` are fields (keys) that approvers may change meanwhile."""

    key: str
    name: str
    label: Label
    approvers: Approvers
    mode: Mode = "any"
    quorum: int = 0
    when: Typed | None = None
    time_out: TimeOut | None = None
    copy_to: Typed | None = None
    allow: tuple[Allowed, ...] = ()
    edits: tuple[str, ...] = ()
    input: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Threshold:
    """Which steps a record takes for which `when` holds; the first that matches counts."""

    name: str
    label: Label
    when: Typed | None
    steps: tuple[str, ...]


def lines_lock(entity: str) -> str:
    """Return what `locks` call lines of an entity, by key: a collection may get another name."""
    return f"{entity}[]"


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval over records of one entity.

    A record for which `when` holds needs it; it may be submitted while `submit_when` holds.
    While it runs the fields (keys) and lines (`lines_lock` of their entity) in `locks` cannot be
    changed; `locks_all`: nothing can.
    `changes` are fields whose change on a live record waits for approval as a whole.
    Authors are never asked about what they submit, unless `author_decides`: where a step asks
    nobody else, their superior decides, or with `skip_author` nobody has to.
    """

    key: str
    name: str
    label: Label
    entity: str
    steps: tuple[ApprovalStep, ...]
    active: bool = True
    module: str = ""
    help: Label = Label()
    when: Typed | None = None
    submit_when: Typed | None = None
    thresholds: tuple[Threshold, ...] = ()
    locks: tuple[str, ...] = ()
    locks_all: bool = True
    changes: tuple[str, ...] = ()
    withdraw: bool = True
    author_decides: bool = False
    skip_author: bool = False
    skip_repeated: bool = False
    document: str = ""
    on_submitted: tuple[ActionStep, ...] = ()
    on_approved: tuple[ActionStep, ...] = ()
    on_rejected: tuple[ActionStep, ...] = ()
    on_returned: tuple[ActionStep, ...] = ()
    on_withdrawn: tuple[ActionStep, ...] = ()
