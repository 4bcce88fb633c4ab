"""Filling the gaps of a tenant's template, within limits on what it reaches and what it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, NoReturn
from uuid import UUID

from jinja2 import Template, TemplateSyntaxError, Undefined, UndefinedError, pass_context
from jinja2.runtime import Context as Names
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from engine.texts.errors import TemplateRefused
from engine.texts.filters import FILTERS, Filter
from engine.texts.grammar import COUNTED, LOOP, checked

Kind = Literal["html", "text"]
"""Whether values are escaped; in a plain text there is nothing to escape them for."""

LEFT = "steps left"
"""Where a rendering keeps what it may still do: no template can write a name with a blank."""

LARGEST = 10**30
"""Numbers above it are no amounts of anything, but a way to use up memory."""

PLAIN = str | bool | int | float | Decimal | date | datetime | time | UUID | None


@dataclass(frozen=True, slots=True)
class Limits:
    """`source` and `output` in characters; `steps` are turns of loops and looks into values."""

    source: int = 100_000
    output: int = 2_000_000
    steps: int = 200_000


class Sandbox:
    """Renders templates that nobody of ours has read; `filters` are more that they may use."""

    def __init__(
        self, filters: Mapping[str, Filter] | None = None, limits: Limits | None = None
    ) -> None:
        self._limits = limits or Limits()
        own = MappingProxyType({**FILTERS, **(filters or {})})
        self._known = frozenset(own)
        self._rooms = {
            "html": Room(own, escaping=True), "text": Room(own, escaping=False),
        }  # fmt: skip

    def check(self, source: str, *, kind: Kind = "html") -> None:
        """Raise `TemplateRefused` for a template that could never be rendered."""
        self.prepare(source, kind=kind)

    def render(self, source: str, values: Mapping[str, Any], *, kind: Kind = "html") -> str:
        """Return a template with its gaps filled. Any: values of every type that `plain` takes."""
        return self.prepare(source, kind=kind).render(values)

    def prepare(self, source: str, *, kind: Kind = "html") -> Prepared:
        """Return a template that is read once to be rendered many times."""
        if len(source) > self._limits.source:
            raise TemplateRefused("template_limit", limit="source", max=self._limits.source)
        room = self._rooms[kind]
        try:
            return Prepared(
                room.from_string(checked(room.parse(source), self._known)), self._limits
            )
        except TemplateSyntaxError as error:
            raise TemplateRefused(
                "template_syntax", line=error.lineno, message=error.message or ""
            ) from error
        except (RecursionError, SyntaxError, MemoryError, ValueError, OverflowError) as error:
            # What Python itself cannot read: too deep, or numbers of too many digits.
            raise TemplateRefused("template_limit", limit="depth") from error


@dataclass(frozen=True, slots=True)
class Prepared:
    """A template that was read and found harmless."""

    template: Template
    limits: Limits

    def render(self, values: Mapping[str, Any]) -> str:
        """Return the text with its gaps filled. Any: values of every type that `plain` takes."""
        known = {name: plain(value) for name, value in values.items()}
        pieces = self.template.generate({**known, LEFT: [self.limits.steps]})
        try:
            return "".join(self._measured(pieces))
        except UndefinedError as error:
            raise TemplateRefused("template_unknown", name=str(error)) from error
        except (TypeError, ArithmeticError, ValueError) as error:
            raise TemplateRefused("template_operands", found=str(error)[:100]) from error

    def _measured(self, pieces: Iterator[str]) -> Iterator[str]:
        size = 0
        for piece in pieces:
            size += len(piece)
            if size > self.limits.output:
                raise TemplateRefused("template_limit", limit="output", max=self.limits.output)
            yield piece


class Room(ImmutableSandboxedEnvironment):
    """The template language with nothing in it but values and filters of ours.

    The library's own sandbox stands behind: what the grammar let through by mistake meets it.
    """

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, filters: Mapping[str, Filter], *, escaping: bool) -> None:
        super().__init__(
            autoescape=escaping, undefined=Missing, finalize=shown, optimized=False, cache_size=0
        )
        self.globals.clear()
        self.filters.clear()
        self.filters.update(filters)
        self.filters[COUNTED] = counted

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a value by its name, never an attribute of Python's. Any: see `plain`."""
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return a value by its name or its place in a list. Any: see `plain`."""
        if isinstance(obj, MappingProxyType) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if isinstance(obj, tuple) and type(argument) is int and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(name=str(argument)[:100])

    def is_safe_callable(self, obj: Any) -> bool:
        """Let nothing be called. Any: whatever a template came by."""
        return False

    def call_binop(self, context: Names, operator: str, left: Any, right: Any) -> Any:
        """Reckon with numbers of a sensible size, and with nothing else. Any: see `plain`."""
        if not (_sensible(left) and _sensible(right)):
            raise TemplateRefused("template_operands", found=operator)
        if isinstance(left, Decimal) or isinstance(right, Decimal):
            left, right = Decimal(str(left)), Decimal(str(right))
        return super().call_binop(context, operator, left, right)


class Missing(Undefined):
    """A value that is not there: it may be asked for, but not used."""

    def __str__(self) -> str:
        self._stop()

    def __iter__(self) -> Iterator[Any]:
        self._stop()

    def __bool__(self) -> bool:
        return False

    def _stop(self) -> NoReturn:
        raise UndefinedError(self._undefined_name)


def shown(value: Any) -> Any:
    """Return what stands in a gap: a single value, an empty one as nothing. Any: see `plain`."""
    if isinstance(value, PLAIN | Missing):
        return "" if value is None else value
    raise TemplateRefused("template_operands", found="{{ … }}")


@pass_context
def counted(context: Names, items: Any) -> Iterator[Any]:
    """Yield the items that a loop goes through, until all loops together took too many turns."""
    if not isinstance(items, tuple):
        raise TemplateRefused("template_operands", found="for")
    left = context[LEFT]
    for item in items:
        left[0] -= 1
        if left[0] < 0:
            raise TemplateRefused("template_limit", limit="steps")
        yield item


def plain(value: Any) -> Any:
    """Return a value as templates know it: texts, numbers, days, lists and names with values.

    What is marked as safe is a text like any other. Raises `TypeError` for anything else.
    """
    if isinstance(value, Mapping):
        return MappingProxyType({str(name): plain(each) for name, each in value.items()})
    if isinstance(value, list | tuple):
        return tuple(plain(each) for each in value)
    if isinstance(value, Markup):
        return str.__str__(value)
    if isinstance(value, PLAIN):
        return value
    raise TypeError(f"a template takes no {type(value).__name__}")


def _sensible(value: Any) -> bool:
    match value:
        case int() | float() | Decimal():
            return bool(-LARGEST <= value <= LARGEST)
        case _:
            return False
