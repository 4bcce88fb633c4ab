"""OpenAPI 3.1 of exactly this tenant's entities, as the caller may see them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, jsonify

from engine.context import Context
from engine.doors import Access
from metamodel.model import Entity, Model
from ui.blueprints.api import (
    admin_schemas,
    approval_schemas,
    conversion_schemas,
    draft_schemas,
    keeping_schemas,
    message_schemas,
    pool_schemas,
    run_schemas,
    schemas,
)
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import readable_entities
from ui.blueprints.api.notices import MARKING
from ui.blueprints.api.operations import entity_paths, general_paths
from ui.blueprints.api.paper_schemas import PAPERS, paper_paths
from ui.blueprints.api.shapes import Json
from ui.services import Services

DESCRIPTION = (
    "Every POST takes an Idempotency-Key: a request that is sent again under its key within a day "
    "is done once and answered alike. Refusals are problem documents (RFC 9457)."
)


def document(services: Services, caller: Caller) -> Response:
    """Answer the OpenAPI document of this tenant."""
    return jsonify(document_of(services.access, caller.ctx))


def document_of(access: Access, ctx: Context) -> Json:
    """Return the document as a person may read it."""
    readable = {item.key: access.readable(ctx, item.key) for item in readable_entities(access, ctx)}
    writable = {key: access.writable(ctx, key) for key in readable}
    return describe(ctx.model, ctx.tenant.name, readable, writable)


COMMON: Json = {
    **schemas.COMMON,
    **admin_schemas.COMMON,
    **draft_schemas.COMMON,
    **keeping_schemas.COMMON,
    **conversion_schemas.COMMON,
    **approval_schemas.COMMON,
    **run_schemas.COMMON,
    **message_schemas.COMMON,
    **pool_schemas.COMMON,
    "marking": MARKING,
    "papers": PAPERS,
}
"""Schemas that are there for every tenant."""


def describe(
    model: Model,
    tenant: str,
    readable: Mapping[str, frozenset[str]],
    writable: Mapping[str, frozenset[str]],
) -> Json:
    """Return the document for the entities and fields named as readable and writable."""
    components: Json = dict(COMMON)
    paths = _paths_of_all()
    for key in readable:
        entity = model.entities[key]
        components |= schemas.of_entity(model, entity, readable, writable[key])
        paths |= _paths_of(model, entity)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": model.app.label.text("en") or model.app.name,
            "version": model.app.version,
            "description": DESCRIPTION,
        },
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


def _paths_of_all() -> Json:
    """Return the calls that are about no records, or about those of every kind."""
    paths: Json = general_paths() | approval_schemas.general_approval_paths()
    paths |= message_schemas.message_paths()
    return paths | run_schemas.run_paths() | pool_schemas.pool_paths()


def _paths_of(model: Model, entity: Entity) -> Json:
    """Return the calls on records of one entity."""
    paths: Json = entity_paths(entity) | paper_paths(model, entity)
    paths |= approval_schemas.approval_paths(model, entity)
    paths |= message_schemas.record_message_paths(entity)
    return paths | run_schemas.button_paths(entity) | pool_schemas.duty_paths(entity)
