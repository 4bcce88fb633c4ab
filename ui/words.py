"""The screens' own words: catalogues read from `translations/*.po`, without a compile step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from metamodel.numbered import numbered

LANGUAGES: Mapping[str, str] = {"zh": "中文", "en": "English"}
"""Languages the screens speak, by code, each in its own name."""

DEFAULT = "en"

CATALOGUES = Path(__file__).parent / "translations"


@dataclass(frozen=True, slots=True)
class Words:
    """The screens' words in one language; a message without a translation stays English."""

    language: str
    messages: Mapping[str, str]

    def say(self, message: str, **values: object) -> str:
        """Return a message in this language, its `{names}` filled in.

        `{count:record|records}` chooses the word for one, or for several.
        """
        text = self.messages.get(message) or message
        return text.format_map(numbered(values)) if values else text


@cache
def words_of(language: str) -> Words:
    """Return the words of a language, English for one that the screens do not speak."""
    spoken = language if language in LANGUAGES else DEFAULT
    return Words(spoken, catalogue(spoken))


def catalogue(language: str) -> Mapping[str, str]:
    """Return the messages of one language as its catalogue file has them."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        read = read_po(file, locale=language)
    return {str(entry.id): str(entry.string) for entry in read if entry.id}
