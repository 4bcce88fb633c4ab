"""A text in the languages that somebody wrote it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Label:
    """A text by language, in the app's order of languages; `""` holds a text for all."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """Return the text in `language`, else in the first language that has one."""
        if language in self.texts:
            return self.texts[language]
        return next(iter(self.texts.values()), "")

    def filled(self, other: Label) -> Label:
        """Return this with the texts of another in the languages that it has none in."""
        if not self or "" in self.texts:
            return self
        return Label({**{each: text for each, text in other.texts.items() if each}, **self.texts})

    def __bool__(self) -> bool:
        return any(self.texts.values())
