"""The tokens of one formula, and how far they have been read."""

from __future__ import annotations

from typing import NoReturn

from formula.lexer import Token, fail


class Cursor:
    """A place among tokens, the last of which is of kind `end`."""

    def __init__(self, found: tuple[Token, ...]) -> None:
        self._tokens = found
        self._at = 0

    @property
    def now(self) -> Token:
        """The next token."""
        return self._tokens[self._at]

    @property
    def following(self) -> Token:
        """The token after the next; asked only where the next is not the end."""
        return self._tokens[self._at + 1]

    @property
    def last(self) -> Token:
        """The token that was read last."""
        return self._tokens[self._at - 1]

    @property
    def ended(self) -> bool:
        """Whether all has been read."""
        return self.now.kind == "end"

    def step(self) -> None:
        """Read one token."""
        self._at += 1

    def takes(self, word: str) -> Token | None:
        """Read the operator or keyword `word` if it is next."""
        token = self.now
        if token.kind in ("operator", "name") and token.text == word:
            self._at += 1
            return token
        return None

    def needs(self, word: str, opened: Token) -> Token:
        """Read `word`, or say what was left open."""
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
        if self.ended:
            return "the formula ends too early"
        return f"`{self.now.text}` does not belong here"
