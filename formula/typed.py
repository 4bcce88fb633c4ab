"""A checked formula: its tree with types, and all that it reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from formula.calendars import Calendar
from formula.errors import Span
from formula.scope import Binding, CollectionBinding, Stability, Step
from formula.types import ValueType

Operator = Literal[
    "+", "-", "*", "/", "//", "%", "**", "&",
    "==", "!=", "<", "<=", ">", ">=", "in", "and", "or", "not", "negate",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constant:
    """A value written in the formula."""

    value: object
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Read:
    """A name that was resolved to a field, table or entity binding."""

    binding: Binding
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator over one or two operands, already converted to what it takes."""

    operator: Operator
    operands: tuple[Node, ...]
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A scalar function from the catalogue, by its upper-case name.

    `calendar` is the one that functions of working time count by.
    """

    function: str
    arguments: tuple[Node, ...]
    type: ValueType
    span: Span
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    """`then if condition else otherwise`; the branch not taken is not evaluated."""

    condition: Node
    then: Node
    otherwise: Node
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Items:
    """A list written in the formula."""

    items: tuple[Node, ...]
    type: ValueType
    span: Span


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A function over the members of a collection.

    `collection` is None in a report's measure, where the rows are the query's own.
    `value` and `condition` are evaluated inside the member; `order` (of FIRST
    and LAST) is a list of what to sort by, `separator` stands between joined texts.
    """

    function: str
    collection: CollectionBinding | None
    value: Node | None
    condition: Node | None
    order: Node | None
    type: ValueType
    span: Span
    separator: str = ""


Node = Constant | Read | Operation | Call | Conditional | Items | Aggregate


@dataclass(frozen=True, slots=True)
class CollectionRead:
    """A collection that a formula aggregates, and the field chains it reads in each member."""

    links: tuple[Step, ...]
    entity: str
    via: Step
    reads: frozenset[tuple[Step, ...]]


@dataclass(frozen=True, slots=True)
class Dependencies:
    """All that a formula reads: chains of steps from its record, collections, settings, calendars.

    `outer` are chains read from the `this` record, `previous` those before the change.
    """

    reads: frozenset[tuple[Step, ...]] = frozenset()
    collections: frozenset[CollectionRead] = frozenset()
    settings: frozenset[str] = frozenset()
    calendars: frozenset[str] = frozenset()
    outer: frozenset[tuple[Step, ...]] = frozenset()
    previous: frozenset[tuple[Step, ...]] = frozenset()
    functions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Typed:
    """A formula that passed its check, ready for every back end.

    `text` is the canonical print; two formulas that mean the same name by name print alike.
    `stand_ins` is what stands in the tree for texts that encrypted fields are compared with.
    """

    node: Node
    type: ValueType
    dependencies: Dependencies
    stability: Stability
    text: str
    stand_ins: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, tuple[str, ...]]:
        """What tells two formulas apart, whatever they are compiled to."""
        return self.text, self.stand_ins
