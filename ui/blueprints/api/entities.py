"""An entity by the name in a path, as the caller may know it."""

from __future__ import annotations

from engine.context import Context
from engine.errors import NotFound
from metamodel.model import Entity


def entity_of(ctx: Context, name: str) -> Entity:
    """Return the live entity of this name; the engine's own tables are nobody's business."""
    entity = ctx.model.entity_named(name)
    if entity is None or entity.system:
        raise NotFound(entity=name)
    return entity
