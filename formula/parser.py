"""Tokens to the untyped tree, by precedence climbing."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from formula.cursor import Cursor
from formula.errors import Span
from formula.lexer import KEYWORDS, Token, fail, tokens
from formula.syntax import (
    MAX_DEPTH,
    MAX_LENGTH,
    Binary,
    Comparison,
    ComparisonOperator,
    Either,
    Expr,
    Invoke,
    ListOf,
    Literal,
    Logical,
    Name,
    Unary,
    depth,
)

REMEMBERED = 8192
"""Texts whose trees are kept, the latest asked for."""

_LEVELS: tuple[tuple[str, ...], ...] = (("&",), ("+", "-"), ("*", "/", "//", "%"))
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


@lru_cache(maxsize=REMEMBERED)
def parse(text: str) -> Expr:
    """Return the tree of a formula; raise `FormulaError` where it cannot be read.

    Trees are never changed, so that the same text is read once: an app is linked anew after
    each edit, with thousands of formulas that are as they were.
    """
    if len(text) > MAX_LENGTH:
        fail(
            "too_long",
            f"a formula has at most {MAX_LENGTH} characters, this one {len(text)}",
            Span(MAX_LENGTH, len(text)),
            "split it into several fields",
        )
    cursor = Cursor(tokens(text))
    if cursor.ended:
        fail("empty", "the formula is empty", Span(0, len(text)))
    # A spreadsheet formula starts with `=`; the sign says nothing here.
    cursor.takes("==")
    expr = _Reader(cursor).expression()
    if not cursor.ended:
        cursor.unexpected("the formula should end here")
    if depth(expr) > MAX_DEPTH:
        fail(
            "too_deep",
            f"a formula nests at most {MAX_DEPTH} levels",
            Span(0, len(text)),
            "split it into several fields",
        )
    return expr


class _Reader:
    """The grammar, read off a cursor."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._nested = 0

    def expression(self) -> Expr:
        """Read `then if condition else otherwise`, or anything that binds more tightly."""
        self._deeper()
        expr = self._logical("or")
        if (word := self._cursor.takes("if")) is not None:
            condition = self._logical("or")
            self._cursor.needs("else", word)
            otherwise = self.expression()
            expr = Either(condition, expr, otherwise, _across(expr, otherwise))
        self._nested -= 1
        return expr

    def _deeper(self) -> None:
        self._nested += 1
        if self._nested > MAX_DEPTH:
            fail(
                "too_deep",
                f"a formula nests at most {MAX_DEPTH} levels",
                self._cursor.now.span,
                "split it into several fields",
            )

    def _logical(self, word: str) -> Expr:
        operands = [self._logical("and") if word == "or" else self._negation()]
        while self._cursor.takes(word) is not None:
            operands.append(self._logical("and") if word == "or" else self._negation())
        if len(operands) == 1:
            return operands[0]
        return _joined(word, tuple(operands), _across(operands[0], operands[-1]))

    def _negation(self) -> Expr:
        words: list[Token] = []
        while (word := self._cursor.takes("not")) is not None:
            words.append(word)
        expr = self._comparison()
        for word in reversed(words):
            expr = Unary("not", expr, Span(word.span.start, expr.span.end))
        return expr

    def _comparison(self) -> Expr:
        first = self._binary(0)
        rest: list[tuple[ComparisonOperator, Expr]] = []
        while (operator := self._comparison_operator()) is not None:
            rest.append((operator, self._binary(0)))
        if not rest:
            return first
        return Comparison(first, tuple(rest), _across(first, rest[-1][1]))

    def _comparison_operator(self) -> ComparisonOperator | None:
        for operator in _COMPARISONS:
            if self._cursor.takes(operator) is not None:
                return cast(ComparisonOperator, operator)
        if self._cursor.takes("in") is not None:
            return "in"
        if (word := self._cursor.takes("not")) is not None:
            self._cursor.needs("in", word)
            return "not in"
        return None

    def _binary(self, level: int) -> Expr:
        if level == len(_LEVELS):
            return self._signed()
        left = self._binary(level + 1)
        while self._cursor.now.kind == "operator" and self._cursor.now.text in _LEVELS[level]:
            operator = self._cursor.now.text
            self._cursor.step()
            right = self._binary(level + 1)
            left = Binary(operator, left, right, _across(left, right))  # type: ignore[arg-type]
        return left

    def _signed(self) -> Expr:
        signs: list[Token] = []
        while self._cursor.now.kind == "operator" and self._cursor.now.text in ("-", "+"):
            signs.append(self._cursor.now)
            self._cursor.step()
        expr = self._power()
        for sign in reversed(signs):
            if sign.text == "-":
                expr = Unary("-", expr, Span(sign.span.start, expr.span.end))
        return expr

    def _power(self) -> Expr:
        base = self._atom()
        if self._cursor.takes("**") is None:
            return base
        self._deeper()
        exponent = self._signed()
        self._nested -= 1
        return Binary("**", base, exponent, _across(base, exponent))

    def _atom(self) -> Expr:
        token = self._cursor.now
        if token.kind in ("number", "percent", "text"):
            self._cursor.step()
            return Literal(token.value, token.kind, token.span)
        if (opened := self._cursor.takes("(")) is not None:
            inner = self.expression()
            self._cursor.needs(")", opened)
            return inner
        if (opened := self._cursor.takes("[")) is not None:
            items = self._arguments("]", opened)
            return ListOf(items, Span(opened.span.start, self._cursor.last.span.end))
        if token.kind not in ("name", "label"):
            self._cursor.unexpected("expected a value, a field or a function")
        return self._word()

    def _word(self) -> Expr:
        token = self._cursor.now
        if token.kind == "name":
            if token.text in ("true", "false"):
                self._cursor.step()
                return Literal(token.text == "true", "boolean", token.span)
            if token.text == "null":
                self._cursor.step()
                return Literal(None, "blank", token.span)
            following = self._cursor.following
            if following.kind == "operator" and following.text == "(":
                return self._call()
            if token.text in KEYWORDS:
                self._cursor.unexpected("expected a value, a field or a function")
        return self._dotted()

    def _dotted(self) -> Expr:
        first = self._cursor.now
        parts: list[str] = []
        while True:
            token = self._cursor.now
            if token.kind not in ("name", "label"):
                self._cursor.unexpected("expected a name after the dot")
            self._cursor.step()
            parts.extend(
                (part.strip() for part in token.text.split("."))
                if token.kind == "label"
                else (token.text,)
            )
            if self._cursor.takes(".") is None:
                return Name(tuple(parts), Span(first.span.start, token.span.end))

    def _call(self) -> Expr:
        name = self._cursor.now
        self._cursor.step()
        opened = self._cursor.now
        self._cursor.step()
        arguments = self._arguments(")", opened)
        span = Span(name.span.start, self._cursor.last.span.end)
        function = name.text.upper()
        if function == "IF" and len(arguments) in (2, 3):
            return Either(arguments[0], arguments[1], (arguments + (None,))[2], span)
        if function in ("AND", "OR") and arguments:
            if len(arguments) == 1:
                return arguments[0]
            return _joined(function.lower(), arguments, span)
        if function == "NOT" and len(arguments) == 1:
            return Unary("not", arguments[0], span)
        return Invoke(function, arguments, span)

    def _arguments(self, closing: str, opened: Token) -> tuple[Expr, ...]:
        found: list[Expr] = []
        if self._cursor.takes(closing) is not None:
            return ()
        while True:
            found.append(self.expression())
            if self._cursor.takes(",") is None:
                self._cursor.needs(closing, opened)
                return tuple(found)


def _joined(word: str, operands: tuple[Expr, ...], span: Span) -> Expr:
    flat: list[Expr] = []
    for operand in operands:
        if isinstance(operand, Logical) and operand.operator == word:
            flat.extend(operand.operands)
        else:
            flat.append(operand)
    return Logical(word, tuple(flat), span)  # type: ignore[arg-type]


def _across(first: Expr, last: Expr) -> Span:
    return Span(first.span.start, last.span.end)
