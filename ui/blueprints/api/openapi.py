"""OpenAPI 3.1 of exactly this tenant's entities, as the caller may see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

from metamodel.model import Entity, Model
from ui.blueprints.api import schemas
from ui.blueprints.api.caller import Caller
from ui.services import Services

Json = dict[str, Any]


def document(services: Services, caller: Caller) -> Response:
    """Answer the OpenAPI document of this tenant."""
    access, ctx = services.access, caller.ctx
    readable = {
        item.key: access.readable(ctx, item.key)
        for item in caller.model.entities.values()
        if not item.system
        and not item.retired
        and access.decide(ctx, "read", entity=item.key, record=None).allowed
    }
    writable = {key: access.writable(ctx, key) for key in readable}
    return jsonify(describe(caller.model, ctx.tenant.name, readable, writable))


def describe(
    model: Model,
    tenant: str,
    readable: Mapping[str, frozenset[str]],
    writable: Mapping[str, frozenset[str]],
) -> Json:
    """Return the document for the entities and fields named as readable and writable."""
    components: Json = dict(schemas.COMMON)
    paths: Json = dict(_general_paths())
    for key in readable:
        entity = model.entities[key]
        components |= schemas.of_entity(model, entity, readable, writable[key])
        paths |= _entity_paths(entity)
    return {
        "openapi": "3.1.0",
        "info": {"title": model.app.label.text("en"), "version": model.app.version},
        "servers": [{"url": f"/api/v1/{tenant}"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "joinery_session"},
            },
        },
    }


def _entity_paths(entity: Entity) -> Json:
    name = entity.name
    one = [_path_parameter("id")]
    whole = _answer(f"#/components/schemas/{name}")
    records: Json = {
        "get": _operation(f"list_{name}", "A page of records", _list_answer(name),
                          parameters=_list_parameters()),
        "post": _operation(f"create_{name}", "Create a record, its lines nested", whole,
                           body=f"{name}_input", success="201"),
    }  # fmt: skip
    record: Json = {
        "parameters": one,
        "get": _operation(f"read_{name}", "One record with its lines", whole),
        "patch": _operation(f"update_{name}", "Change what is named", whole,
                            body=f"{name}_changes"),
        "delete": _operation(f"trash_{name}", "Move to the trash", None, success="204"),
    }  # fmt: skip
    paths: Json = {f"/records/{name}": records, f"/records/{name}/{{id}}": record}
    paths[f"/records/{name}/{{id}}/restore"] = {
        "parameters": one,
        "post": _operation(f"restore_{name}", "Take back from the trash", whole),
    }
    paths[f"/records/{name}/{{id}}/history"] = {
        "parameters": one,
        "get": _operation(f"history_{name}", "Who changed what", _answer_of(schemas.HISTORY)),
    }
    if entity.pipelines:
        paths[f"/records/{name}/{{id}}/move"] = {
            "parameters": one,
            "post": _operation(f"move_{name}", "Move to a stage", whole, body="move"),
        }
    paths[f"/bulk/{name}"] = {
        "post": _operation(f"bulk_{name}", "Many writes at once",
                           _answer("#/components/schemas/bulk_results"), body=f"{name}_bulk")
    }  # fmt: skip
    paths[f"/aggregate/{name}"] = {
        "post": _operation(f"aggregate_{name}", "Groups and measures",
                           _answer("#/components/schemas/aggregate_rows"), body="aggregate")
    }  # fmt: skip
    return paths


def _general_paths() -> Json:
    anything = _answer_of({"type": "object"})
    query = {"name": "q", "in": "query", "schema": {"type": "string"}}
    return {
        "/search": {
            "get": _operation("search", "Records by their words", anything, parameters=[query])
        },
        "/metadata": {"get": _operation("app", "The app", anything)},
        "/metadata/entities/{entity}": {
            "parameters": [_path_parameter("entity")],
            "get": _operation("entity", "One entity", anything),
        },
        "/formula/check": {
            "post": _operation("check_formula", "Check a formula", anything, body="formula")
        },
    }


def _operation(
    name: str,
    summary: str,
    answer: Json | None,
    *,
    body: str = "",
    success: str = "200",
    parameters: list[Json] | None = None,
) -> Json:
    responses: Json = {success: {"description": summary} | (answer or {})}
    for status, meaning in schemas.REFUSALS.items():
        responses[status] = {
            "description": meaning,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}
            },
        }
    operation: Json = {"operationId": name, "summary": summary, "responses": responses}
    if parameters:
        operation["parameters"] = parameters
    if body:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{body}"}}},
        }
    return operation


def _answer(reference: str) -> Json:
    return _answer_of({"$ref": reference})


def _answer_of(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}


def _list_answer(name: str) -> Json:
    row = {"$ref": f"#/components/schemas/{name}_row"}
    return _answer_of(
        {
            "type": "object",
            "required": ["data", "next"],
            "properties": {
                "data": {"type": "array", "items": row},
                "next": {"type": ["string", "null"]},
                "total": {"type": ["integer", "null"]},
                "capped": {"type": "boolean"},
            },
        }
    )


def _list_parameters() -> list[Json]:
    texts = [
        {"name": name, "in": "query", "schema": {"type": "string"}}
        for name in ("filter", "q", "sort", "fields", "expand", "cursor")
    ]
    within = {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}
    kinds = {"type": "string", "enum": ["none", "capped", "exact"]}
    limit = {"name": "limit", "in": "query", "schema": within}
    count = {"name": "count", "in": "query", "schema": kinds}
    return [*texts, limit, count]


def _path_parameter(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
