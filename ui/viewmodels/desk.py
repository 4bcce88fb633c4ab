"""Who else has a record open, and the draft that its form begins with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from engine.desk import NEW, Present
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.cells import initials


def people_here(screen: Screen, found: Iterable[Present]) -> list[Mapping[str, object]]:
    """Return who else is here, as the browser says it."""
    say = screen.words.say
    return [
        {
            "name": each.person.title,
            "initials": initials(each.person.title or ""),
            "editing": each.editing,
            "said": say(
                "{name} is editing this" if each.editing else "{name} is looking at this",
                name=each.person.title,
            ),
        }
        for each in found
    ]


def draft_of(screen: Screen, entity: Entity, record: UUID | None) -> Mapping[str, object] | None:
    """Return what the person typed into this form before, None where nothing waits.

    A draft that is still being typed in another window stays there.
    """
    if screen.ctx.tenant.frozen:
        return None
    found = screen.services.desk.draft(screen.ctx, entity, record or NEW)
    if found is None or found.elsewhere:
        return None
    at = screen.formats.instant(found.at)
    said = screen.words.say("What you typed and did not save is back ({at}).", at=at)
    return {**found.typed, "version": found.version, "said": said}


def desk_url(screen: Screen, entity: Entity, record: UUID | None) -> str:
    """Return where what lies open of a record, or of a new one, is told of."""
    return screen.url("desk", entity.name, str(record) if record is not None else "new")
