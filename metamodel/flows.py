"""What records go through: pipelines, rules, conversions, starter records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from formula.scope import Step
from formula.typed import Typed
from metamodel.label import Label


@dataclass(frozen=True, slots=True)
class Work:
    """A task that a stage asks for, due some days after it was entered."""

    key: str
    label: Label
    within_days: int | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a pipeline, and what it takes to enter it.

    A retired one may have been merged `into` another, by key, that is in use; one that was split
    off `takes` records of others, as options do.
    """

    key: str
    name: str
    label: Label
    color: str = ""
    probability: Decimal | None = None
    normal_days: int | None = None
    ends: Literal["", "won", "lost", "done", "cancelled"] = ""
    must_fill: tuple[str, ...] = ()
    enter_when: Typed | None = None
    guide: Label = Label()
    works: Mapping[str, Work] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    note: Label = Label()
    retired: bool = False
    former: tuple[str, ...] = ()
    into: str = ""
    takes: Mapping[str, Typed | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages that the field `field_key` goes through, and which moves are allowed.

    `moves` maps a stage key to those it may go to; a stage without an entry may go anywhere.
    """

    key: str
    name: str
    label: Label
    field_key: str
    stages: Mapping[str, Stage]
    moves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    when: Typed | None = None

    @property
    def first(self) -> Stage:
        """Return the stage that records begin in; every pipeline has one that is not retired."""
        return next(stage for stage in self.stages.values() if not stage.retired)


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition under which a record is refused, and what the person is told."""

    key: str
    name: str
    refuse_when: Typed
    message: Label
    at: str = ""
    note: Label = Label()


@dataclass(frozen=True, slots=True)
class ConvertStep:
    """One record that a conversion makes: fields set by formulas over the source.

    `each` names a collection of the source whose members are copied one by one;
    inside, names mean the member and `this` the source.
    """

    name: str
    create: str
    set: Mapping[str, Typed]
    when: Typed | None = None
    lines: Mapping[str, ConvertLines] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConvertLines:
    """Child lines (of `entity`) of the new record, one for each member that `when` takes.

    The members are those of a collection at the end of `links`; `via` is what they point back with.
    """

    each: str
    set: Mapping[str, Typed]
    entity: str
    via: Step
    links: tuple[Step, ...] = ()
    when: Typed | None = None


@dataclass(frozen=True, slots=True)
class Convert:
    """Making other records from this one, once, in one transaction, linked both ways."""

    key: str
    name: str
    label: Label
    steps: tuple[ConvertStep, ...]
    when: Typed | None = None
    remember: Mapping[str, str] = field(default_factory=dict)
    move: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class StarterRecord:
    """A record that a new tenant has; its key makes it mergeable and referable."""

    key: str
    entity: str
    values: Mapping[str, object]
    keep: bool = False
