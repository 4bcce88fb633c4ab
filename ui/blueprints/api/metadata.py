"""The effective model, as the caller may see it."""

from __future__ import annotations

from flask import Response, jsonify

from engine.access.fields import may_read_all
from engine.access.listed import may_use
from engine.query.views import usable_views
from formula.typed import Typed
from metamodel.label import Label
from metamodel.model import Entity, Field
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import readable_entities, readable_entity
from ui.services import Services


def app(services: Services, caller: Caller) -> Response:
    """Answer the app and the entities the caller may read."""
    model = caller.model
    seen = readable_entities(services.access, caller.ctx)
    return jsonify(
        {
            "app": {
                "name": model.app.name,
                "label": _label(model.app.label),
                "version": model.app.version,
                "languages": list(model.app.languages),
                "currency": model.app.currency,
                "timezone": model.app.timezone,
            },
            "revision": caller.ctx.revision,
            "entities": [{"name": item.name, "label": _label(item.label)} for item in seen],
        }
    )


def entity(services: Services, caller: Caller, entity: str) -> Response:
    """Answer one entity with the fields the caller may read."""
    caller.require(entity, "read")
    target = readable_entity(services.access, caller.ctx, entity)
    seen = {item.key for item in readable_entities(services.access, caller.ctx)}
    readable = services.access.readable(caller.ctx, target.key)
    writable = services.access.writable(caller.ctx, target.key)
    fields = [item for item in target.fields.values() if item.key in readable and not item.retired]
    return jsonify(
        {
            "name": target.name,
            "label": _label(target.label),
            "title": target.title.text if _reads(caller, target.title) else "",
            "fields": [_field(caller, item, writable=item.key in writable) for item in fields],
            "collections": {
                item.name: {
                    "entity": caller.model.entities[item.entity].name,
                    "label": _label(item.label),
                    "children": item.children,
                }
                for item in target.collections.values()
                if item.entity in seen
            },
            "pipelines": _pipelines(target, readable),
            "views": {
                item.name: {"type": item.type, "label": _label(item.label)}
                for item in usable_views(caller.ctx, services.access, target)
                if may_use(caller.ctx, target, "views", item.key)
            },
        }
    )


def _reads(caller: Caller, typed: Typed) -> bool:
    """Return whether the caller may know what a formula reads."""
    return may_read_all(caller.ctx, typed.dependencies)


def _field(caller: Caller, item: Field, *, writable: bool) -> dict[str, object]:
    described: dict[str, object] = {
        "name": item.name,
        "type": item.type,
        "label": _label(item.label),
        "required": item.required,
        "computed": item.formula is not None,
        "writable": writable and item.formula is None and not item.readonly,
    }
    if item.formula is not None and _reads(caller, item.formula):
        described["formula"] = item.formula.text
    if item.options:
        described["options"] = [
            {"name": option.name, "label": _label(option.label), "active": option.active}
            for option in item.options.values()
        ]
    targets = [caller.model.entities[key] for key in item.link.to] if item.link is not None else []
    if targets and not any(each.system for each in targets):
        described["to"] = [each.name for each in targets]
    return described


def _pipelines(target: Entity, readable: frozenset[str]) -> dict[str, object]:
    return {
        pipeline.name: {
            "field": target.fields[pipeline.field_key].name,
            "stages": [
                {"name": stage.name, "label": _label(stage.label), "ends": stage.ends}
                for stage in pipeline.stages.values()
            ],
        }
        for pipeline in target.pipelines.values()
        if pipeline.field_key in readable
    }


def _label(label: Label) -> dict[str, str]:
    return dict(label.texts)
