"""Texts with values in them: messages and documents, whose holes are formulas.

`{{ formula }}` shows a value; `{% each lines %} … {% end %}` repeats for the members of a
collection; `{% if condition %} … {% else %} … {% end %}` chooses. In a letter
`{% words formula %}` takes a text that people wrote into a record, and fills its holes, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from formula.typed import Typed


@dataclass(frozen=True, slots=True)
class Hole:
    """A value that is shown, written the way the reader's language writes it."""

    value: Typed


@dataclass(frozen=True, slots=True)
class Repeat:
    """Parts that come once for each member of a collection; names in them mean the member."""

    path: str
    entity: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """Parts that come when a condition holds, and those that come when it does not."""

    when: Typed
    parts: tuple[Part, ...]
    otherwise: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """A text that stands in a record, whose own holes are filled from the record at hand."""

    value: Typed


Part = str | Hole | Repeat | Choose | Words


@dataclass(frozen=True, slots=True)
class Template:
    """A text by language, in parts; `""` holds one for all languages."""

    texts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)

    def parts(self, language: str) -> tuple[Part, ...]:
        """Return the parts in `language`, else in the first language that has some."""
        if language in self.texts:
            return self.texts[language]
        return next(iter(self.texts.values()), ())

    def __bool__(self) -> bool:
        return any(self.texts.values())
