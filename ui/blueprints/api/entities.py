"""An entity by the name in a path, as the caller may know it."""

from __future__ import annotations

from engine.context import Context
from engine.doors import Access
from engine.errors import FieldError, NotFound, RecordRefused
from engine.query.views import usable_views
from metamodel.model import Entity
from metamodel.views import View
from ui.services import Services


def entity_of(ctx: Context, name: str) -> Entity:
    """Return the live entity of this name; the engine's own tables are nobody's business."""
    entity = ctx.model.entity_named(name)
    if entity is None or entity.system:
        raise NotFound(entity=name)
    return entity


def readable_entity(access: Access, ctx: Context, name: str) -> Entity:
    """Return an entity that the caller may read; others are as if they were not there."""
    entity = entity_of(ctx, name)
    if not access.decide(ctx, "read", entity=entity.key, record=None).allowed:
        raise NotFound(entity=name)
    return entity


def view_of(services: Services, ctx: Context, entity: Entity, name: str) -> View:
    """Return a view that the caller may open; others are as if they were not there."""
    usable = usable_views(ctx, services.access, entity)
    found = next((view for view in usable if view.name == name), None)
    if found is None:
        params = {"value": name, "known": [view.name for view in usable]}
        raise RecordRefused([FieldError("unknown_choice", ("view",), params)])
    return found


def readable_entities(access: Access, ctx: Context) -> list[Entity]:
    """Return the live entities that the caller may read, in the order of the app."""
    return [
        item
        for item in ctx.model.entities.values()
        if not item.system
        and not item.retired
        and access.decide(ctx, "read", entity=item.key, record=None).allowed
    ]
