"""Duties that time brings: public pools of records, and service levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from formula.typed import Typed
from metamodel.actions import ActionStep, Lapse
from metamodel.label import Label


@dataclass(frozen=True, slots=True)
class Members:
    """People with one of `roles` (none: everybody) for whom `where` holds."""

    roles: tuple[str, ...] = ()
    where: Typed | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """A condition under which a pool takes a record back, and what people are told of it."""

    name: str
    label: Label
    when: Typed


@dataclass(frozen=True, slots=True)
class Pool:
    """A public pool (公海) of an owned entity: records without an owner that members may claim.

    Records for which `when` holds belong to it. `returns` are the conditions, by name, under
    which a record loses its owner; `exempt` ones never do, and none does while whoever has it has
    had it for no longer than `protected`. 0 stands for no limit.
    """

    key: str
    name: str
    label: Label
    entity: str
    active: bool = True
    module: str = ""
    help: Label = Label()
    when: Typed | None = None
    members: Members = Members()
    hold_limit: int = 0
    daily_claims: int = 0
    daily_views: int = 0
    masked: tuple[str, ...] = ()
    cool_down: Lapse | None = None
    returns: Mapping[str, Return] = field(default_factory=dict)
    exempt: Typed | None = None
    protected: Lapse | None = None
    warn_before: Lapse | None = None
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A time within which something must be done, for records for which `when` holds.

    The first target of the same `group` that matches counts (`response`, `solution` …); one
    without a group is its own. The time is `within`, or as many working hours as the formula
    `hours` comes to on the record. `stop_when` is what ends its clock; None: what ends the
    service level.
    """

    key: str
    name: str
    label: Label
    group: str
    within: Lapse | None = None
    hours: Typed | None = None
    when: Typed | None = None
    stop_when: Typed | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """Steps that run when a share of a target's time is used, or some time after it was missed."""

    key: str
    name: str
    steps: tuple[ActionStep, ...]
    target: str = ""
    share: Decimal | None = None
    after: Lapse | None = None


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """A promise about time on an entity's records, measured in the hours of a calendar."""

    key: str
    name: str
    label: Label
    entity: str
    targets: Mapping[str, Target]
    active: bool = True
    module: str = ""
    help: Label = Label()
    when: Typed | None = None
    calendar: str = ""
    start_when: Typed | None = None
    pause_when: Typed | None = None
    stop_when: Typed | None = None
    escalation: tuple[Escalation, ...] = ()


def due_field(group: str) -> str:
    """Return the key of the field that says until when a group of targets is to be met."""
    return f"{group}_due"


def state_field(group: str) -> str:
    """Return the key of the field that says how a group of targets stands."""
    return f"{group}_state"
