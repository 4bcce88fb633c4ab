"""What may be deleted for good: what is out of use for longer than the time of grace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.context import Context
from engine.errors import NotFound
from engine.publish import Proposal, Publisher
from engine.retired import Retired, Retirees
from engine.schema.revisions import Document
from engine.tenants.reshape import OWN
from metamodel import read_text
from metamodel.dump import dump
from metamodel.editing import Path
from metamodel.edits import apply
from metamodel.identity import key_of

HOLDERS = ("entities", "fields")
"""What holds data of its own, by the name of the map it stands in."""


@dataclass(frozen=True, slots=True)
class Purges:
    """Plans deletions of what is out of use; `grace` is how long it must have been so."""

    publisher: Publisher
    retired: Retirees
    grace: timedelta

    def list(self, ctx: Context) -> tuple[Retired, ...]:
        """Return what is out of use and holds data, the latest to go first."""
        return tuple(each for each in self.retired.list(ctx) if each.path[-2] in HOLDERS)

    def due(self, found: Retired) -> datetime:
        """Return the instant from which on one of them may be deleted."""
        return found.version.at + self.grace

    def propose(self, ctx: Context, path: Path) -> Proposal:
        """Return what deleting the data of one of them would do.

        Raises `NotFound` for what is in use, or for which it is too early.
        """
        found = next((each for each in self.list(ctx) if each.path == path), None)
        if found is None or ctx.now < self.due(found):
            raise NotFound(element=".".join(path))
        documents = self.publisher.documents(ctx.tenant)
        key = key_of(path[-1], found.gone.element) if found.gone.bygone else path[-1]
        return self.publisher.propose(ctx.tenant, purged(documents, path, key))


def purged(documents: Sequence[Document], path: Path, key: str) -> tuple[Document, ...]:
    """Return a tenant's documents with an element marked as purged in its own layer, the last.

    What no layer knows any more is known by its `key`, where that is not its name.
    """
    mark: dict[str, object] = {"$retire": True, "purged": True}
    if key != path[-1]:
        mark["key"] = key
    for name in reversed(path):
        mark = {name: mark}
    own = read_text(documents[-1].text, OWN).document
    return (*documents[:-1], Document(OWN, dump(apply(own, mark))))
