"""The untyped tree back to text: one canonical spelling, which parses to the same tree."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import assert_never

from formula.lexer import KEYWORDS
from formula.numbers import EXACT, plain
from formula.scope import Path
from formula.syntax import (
    Binary,
    Comparison,
    Either,
    Expr,
    Invoke,
    ListOf,
    Literal,
    Logical,
    Name,
    Unary,
)

_OR, _AND, _NOT, _COMPARE, _JOIN, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(10)
_BINARY = {
    "&": _JOIN, "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "//": _PRODUCT,
    "%": _PRODUCT, "**": _POWER,
}  # fmt: skip


def print_formula(expr: Expr, label_of: Callable[[Path], Path] | None = None) -> str:
    """Return the canonical text of a formula.

    With `label_of` names are shown as 「labels」: it gets a stored path and
    returns the labels of its parts.
    """
    return _print(expr, _OR, label_of)


def _print(expr: Expr, outside: int, label_of: Callable[[Path], Path] | None) -> str:
    text, level = _text(expr, label_of)
    return f"({text})" if level < outside else text


def _text(expr: Expr, label_of: Callable[[Path], Path] | None) -> tuple[str, int]:  # noqa: C901  # one case a kind
    def show(inner: Expr, level: int) -> str:
        return _print(inner, level, label_of)

    match expr:
        case Literal():
            return _literal(expr), _ATOM
        case Name(path=path):
            shown = printed_name(path) if label_of is None else f"「{'.'.join(label_of(path))}」"
            return shown, _ATOM
        case Unary(operator="-", operand=operand):
            return "-" + show(operand, _SIGN), _SIGN
        case Unary(operand=operand):
            return "not " + show(operand, _NOT), _NOT
        case Binary(operator="**", left=left, right=right):
            return f"{show(left, _ATOM)} ** {show(right, _SIGN)}", _POWER
        case Binary(operator=operator, left=left, right=right):
            level = _BINARY[operator]
            return f"{show(left, level)} {operator} {show(right, level + 1)}", level
        case Comparison(first=first, rest=rest):
            pairs = "".join(f" {operator} {show(inner, _JOIN)}" for operator, inner in rest)
            return show(first, _JOIN) + pairs, _COMPARE
        case Logical(operator=operator, operands=operands):
            level = _AND if operator == "and" else _OR
            return f" {operator} ".join(show(inner, level + 1) for inner in operands), level
        case Either(condition=condition, then=then, otherwise=otherwise):
            parts = (condition, then) if otherwise is None else (condition, then, otherwise)
            return f"IF({', '.join(show(part, _OR) for part in parts)})", _ATOM
        case ListOf(items=items):
            return f"[{', '.join(show(item, _OR) for item in items)}]", _ATOM
        case Invoke(function=function, arguments=arguments):
            return f"{function}({', '.join(show(inner, _OR) for inner in arguments)})", _ATOM
        case _:
            assert_never(expr)


def _literal(literal: Literal) -> str:
    value = literal.value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        if literal.kind == "percent":
            return plain(value.scaleb(2, EXACT)) + "%"
        return plain(value)
    return quoted_text(value)


def quoted_text(text: str) -> str:
    """Return a text as a formula writes it, so that it can stand in one whatever it holds."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'


def printed_name(path: Path) -> str:
    """Return a dotted name as a formula writes it."""
    if all(_is_plain(part) for part in path):
        return ".".join(path)
    return f"「{'.'.join(path)}」"


def _is_plain(part: str) -> bool:
    if part.lower() in KEYWORDS or not part or not (part[0] == "_" or part[0].isalpha()):
        return False
    return all(character == "_" or character.isalnum() for character in part)
