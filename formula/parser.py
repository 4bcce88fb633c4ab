"""Tokens to the untyped tree, by precedence climbing."""

from __future__ import annotations

from typing import NoReturn, cast

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

_LEVELS: tuple[tuple[str, ...], ...] = (("&",), ("+", "-"), ("*", "/", "//", "%"))
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


def parse(text: str) -> Expr:
    """Return the tree of a formula; raise `FormulaError` where it cannot be read."""
    if len(text) > MAX_LENGTH:
        fail(
            "too_long",
            f"a formula has at most {MAX_LENGTH} characters, this one {len(text)}",
            Span(MAX_LENGTH, len(text)),
            "split it into several fields",
        )
    reader = _Reader(tokens(text))
    if reader.ended:
        fail("empty", "the formula is empty", Span(0, len(text)))
    # A spreadsheet formula starts with `=`; the sign says nothing here.
    reader.takes("==")
    expr = reader.expression()
    if not reader.ended:
        reader.unexpected("the formula should end here")
    if depth(expr) > MAX_DEPTH:
        fail(
            "too_deep",
            f"a formula nests at most {MAX_DEPTH} levels",
            Span(0, len(text)),
            "split it into several fields",
        )
    return expr


class _Reader:
    """The tokens of one formula, and how far they have been read."""

    def __init__(self, found: tuple[Token, ...]) -> None:
        self._tokens = found
        self._at = 0
        self._nested = 0

    @property
    def now(self) -> Token:
        return self._tokens[self._at]

    @property
    def ended(self) -> bool:
        return self.now.kind == "end"

    def takes(self, word: str) -> Token | None:
        """Step over the operator or keyword `word` if it is next."""
        token = self.now
        if token.kind in ("operator", "name") and token.text == word:
            self._at += 1
            return token
        return None

    def needs(self, word: str, opened: Token) -> Token:
        """Step over `word`, or say what was left open."""
        token = self.takes(word)
        if token is None:
            fail(
                "unclosed",
                f"`{opened.text}` is not closed" if self.ended else self._found(),
                opened.span if self.ended else self.now.span,
                f"expected `{word}` here",
            )
        return token

    def unexpected(self, hint: str) -> NoReturn:
        """Say that the next token does not belong here."""
        fail("unexpected", self._found(), self.now.span, hint)

    def _found(self) -> str:
        return (
            "the formula ends too early"
            if self.ended
            else (f"`{self.now.text}` does not belong here")
        )

    def expression(self) -> Expr:
        """Read `then if condition else otherwise`, or anything that binds more tightly."""
        self._nested += 1
        if self._nested > MAX_DEPTH:
            fail(
                "too_deep",
                f"a formula nests at most {MAX_DEPTH} levels",
                self.now.span,
                "split it into several fields",
            )
        expr = self._logical("or")
        if (word := self.takes("if")) is not None:
            condition = self._logical("or")
            self.needs("else", word)
            otherwise = self.expression()
            expr = Either(condition, expr, otherwise, _across(expr, otherwise))
        self._nested -= 1
        return expr

    def _logical(self, word: str) -> Expr:
        operands = [self._logical("and") if word == "or" else self._negation()]
        while self.takes(word) is not None:
            operands.append(self._logical("and") if word == "or" else self._negation())
        if len(operands) == 1:
            return operands[0]
        return _joined(word, tuple(operands), _across(operands[0], operands[-1]))

    def _negation(self) -> Expr:
        words: list[Token] = []
        while (word := self.takes("not")) is not None:
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
            if self.takes(operator) is not None:
                return cast(ComparisonOperator, operator)
        if self.takes("in") is not None:
            return "in"
        if (word := self.takes("not")) is not None:
            self.needs("in", word)
            return "not in"
        return None

    def _binary(self, level: int) -> Expr:
        if level == len(_LEVELS):
            return self._signed()
        left = self._binary(level + 1)
        while self.now.kind == "operator" and self.now.text in _LEVELS[level]:
            operator = self.now.text
            self._at += 1
            right = self._binary(level + 1)
            left = Binary(operator, left, right, _across(left, right))  # type: ignore[arg-type]
        return left

    def _signed(self) -> Expr:
        signs: list[Token] = []
        while self.now.kind == "operator" and self.now.text in ("-", "+"):
            signs.append(self.now)
            self._at += 1
        expr = self._power()
        for sign in reversed(signs):
            if sign.text == "-":
                expr = Unary("-", expr, Span(sign.span.start, expr.span.end))
        return expr

    def _power(self) -> Expr:
        base = self._atom()
        if self.takes("**") is None:
            return base
        exponent = self._signed()
        return Binary("**", base, exponent, _across(base, exponent))

    def _atom(self) -> Expr:
        token = self.now
        if token.kind in ("number", "percent", "text"):
            self._at += 1
            return Literal(token.value, token.kind, token.span)
        if (opened := self.takes("(")) is not None:
            inner = self.expression()
            self.needs(")", opened)
            return inner
        if (opened := self.takes("[")) is not None:
            items = self._arguments("]", opened)
            return ListOf(items, Span(opened.span.start, self._tokens[self._at - 1].span.end))
        if token.kind not in ("name", "label"):
            self.unexpected("expected a value, a field or a function")
        return self._word()

    def _word(self) -> Expr:
        token = self.now
        if token.kind == "name":
            if token.text in ("true", "false"):
                self._at += 1
                return Literal(token.text == "true", "boolean", token.span)
            if token.text == "null":
                self._at += 1
                return Literal(None, "blank", token.span)
            following = self._tokens[self._at + 1]
            if following.kind == "operator" and following.text == "(":
                return self._call()
            if token.text in KEYWORDS:
                self.unexpected("expected a value, a field or a function")
        return self._dotted()

    def _dotted(self) -> Expr:
        first = self.now
        parts: list[str] = []
        while True:
            token = self.now
            if token.kind not in ("name", "label"):
                self.unexpected("expected a name after the dot")
            self._at += 1
            parts.extend(
                (part.strip() for part in token.text.split("."))
                if token.kind == "label"
                else (token.text,)
            )
            if self.takes(".") is None:
                return Name(tuple(parts), Span(first.span.start, token.span.end))

    def _call(self) -> Expr:
        name = self.now
        self._at += 1
        opened = self.now
        self._at += 1
        arguments = self._arguments(")", opened)
        span = Span(name.span.start, self._tokens[self._at - 1].span.end)
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
        if self.takes(closing) is not None:
            return ()
        while True:
            found.append(self.expression())
            if self.takes(",") is None:
                self.needs(closing, opened)
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
