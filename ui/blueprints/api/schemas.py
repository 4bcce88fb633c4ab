"""JSON Schemas of an entity's records, as they go over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metamodel.model import Entity, Field, Model

Json = dict[str, Any]

REFUSALS: Mapping[str, str] = {
    "400": "The request cannot be understood",
    "401": "No live token or session",
    "403": "Not allowed",
    "404": "No such record, or not yours to see",
    "409": "Somebody else was first, or the form has changed: send it again",
    "410": "The cursor is stale: start at the first page",
    "412": "Somebody else saved meanwhile",
    "413": "Too large",
    "415": "Not JSON",
    "422": "What was sent is refused; every error is listed",
    "429": "Too many requests",
    "503": "The database does not answer",
}

DECIMAL = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}

WIRE: Mapping[str, Json] = {
    "integer": {"type": "integer"},
    "rating": {"type": "integer"},
    "progress": {"type": "integer"},
    "duration": {"type": "integer"},
    "decimal": DECIMAL,
    "money": DECIMAL,
    "percent": DECIMAL,
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "boolean": {"type": "boolean"},
    "multi_choice": {"type": "array", "items": {"type": "string"}},
    "tags": {"type": "array", "items": {"type": "string"}},
    "json": {},
    "address": {},
}
"""How values of each field type read; whatever is not named is text."""

LINK = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "entity": {"type": "string"},
        "title": {"type": ["string", "null"]},
        "restricted": {"type": "boolean"},
        "trashed": {"type": "boolean"},
    },
}

LINK_INPUT = {"anyOf": [{"type": "string"}, {"type": "object"}]}

HISTORY = {
    "type": "object",
    "properties": {"data": {"type": "array", "items": {"type": "object"}}},
}

COMMON: Mapping[str, Json] = {
    "problem": {
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": {"type": "object"}},
        },
    },
    "move": {
        "type": "object",
        "required": ["to"],
        "properties": {
            "to": {"type": "string"},
            "pipeline": {"type": "string"},
            "values": {"type": "object"},
        },
        "additionalProperties": False,
    },
    "aggregate": {
        "type": "object",
        "required": ["measures"],
        "properties": {
            "filter": {"type": "string"},
            "group_by": {
                "type": "array",
                "items": {
                    "anyOf": [
                        {"type": "string"},
                        {"type": "object", "additionalProperties": {"type": "string"}},
                    ]
                },
            },
            "measures": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "additionalProperties": False,
    },
    "aggregate_rows": {
        "type": "object",
        "required": ["rows"],
        "properties": {
            "rows": {"type": "array", "items": {"type": "object"}},
            "sql": {"type": "string"},
        },
    },
    "bulk_results": {
        "type": "object",
        "required": ["results", "counts"],
        "properties": {
            "results": {"type": "array", "items": {"type": "object"}},
            "counts": {"type": "object"},
        },
    },
    "formula": {
        "type": "object",
        "required": ["entity", "formula"],
        "properties": {"entity": {"type": "string"}, "formula": {"type": "string"}},
        "additionalProperties": False,
    },
}


def of_entity(
    model: Model,
    entity: Entity,
    readable: Mapping[str, frozenset[str]],
    writable: frozenset[str],
) -> Json:
    """Return the schemas of one entity: whole record, list row, create, change, bulk."""
    live = [item for item in entity.fields.values() if not item.retired]
    out = {item.name: _read(item) for item in live if item.key in readable[entity.key]}
    identity: Json = {"id": {"type": "string", "format": "uuid"}}
    settable = [item for item in live if item.key in writable and item.formula is None]
    given: Json = {item.name: _written(item) for item in settable}
    collections = {
        item.name: item.entity
        for item in entity.collections.values()
        if item.children and item.entity in readable
    }
    lines = {
        name: {"type": "array", "items": _reference(model.entities[key].name)}
        for name, key in collections.items()
    }
    line_inputs = {name: {"type": ["array", "object"]} for name in collections}
    required = [
        item.name
        for item in settable
        if item.required and item.default is None and item.default_formula is None
        and not item.copy and item.type != "autonumber"
    ]  # fmt: skip
    create = _object(given | line_inputs, required)
    changes = _object(given | line_inputs, [])
    return {
        entity.name: {"type": "object", "required": ["id"], "properties": identity | out | lines},
        f"{entity.name}_row": {"type": "object", "required": ["id"], "properties": identity | out},
        f"{entity.name}_input": create,
        f"{entity.name}_changes": changes,
        f"{entity.name}_bulk": _bulk(entity.name),
    }


def _bulk(name: str) -> Json:
    changes = {"allOf": [{"type": "object", "required": ["id"]}]}
    ids = {"type": "array", "items": {"type": "string", "format": "uuid"}}
    return _object(
        {
            "create": {"type": "array", "items": _reference(f"{name}_input")},
            "update": {"type": "array", "items": changes},
            "delete": ids,
            "atomic": {"type": "boolean"},
        },
        [],
    )


def _object(properties: Json, required: list[str]) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _read(item: Field) -> Json:
    if item.link is not None:
        return {"anyOf": [LINK, {"type": "null"}]}
    return {"anyOf": [_plain(item), {"type": "null"}]}


def _written(item: Field) -> Json:
    if item.link is not None:
        return {"anyOf": [LINK_INPUT, {"type": "null"}]}
    return {"anyOf": [_plain(item), {"type": "null"}]}


def _plain(item: Field) -> Json:
    if item.type == "choice" and item.options:
        return {"type": "string", "enum": [option.name for option in item.options.values()]}
    return dict(WIRE.get(item.type, {"type": "string"}))
