"""Text to tokens: full-width punctuation and spreadsheet habits become one spelling."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal as OneOf
from typing import NoReturn

from formula.errors import FormulaError, FormulaProblem, Span
from formula.numbers import EXACT

TokenKind = OneOf["number", "percent", "text", "name", "label", "operator", "end"]

KEYWORDS = frozenset({"and", "or", "not", "in", "if", "else", "true", "false", "null"})

_WIDE = {
    "（": "(", "）": ")", "［": "[", "］": "]", "【": "[", "】": "]", "，": ",", "、": ",",
    "；": ";", "：": ":", "＋": "+", "－": "-", "−": "-", "＊": "*", "×": "*", "／": "/",
    "÷": "/", "％": "%", "＆": "&", "＝": "=", "＜": "<", "＞": ">", "！": "!", "．": ".",
    "＂": '"', "＇": "'", "\u3000": " ", "\u00a0": " ",
}  # fmt: skip
_WIDE_PAIRS = {"≤": "<=", "≥": ">=", "≠": "!="}
_QUOTES = {'"': '"', "'": "'", "“": "”", "”": "”", "‘": "’", "『": "』", "＂": "＂", "＇": "＇"}
_LABEL_QUOTES = {"「": "」"}
_OPERATORS = (
    "**", "//", "==", "!=", "<>", "<=", ">=", "&&", "||",
    "+", "-", "*", "/", "%", "&", "=", "<", ">", "(", ")", "[", "]", ",", ".", "!", ";", "^",
)  # fmt: skip
_SPELLINGS = {"=": "==", "<>": "!="}
_REFUSED = {
    "&&": "write `and`", "||": "write `or`", "!": "write `not`",
    ";": "separate arguments with a comma", "^": "write `**` for a power",
}  # fmt: skip
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "'": "'", "”": "”", "’": "’", "』": "』"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a formula: its kind, its one spelling, its value where it has one."""

    kind: TokenKind
    text: str
    span: Span
    value: Decimal | str | None = None


def fail(code: str, message: str, span: Span, hint: str = "") -> NoReturn:
    """Raise the one problem that keeps a text from being read."""
    raise FormulaError((FormulaProblem(code, message, span, hint),))


def tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens of `text`, the last one of kind `end`."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace() or text[at] in "\u3000\ufeff":
            at += 1
            continue
        token = _token_at(text, at)
        found.append(token)
        at = token.span.end
    found.append(Token("end", "", Span(len(text), len(text))))
    return tuple(found)


def _token_at(text: str, at: int) -> Token:
    character = text[at]
    if character in _QUOTES:
        return _quoted(text, at)
    if character in _LABEL_QUOTES:
        return _label(text, at)
    if _digit(character) or (character == "." and _digit(text[at + 1 : at + 2])):
        return _number(text, at)
    if character == "_" or character.isalpha():
        return _name(text, at)
    return _operator(text, at)


def _quoted(text: str, at: int) -> Token:
    closing = _QUOTES[text[at]]
    characters: list[str] = []
    end = at + 1
    while end < len(text):
        character = text[end]
        if character == "\\":
            escaped = _ESCAPES.get(text[end + 1 : end + 2])
            if escaped is None:
                fail(
                    "bad_escape",
                    f"`{text[end : end + 2]}` is no escape",
                    Span(end, min(end + 2, len(text))),
                    'write \\\\ for a backslash, \\" for a quote, \\n for a new line',
                )
            characters.append(escaped)
            end += 2
            continue
        if character == closing:
            value = unicodedata.normalize("NFC", "".join(characters))
            return Token("text", text[at : end + 1], Span(at, end + 1), value)
        if character == "\x00":
            fail("bad_character", "a NUL character cannot be part of text", Span(end, end + 1))
        characters.append(character)
        end += 1
    fail(
        "unclosed_text",
        "this text is not closed",
        Span(at, len(text)),
        f"add {closing} where the text ends",
    )


def _label(text: str, at: int) -> Token:
    end = text.find(_LABEL_QUOTES[text[at]], at)
    if end < 0:
        fail("unclosed_label", "this label is not closed", Span(at, len(text)), "add 」")
    inner = text[at + 1 : end].strip()
    if not inner:
        fail("empty_label", "「」 names nothing", Span(at, end + 1), "write the field's label")
    return Token("label", inner, Span(at, end + 1))


def _digit(character: str) -> bool:
    return character != "" and (character in "0123456789" or "０" <= character <= "９")


def _number(text: str, at: int) -> Token:
    end = at
    seen_point = False
    while end < len(text):
        if text[end] in ".．" and not seen_point and _digit(text[end + 1 : end + 2]):
            seen_point = True
        elif not _digit(text[end]):
            break
        end += 1
    spelled = unicodedata.normalize("NFKC", text[at:end])
    if end < len(text) and (text[end].isalpha() or text[end] == "_"):
        fail(
            "bad_number",
            f"`{text[at : end + 1]}` is neither a number nor a name",
            Span(at, end + 1),
            "put an operator between the number and the name",
        )
    value = Decimal(spelled)
    if text[end : end + 1] in ("%", "％") and not _operand_starts(text[end + 1 : end + 2]):
        fraction = value.scaleb(-2, EXACT)
        return Token("percent", spelled + "%", Span(at, end + 1), fraction)
    return Token("number", spelled, Span(at, end), value)


def _operand_starts(character: str) -> bool:
    """Say whether `character` right after `%` makes it the remainder operator."""
    return character != "" and (character.isalnum() or character in "_(（「\"'“")


def _name(text: str, at: int) -> Token:
    end = at + 1
    while end < len(text) and (text[end] == "_" or text[end].isalnum()):
        end += 1
    word = unicodedata.normalize("NFKC", text[at:end])
    if word.lower() in KEYWORDS and word.lower() != word and word.lower() != "if":
        # AND(…), TRUE and Null are spreadsheet habits; a function keeps its capitals.
        follows = text[end:].lstrip()[:1]
        if follows not in ("(", "（") or word.lower() in ("true", "false", "null"):
            word = word.lower()
    return Token("name", word, Span(at, end))


def _operator(text: str, at: int) -> Token:
    pair = _WIDE_PAIRS.get(text[at])
    if pair is not None:
        return Token("operator", pair, Span(at, at + 1))
    narrow = "".join(_WIDE.get(character, character) for character in text[at : at + 2])
    for operator in _OPERATORS:
        if narrow.startswith(operator):
            span = Span(at, at + len(operator))
            if operator in _REFUSED:
                fail("foreign_operator", f"`{operator}` is not used here", span, _REFUSED[operator])
            return Token("operator", _SPELLINGS.get(operator, operator), span)
    fail(
        "bad_character",
        f"`{text[at]}` has no meaning in a formula",
        Span(at, at + 1),
        "put text between quotes",
    )
