"""A lost race: what somebody else saved, beside what this person typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.query.spec import Record
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.cells import cell
from ui.viewmodels.inputs import entered


def conflict(
    screen: Screen, entity: Entity, current: Record, sent: Mapping[str, Any]
) -> dict[str, object]:
    """Return the present version and, for each field that was sent, the value it has now."""
    theirs = []
    for name in sent:
        field = entity.field_named(name)
        if field is None or field.key not in current.values:
            continue
        value = current.values[field.key]
        theirs.append(
            {
                "name": name,
                "label": screen.field_label(field),
                "shown": cell(screen, field, value).text or screen.words.say("(blank)"),
                "entered": entered(field, value),
            }
        )
    return {
        "version": current.version,
        "theirs": theirs,
        "message": screen.words.say(
            "Somebody saved this record while you were editing it. Nothing of yours is lost: "
            "choose what to keep, then save again."
        ),
    }
