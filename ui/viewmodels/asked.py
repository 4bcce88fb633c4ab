"""What the address of a list asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from engine.query.parse import parse_filter
from formula.typed import Typed
from metamodel.model import Entity
from metamodel.views import View
from ui.screen import Screen
from ui.viewmodels.conditions import both, linked_to


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a list asks for; `inside` is how many groups lie open around it."""

    view: str = ""
    text: str = ""
    filter: str = ""
    sort: str = ""
    cursor: str = ""
    of: str = ""
    unconverted: str = ""
    mark: str = ""
    group: str = ""
    inside: int = 0

    @property
    def links(self) -> tuple[tuple[str, UUID], ...]:
        """The link fields and records that `of=customer:<id>|owner:<id>` narrows the list to."""
        found = []
        for part in self.of.split("|"):
            name, _, record = part.partition(":")
            try:
                found.append((name, UUID(record)))
            except ValueError:
                continue
        return tuple(found)

    def query(self, **changed: str) -> Mapping[str, str]:
        """Return the address's query, its cursor left out, with some of it changed."""
        said = {
            "view": self.view, "q": self.text, "filter": self.filter, "sort": self.sort,
            "of": self.of, "unconverted": self.unconverted, "mark": self.mark,
            "group": self.group,
            "inside": str(self.inside or ""),
        }  # fmt: skip
        return said | changed


def whole_filter(screen: Screen, entity: Entity, view: View, asked: Asked) -> Typed | None:
    """Return the view's own filter and what the address asks for; all of it must hold."""
    typed = view.filter
    if asked.filter:
        typed = both(typed, parse_filter(screen.ctx, entity.key, asked.filter))
    for link in asked.links:
        typed = both(typed, linked_to(screen, entity.key, *link))
    return typed
