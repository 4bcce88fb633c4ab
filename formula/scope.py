"""How a formula's names are resolved: the seam that the model implements.

A binding says what a path means in terms of stable keys, so that every back
end can find the value: Python through a `Values`, SQL through a `Columns`
(both in `formula.backends`), the browser through the dotted path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from formula.calendars import Calendar
from formula.types import ValueType

Path = tuple[str, ...]

Root = Literal["record", "previous", "this", "user", "setting", "input"]
"""Whose value a path reads; `record` is the record the formula stands on."""

Stability = Literal["stable", "dated", "personal"]
"""Whether a value depends on the record alone, on the day, or on the person."""


@dataclass(frozen=True, slots=True)
class Step:
    """One field read on the way: a field key in an entity, by entity key."""

    entity: str
    field: str


@dataclass(frozen=True, slots=True)
class FieldBinding:
    """A field of the root, or one reached through links: all steps but the last are links.

    Without steps the path is read from the root itself: `("user", "roles")`,
    `("setting", "max_discount")`, `("input", "reason")`. `part` is read of a field that holds
    several: the `start` of a period. What is `never_blank` needs no
    guard in SQL, so that a comparison with it can use an index. An amount is `measured` in
    what stands in another field, its currency: those of different measure are never added up.
    What is `sealed` is encrypted: see `formula.sealed`.
    """

    path: Path
    type: ValueType
    steps: tuple[Step, ...] = ()
    root: Root = "record"
    stability: Stability = "stable"
    never_blank: bool = False
    part: str = ""
    measured: tuple[Step, ...] = ()
    sealed: bool = False

    @property
    def way(self) -> tuple[Step, ...]:
        """Return the steps, and the part as one more: what tells two values apart."""
        return (*self.steps, Step("", self.part)) if self.part else self.steps


@dataclass(frozen=True, slots=True)
class TableBinding:
    """What a fixed table says of a field's present value, as `stage.probability`.

    `table` maps each code to a Python value of `type`; a code that is missing is blank.
    """

    path: Path
    type: ValueType
    base: FieldBinding
    table: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EntityBinding:
    """Which entity a link to several entities points to, as its name: `about.entity`."""

    path: Path
    type: ValueType
    base: FieldBinding


@dataclass(frozen=True, slots=True)
class CollectionBinding:
    """Records that point back here, as `lines`, or `customer.orders` through links.

    `links` are the link fields walked first; `via` is the link field on the
    member that points back. `member` resolves the rest of the path inside the
    member (`amount` of `lines.amount`), and is None for the bare collection. `scope`, which
    serves the check alone, takes no part in equality.
    """

    path: Path
    entity: str
    via: Step
    scope: Scope = field(compare=False)
    links: tuple[Step, ...] = ()
    member: FieldBinding | TableBinding | EntityBinding | None = None
    root: Root = "record"


@dataclass(frozen=True, slots=True)
class SharedBinding:
    """A field that all targets of a link to several entities have, as `about.name`.

    At most one of the `members` has a value: the one of the target that the link points to.
    """

    path: Path
    type: ValueType
    members: tuple[FieldBinding | TableBinding | EntityBinding, ...]


Binding = FieldBinding | TableBinding | EntityBinding | CollectionBinding

Meaning = Binding | SharedBinding
"""What a path may mean; a shared field is read as the one of its members that has a value."""


class Scope(Protocol):
    """Where a formula stands: what its names mean there."""

    def lookup(self, path: Path) -> Meaning | None:
        """Return what `path` means, or None where it means nothing."""
        ...

    def suggestions(self, path: Path) -> tuple[str, ...]:
        """Return the dotted names that could stand where `path` failed."""
        ...

    def calendars(self) -> Mapping[str, Calendar]:
        """Return the business calendars by name; "" is the one that needs no naming."""
        ...

    def labels(self, binding: FieldBinding) -> Mapping[str, Mapping[str, str]]:
        """Return what the codes of a choice are called, by language, the app's own first."""
        ...

    def name_of(self, label: Path) -> Path | None:
        """Return the path whose labels (in any language) read `label`, if exactly one does."""
        ...
