"""What one function of the language is: its types, its words, and its three back ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol

from sqlalchemy import ColumnElement

from formula.calendars import Calendar
from formula.errors import Span
from formula.scope import FieldBinding, Path, Stability
from formula.typed import Call, Constant, Node
from formula.types import NumberType, TextType, ValueType

Family = Literal["logic", "number", "text", "date", "aggregate", "people"]

Kind = Literal[
    "any", "number", "text", "boolean", "date", "datetime", "when", "clock", "list", "content",
]  # fmt: skip
"""What a parameter takes.

`any` is one value, `content` also a list; `when` is a date or an instant, `clock` an instant
or a time; `text` takes codes, numbers and ids, too.
"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: its name and kind, its default where it may be left out.

    A `literal` is written out in the formula and known when it is checked;
    `choices` are the spellings allowed. The last parameter may `repeat`; an
    `optional` one may be left out and has no default.
    """

    name: str
    kind: Kind
    default: Constant | None = None
    literal: bool = False
    choices: tuple[str, ...] = ()
    repeat: bool = False
    optional: bool = False


class Site(Protocol):
    """One call while it is checked, as a function's own rules see it."""

    @property
    def span(self) -> Span: ...

    @property
    def arguments(self) -> tuple[Node, ...]: ...

    def refuse(self, code: str, message: str, hint: str = "", *, at: Span | None = None) -> None:
        """Note a problem with the call."""
        ...

    def read(self, path: Path) -> Node | None:
        """Return the value that a path means here, or note that it means nothing."""
        ...

    def path_of(self, index: int) -> Path | None:
        """Return the path that an argument names, if it is a bare name."""
        ...

    def calendar(self, index: int) -> Calendar | None:
        """Return the calendar that an argument names, or the default; or note there is none."""
        ...

    def labels(self, binding: FieldBinding) -> Mapping[str, Mapping[str, str]]:
        """Return what the codes of a choice are called, by language."""
        ...

    def as_date(self, node: Node) -> Node | None:
        """Return quoted text as the day that it spells, or None."""
        ...

    def compare(self, operator: str, left: Node, right: Node) -> Node | None:
        """Return a comparison by the language's own rules."""
        ...


class SqlCall(Protocol):
    """One call while it becomes SQL."""

    @property
    def arguments(self) -> Sequence[ColumnElement[Any]]: ...

    @property
    def nodes(self) -> Sequence[Node]: ...

    @property
    def calendar(self) -> Calendar:
        """The calendar that a function of working time counts by."""
        ...

    def bind(self, name: Literal["today", "now", "zone"]) -> ColumnElement[Any]:
        """Return the bind parameter that carries a part of the `Moment`."""
        ...

    def literal(self, index: int) -> Any:
        """Return the value of an argument that is written out."""
        ...

    def constant(self, node: Constant) -> ColumnElement[Any]:
        """Return a value as a bind parameter."""
        ...


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One function of the language, whole.

    `lower` builds the typed node where a function is short for operators;
    otherwise `result` gives the type, and `python`, `sql` and `js` (the name
    of a function of the runtime) compute it. `strict` functions never see a
    blank, except in `lenient` places: they give `blank` instead. `moment`
    functions get the moment first, and those with a `calendar` their calendar next.
    `syntax` ones are operators to the parser. `copies` is how often the SQL writes an argument.
    """

    name: str
    family: Family
    signature: str
    help: Mapping[str, str]
    example: str
    parameters: tuple[Parameter, ...] = ()
    result: Callable[[Site], ValueType | None] | None = None
    lower: Callable[[Site], Node | None] | None = None
    python: Callable[..., Any] | None = None
    sql: Callable[[SqlCall], ColumnElement[Any]] | None = None
    js: str = ""
    strict: bool = True
    moment: bool = False
    calendar: bool = False
    lenient: frozenset[int] = frozenset()
    blank: Literal[False] | None = None
    stability: Stability = "stable"
    aggregate: bool = False
    syntax: bool = False
    copies: int = 1


def call(site: Site, function: str, kind: ValueType, *arguments: Node) -> Call:
    """Return the node of a call that a function's own rules built."""
    return Call(function, arguments or site.arguments, kind, site.span)


def whole(value: int) -> Constant:
    """Return a whole number as the default of a parameter."""
    return Constant(Decimal(value), NumberType(len(str(abs(value))), 0), Span(0, 0))


def text(value: str) -> Constant:
    """Return text as the default of a parameter."""
    return Constant(value, TextType(), Span(0, 0))


def inner(
    name: str,
    python: Callable[..., Any],
    sql: Callable[[SqlCall], ColumnElement[Any]],
    js: str,
    *,
    moment: bool = False,
    copies: int = 1,
) -> FunctionSpec:
    """Return a function that the checker puts in and nobody writes."""
    return FunctionSpec(
        name, "date", "", {}, "", python=python, sql=sql, js=js, moment=moment, copies=copies
    )
