"""Which views of an entity a person may open: none over what they may not read."""

from __future__ import annotations

from engine.access.listed import may_use
from engine.context import Context
from engine.doors import Access
from engine.query.find import can_ask
from engine.query.spec import ListQuery
from metamodel.model import Entity
from metamodel.views import View


def usable_views(ctx: Context, access: Access, entity: Entity) -> list[View]:
    """Return the views that a person's roles let them open, in the model's order."""
    roles = set(ctx.actor.roles)
    return [
        view
        for view in entity.views.values()
        if may_use(ctx, entity, "views", view.key)
        and (not view.roles or roles.intersection(view.roles) or "administrator" in roles)
        and can_ask(ctx, access, ListQuery(entity.key, filter=view.filter, sort=view.sort))
    ]
