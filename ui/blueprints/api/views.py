"""Views that people keep: listed, made, changed, shared, locked and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from marshmallow import fields

from engine.context import Context, role_id
from engine.doors import Records
from engine.values.wire import plain
from engine.views import SavedView, may_change
from metamodel.model import Entity
from ui.blueprints.api.arguments import (
    BOOLEAN,
    ID,
    LIST,
    NUMBER,
    OBJECT,
    SHARINGS,
    TEXT,
    Arguments,
    body_of,
    one_of,
    record_id,
)
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.created import created
from ui.blueprints.api.entities import readable_entity, view_of
from ui.blueprints.sent_views import seen_view, wanted_view
from ui.once import once
from ui.services import Services
from ui.viewmodels.looking import ICONS


class ViewBody(Arguments):
    """The body of a view that is kept or changed; what is not said stays as it was."""

    title = fields.String(error_messages=TEXT)
    spec = fields.Dict(error_messages=OBJECT)
    base = fields.String(error_messages=TEXT)
    sharing = one_of(*SHARINGS)
    shared_with = fields.List(fields.UUID(error_messages=ID), error_messages=LIST)
    roles = fields.List(fields.String(error_messages=TEXT), error_messages=LIST)
    locked = fields.Boolean(error_messages=BOOLEAN)
    version = fields.Integer(error_messages=NUMBER)


def listed(services: Services, caller: Caller, entity: str) -> Response:
    """Answer the kept views of an entity that the caller sees, by their titles."""
    target = _readable(services, caller, entity)
    found = services.saved_views.find(caller.ctx, entity=target.key, kinds=tuple(ICONS))
    views = [view_to_wire(caller.ctx, target, each) for each in found if not each.over]
    return jsonify({"data": views})


def read(services: Services, caller: Caller, entity: str, view: str) -> Response:
    """Answer one view."""
    target = _readable(services, caller, entity)
    found = seen_view(services.saved_views, caller.ctx, target, record_id(view))
    return jsonify(view_to_wire(caller.ctx, target, found))


def keep(services: Services, caller: Caller, entity: str) -> Response:
    """Keep a new view."""
    target = _readable(services, caller, entity)
    caller.require(target.name, "update")
    wanted = wanted_view(caller.ctx, target, _values(services, caller.ctx, target))

    def answer(_: Records, made: SavedView) -> Response:
        return created(jsonify(view_to_wire(caller.ctx, target, made)))

    return once(
        services, request, caller.ctx, lambda ctx: services.saved_views.create(ctx, wanted), answer
    )


def change(services: Services, caller: Caller, entity: str, view: str) -> Response:
    """Change a view for everybody who sees it."""
    target = _readable(services, caller, entity)
    caller.require(target.name, "update")
    id_ = record_id(view)
    before = seen_view(services.saved_views, caller.ctx, target, id_)
    values = _values(services, caller.ctx, target, before)
    wanted = wanted_view(caller.ctx, target, values, before)
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.saved_views.change(ctx, id_, wanted, values.get("version")),
        lambda _, made: jsonify(view_to_wire(caller.ctx, target, made)),
    )


def drop(services: Services, caller: Caller, entity: str, view: str) -> Response:
    """Take a view away."""
    target = _readable(services, caller, entity)
    caller.require(target.name, "update")
    id_ = record_id(view)
    seen_view(services.saved_views, caller.ctx, target, id_)
    services.saved_views.drop(caller.ctx, id_)
    return Response(status=204)


def view_to_wire(ctx: Context, entity: Entity, view: SavedView) -> dict[str, object]:
    """Return a view as JSON has it; roles that it is shared with stand by their names."""
    people, roles = _whom(ctx, view)
    begun = entity.views.get(view.base)
    return {
        "id": str(view.id),
        "entity": entity.name,
        "title": view.title,
        "kind": view.kind,
        "base": begun.name if begun is not None else None,
        "owner": str(view.owner),
        "sharing": view.sharing,
        "shared_with": people,
        "roles": roles,
        "locked": view.locked,
        "spec": dict(view.spec),
        "version": view.version,
        "at": plain(view.at),
        "may_change": may_change(ctx, view),
    }


def _readable(services: Services, caller: Caller, entity: str) -> Entity:
    target = readable_entity(services.access, caller.ctx, entity)
    caller.require(target.name, "read")
    return target


def _whom(ctx: Context, view: SavedView) -> tuple[list[str], list[str]]:
    """Return with whom a view is shared: ids, and roles by their names."""
    roles = [name for name in ctx.model.roles if role_id(name) in view.shared_with]
    named = {role_id(name) for name in roles}
    return [str(each) for each in view.shared_with if each not in named], roles


def _values(
    services: Services, ctx: Context, entity: Entity, before: SavedView | None = None
) -> Mapping[str, Any]:
    """Return what was sent, by the names that a form of the screens has. Any: JSON values."""
    body = dict(body_of(request, ViewBody))
    told: dict[str, Any] = {
        name: body[name] for name in ("title", "locked", "version") if name in body
    }
    told |= {"state": body["spec"]} if "spec" in body else {}
    told |= {"base": view_of(services, ctx, entity, body["base"]).key} if "base" in body else {}
    some = before is not None and before.sharing == "some"
    held = _whom(ctx, before) if before is not None and some else ([], [])
    people = [str(each) for each in body.get("shared_with", held[0])]
    roles = body.get("roles", held[1])
    sharing = body["sharing"]
    if not sharing and body.keys() & {"shared_with", "roles"}:
        # Whoever says with whom has said that it is shared with some; with nobody, with none.
        sharing = "some" if people or roles else "mine" if some else ""
    if sharing != "some":
        return told | ({"sharing": sharing} if sharing else {})
    return told | {"sharing": sharing, "person": people, "roles": roles}
