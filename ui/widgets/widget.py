"""What the screens know about a kind of value: how it is shown, entered and filtered by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from metamodel.model import Field
from ui.formats import Formats

FilterKind = Literal[
    "none", "text", "number", "percent", "date", "choice", "boolean", "record",
    "records", "choices", "words", "instant", "period", "presence",
    "time", "duration", "place", "address",
]  # fmt: skip

CellKind = Literal[
    "text", "muted", "number", "badge", "badges", "boolean", "link", "rating", "progress",
    "color", "email", "phone", "url", "links", "files", "images", "rich", "location", "code",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Widget:
    """One kind of value on every screen.

    `template` names the input in templates/widgets; `show` gives the text a person
    reads, `entered` the text an input holds. Neither is called with None.
    """

    template: str
    cell: CellKind
    show: Callable[[Any, Field, Formats], str]
    entered: Callable[[Any, Field], str]
    filter: FilterKind = "none"
    align: Literal["start", "end"] = "start"
    wide: bool = False


def as_text(value: Any, field: Field, formats: Formats) -> str:
    """Show a value as the text it is."""
    return str(value)


def plain(value: Any, field: Field) -> str:
    """Enter a value as the text it is."""
    return str(value)
