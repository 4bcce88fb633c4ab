"""Files in and out of a list: where they are taken along, and where they are taken in."""

from __future__ import annotations

from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.shell import may

FORMATS = (("csv", "CSV"), ("xlsx", "Excel"), ("jsonl", "JSON"))


def export_urls(screen: Screen, entity: Entity, **asked: str) -> tuple[tuple[str, str], ...]:
    """Return the files that a list can be taken along as: what it is called, and where it is."""
    if not may(screen, "export", entity.key):
        return ()
    return tuple(
        (label, screen.api_url("export", entity.name, format=code, **asked))
        for code, label in FORMATS
    )


def export_note(screen: Screen, entity: Entity) -> str:
    """Return how many records somebody may still export today, "" where any number."""
    if not may(screen, "export", entity.key):
        return ""
    left = screen.services.exporter.left(screen.ctx, entity)
    if left is None:
        return ""
    return screen.words.say("{count} records may be exported today", count=left)


def import_url(screen: Screen, entity: Entity) -> str:
    """Return where files are taken in, "" for whom may not."""
    if entity.child_of is not None or not may(screen, "import", entity.key):
        return ""
    return screen.url("records", entity.name, "import")
