"""Salesforce's formulas in our language."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import formula
from formula.errors import Span
from formula.printer import print_formula, quoted_text
from formula.syntax import (
    Binary,
    Comparison,
    Either,
    Expr,
    Invoke,
    Literal,
    Name,
    Unary,
    children,
    with_children,
)
from tests.conversions.salesforce.reading import option_name, snake
from tests.conversions.salesforce.standard import FIELDS

NOWHERE = Span(0, 0)

TEXTS = {
    "text", "long_text", "rich_text", "email", "phone", "url", "code", "choice", "autonumber",
}  # fmt: skip

MAKES_TEXT = {
    "TEXT", "LEFT", "RIGHT", "MID", "TRIM", "UPPER", "LOWER", "SUBSTITUTE", "HYPERLINK", "IMAGE",
    "BR", "CASESAFEID", "CONCAT",
}  # fmt: skip

RENAMED = {"VALUE": "NUMBER", "BEGINS": "STARTSWITH", "CASE": "SWITCH"}


class Untranslatable(Exception):
    """A formula that our language cannot say; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Translator:
    """Translates formulas of one object. `kind` gives the type of a field by its path there."""

    kind: Callable[[Sequence[str]], str]
    setting: Callable[[str, str], str]

    def translate(self, text: str) -> str:
        """Return the formula in our spelling, or raise `Untranslatable`."""
        return print_formula(self._turn(formula.parse(respelled(text))))

    def _turn(self, expr: Expr) -> Expr:
        if isinstance(expr, Name):
            return self._name(expr.path)
        if isinstance(expr, Invoke):
            return self._invoke(expr)
        inner = tuple(self._turn(each) for each in children(expr))
        if isinstance(expr, Binary):
            return self._binary(expr, inner)
        if isinstance(expr, Comparison):
            return with_children(expr, self._codes(children(expr), inner))
        return with_children(expr, inner)

    def _binary(self, expr: Binary, inner: tuple[Expr, ...]) -> Expr:
        left, right = expr.left, expr.right
        if expr.operator == "+" and (self._texty(left) or self._texty(right)):
            return Binary("&", inner[0], inner[1], NOWHERE)
        if expr.operator in "+-" and self._dated(left):
            if expr.operator == "-" and self._dated(right):
                return Invoke("DATEDIFF", (inner[1], inner[0], _text("day")), NOWHERE)
            days = inner[1] if expr.operator == "+" else Unary("-", inner[1], NOWHERE)
            return Invoke("DATEADD", (inner[0], days, _text("day")), NOWHERE)
        return with_children(expr, inner)

    def _invoke(self, expr: Invoke) -> Expr:
        own = getattr(self, f"_{expr.function.lower()}", None)
        if own is not None:
            found: Expr = own(expr.arguments)
            return found
        inner = tuple(self._turn(each) for each in expr.arguments)
        if expr.function == "CASE":
            inner = self._codes(expr.arguments, inner)
        return Invoke(RENAMED.get(expr.function, expr.function), inner, NOWHERE)

    def _text(self, given: tuple[Expr, ...]) -> Expr:
        inner = self._turn(given[0])
        if self._dated(given[0]):
            return Invoke("TEXT", (inner, _text("YYYY-MM-DD")), NOWHERE)
        return Binary("&", inner, _text(""), NOWHERE)

    def _ispickval(self, given: tuple[Expr, ...]) -> Expr:
        field, value = self._turn(given[0]), given[1]
        code = value.value if isinstance(value, Literal) else ""
        wanted = _text(option_name(str(code))) if code else Literal(None, "blank", NOWHERE)
        return Comparison(field, (("==", wanted),), NOWHERE)

    def _isnumber(self, given: tuple[Expr, ...]) -> Expr:
        number = Invoke("NUMBER", (self._turn(given[0]),), NOWHERE)
        return Comparison(number, (("!=", Literal(None, "blank", NOWHERE)),), NOWHERE)

    def _floor(self, given: tuple[Expr, ...]) -> Expr:
        step = Literal(Decimal(1), "number", NOWHERE)
        return Invoke("FLOOR", (self._turn(given[0]), step), NOWHERE)

    def _priorvalue(self, given: tuple[Expr, ...]) -> Expr:
        found = self._turn(given[0])
        if not isinstance(found, Name):
            raise Untranslatable("the value before of something that is no field")
        return Name(("previous", *found.path), NOWHERE)

    def _ischanged(self, given: tuple[Expr, ...]) -> Expr:
        before = self._priorvalue(given)
        return Comparison(self._turn(given[0]), (("!=", before),), NOWHERE)

    def _hyperlink(self, given: tuple[Expr, ...]) -> Expr:
        return self._turn(given[0])

    _image = _hyperlink
    _casesafeid = _hyperlink

    def _br(self, given: tuple[Expr, ...]) -> Expr:
        return _text("\n")

    def _datevalue(self, given: tuple[Expr, ...]) -> Expr:
        if isinstance(given[0], Literal):
            raise Untranslatable("a text that is no date where a date is asked for")
        return Invoke("DATE", (self._turn(given[0]),), NOWHERE)

    def _name(self, path: tuple[str, ...]) -> Expr:
        if path[0] == "dollar_Setup":
            return Name(("setting", self.setting(path[1], path[2])), NOWHERE)
        if path[0] == "dollar_Label":
            return Name(("setting", self.setting("Label", path[1])), NOWHERE)
        if path[0] == "dollar_User" and path[1] == "Id":
            return Name(("user", "id"), NOWHERE)
        if path[0].startswith("dollar_"):
            raise Untranslatable(f"${path[0].removeprefix('dollar_')}: an address of Salesforce")
        return Name(own_path(path), NOWHERE)

    def _codes(self, before: Sequence[Expr], after: tuple[Expr, ...]) -> tuple[Expr, ...]:
        """Give texts that stand beside a picklist the names of its options."""
        if not any(isinstance(each, Name) and self._kind(each) == "choice" for each in before):
            return after
        return tuple(
            replace(each, value=option_name(str(each.value)))
            if isinstance(each, Literal) and each.kind == "text" and each.value else each
            for each in after
        )  # fmt: skip

    def _texty(self, expr: Expr) -> bool:
        match expr:
            case Literal(kind=kind):
                return kind == "text"
            case Name():
                return self._kind(expr) in TEXTS
            case Invoke(function=function):
                return function in MAKES_TEXT
            case Either(then=then):
                return self._texty(then)
            case Binary(operator="&"):
                return True
            case Binary(operator="+", left=left, right=right):
                return self._texty(left) or self._texty(right)
        return False

    def _dated(self, expr: Expr) -> bool:
        match expr:
            case Name():
                return self._kind(expr) == "date"
            case Invoke(function=function):
                return function in {"TODAY", "DATE", "DATEVALUE"}
        return False

    def _kind(self, name: Name) -> str:
        if name.path[0].startswith("dollar_"):
            return "text" if name.path[0] in {"dollar_Label", "dollar_Setup"} else ""
        return self.kind(name.path)


def own_path(path: Sequence[str]) -> tuple[str, ...]:
    """Return a path of API names in our spelling."""
    return tuple(FIELDS.get(part, FIELDS.get(f"{part}Id", snake(part))) for part in path)


def _text(value: str) -> Literal:
    return Literal(value, "text", NOWHERE)


_TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/) | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<and>&&) | (?P<or>\|\|) | (?P<unequal>!=|<>) | (?P<not>!) | (?P<power>\^)
      | (?P<dollar>\$) | (?P<word>[A-Za-z_]\w*) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)

_SPELLED = {
    "comment": " ", "and": " and ", "or": " or ", "unequal": " != ", "not": " not ",
    "power": "**", "dollar": "dollar_",
}  # fmt: skip


def respelled(text: str) -> str:
    """Return a formula with our operators, its names as they were."""

    def spell(found: re.Match[str]) -> str:
        kind, part = str(found.lastgroup), found[0]
        if kind == "word" and part.upper() in {"TRUE", "FALSE", "NULL"}:
            return part.lower()
        if kind == "text":
            return quoted_text(part[1:-1].replace('\\"', '"').replace("\\'", "'"))
        return _SPELLED.get(kind, part)

    return _TOKEN.sub(spell, text)
