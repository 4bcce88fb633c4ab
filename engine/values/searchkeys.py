"""Keys that text is found and sorted by: words, Chinese characters, and their pinyin.

PostgreSQL needs no extension for them: tokens are the lexemes of a `tsvector`, written with
`array_to_tsvector`, and a sort key is plain text compared by code point.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

LONGEST_RUN = 12
"""Characters of a run of Chinese that one pinyin token spans."""

MOST_TOKENS = 500
"""Tokens kept for one record: the start of a long text finds it, its tail does not."""

LONGEST_WORD = 64

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_PARTS = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_SPACED = {code: " " for code in range(128) if not chr(code).isalnum()}
"""What stands between ASCII words, as blanks."""

_IS_HAN = re.compile(rf"[{_HAN}]")


def search_tokens(texts: Iterable[str | None]) -> list[str]:
    """Return the tokens of a record's searchable texts, each once, in order of appearance.

    Latin words and numbers as they are; of Chinese each character, each pair of neighbours,
    and from every character on the full pinyin and its initials.
    """
    found: dict[str, None] = {}
    for text in texts:
        if text and text.isascii() and len(text) < MOST_TOKENS:
            found.update(dict.fromkeys(word[:LONGEST_WORD] for word in _parts(text)))
            continue
        for part in _parts(text or ""):
            for token in _tokens_of(part):
                found.setdefault(token)
            if len(found) >= MOST_TOKENS:
                return list(found)[:MOST_TOKENS]
    return list(found)[:MOST_TOKENS]


@lru_cache(maxsize=4096)
def spelled(text: str) -> str:
    """Return how Chinese in a text may be typed, its pinyin and its initials; "" without any."""
    parts = [_pinyin(part) for part in _parts(text) if _IS_HAN.match(part)]
    whole = "".join(sound for full, _ in parts for sound in full)
    return f"{whole} {''.join(each for _, first in parts for each in first)}" if parts else ""


def token_text(texts: Sequence[str]) -> str:
    """Return the tokens of texts as a `tsvector` is written: words need no signs around them."""
    whole = " ".join(texts)
    if whole.isascii() and len(whole) <= LONGEST_WORD:
        return whole.lower().translate(_SPACED)
    return " ".join(search_tokens(texts))


def search_query(text: str) -> str:
    """Return the `tsquery` that finds records of which every part of `text` is found.

    Latin parts are found by their beginning, or as pinyin; empty text gives "".
    """
    wanted: dict[str, None] = {}
    for part in _parts(text):
        if not _IS_HAN.match(part):
            wanted.setdefault(f"{_quoted(part[:LONGEST_WORD])}:*")
        elif len(part) == 1:
            wanted.setdefault(_quoted(part))
        else:
            wanted.update(dict.fromkeys(_quoted(pair) for pair in _pairs(part)))
    return " & ".join(wanted)


def words_of(text: str) -> list[str]:
    """Return the parts of a search, folded, as they stand in a text that is found."""
    return list(dict.fromkeys(_parts(text)))


def sort_key(text: str | None) -> str | None:
    """Return what a text is sorted by: pinyin with tones for Chinese, folded Latin; blank stays."""
    if not text:
        return None
    return text.lower().strip() if text.isascii() else _spelt(text)


@lru_cache(maxsize=4096)
def _spelt(text: str) -> str:
    parts = re.split(rf"([{_HAN}]+)", _folded(text))
    keyed = (
        " ".join(lazy_pinyin(part, style=Style.TONE3, neutral_tone_with_five=True))
        if _IS_HAN.match(part)
        else part
        for part in parts
        if part
    )
    return " ".join(key.strip() for key in keyed)


def _parts(text: str) -> list[str]:
    """Return runs of Chinese, and words of anything else, folded."""
    return _PARTS.findall(_folded(text))


def _folded(text: str) -> str:
    """Return text without case, width and accents."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(char for char in parts if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare)


def _tokens_of(part: str) -> Iterator[str]:
    if part.isascii() or not _IS_HAN.match(part):
        yield part[:LONGEST_WORD]
        return
    yield from part
    yield from _pairs(part)
    full, initials = _pinyin(part)
    for start in range(len(full)):
        yield "".join(full[start : start + LONGEST_RUN])
        yield "".join(initials[start : start + LONGEST_RUN])


@lru_cache(maxsize=4096)
def _pinyin(part: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return each character's syllable and its first letter."""
    full = tuple(lazy_pinyin(part, style=Style.NORMAL, v_to_u=False))
    return full, tuple(syllable[:1] for syllable in full)


def _pairs(part: str) -> Iterator[str]:
    return (part[start : start + 2] for start in range(len(part) - 1))


def _quoted(lexeme: str) -> str:
    """Return a lexeme as `tsquery` text takes it whatever is in it."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
