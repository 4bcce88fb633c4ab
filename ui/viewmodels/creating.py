"""What can be made where nothing fits: records that a picker offers to create."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.doors import Payload
from engine.query.implied import implied
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.shell import may

OWN_PAGES = frozenset({"user"})
"""Entities whose records come about in another way than by a form: people are invited."""


def offers(
    screen: Screen, entity: Entity, field: Field, text: str, this: Payload
) -> Iterator[dict[str, object]]:
    """Yield what may be created for a link: its kind, and the address of its form as begun.

    `text` becomes the title; what the field's filter demands is filled in.
    """
    for key in field.link.to if field.link is not None else ():
        target = screen.ctx.model.entities[key]
        if key in OWN_PAGES or target.system or target.retired or target.child_of is not None:
            continue
        if screen.ctx.tenant.frozen or not may(screen, "create", key):
            continue
        begun = implied(screen.ctx, (entity.key, field.key), this)
        asked = {name: str(value) for name, value in begun.items()} | dict(_titled(target, text))
        yield {
            "label": screen.entity_label(target),
            "of": target.name,
            "url": screen.url("records", target.name, "new", form="quick_create", **asked),
        }


def _titled(entity: Entity, text: str) -> Mapping[str, str]:
    title = entity.fields.get(entity.title_field)
    return {title.name: text} if title is not None and title.type == "text" and text else {}
