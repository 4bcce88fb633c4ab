"""JSON Schemas of an entity's records, as they go over the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from metamodel.model import Entity, Field, Model
from ui.blueprints.api.shapes import (
    ANY_OBJECT,
    FLAG,
    FORMULAS,
    ID,
    LABEL,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    Json,
    listed,
    reference,
    whole,
)

DECIMAL = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}

WIRE: Mapping[str, Json] = {
    "integer": {"type": "integer"},
    "rating": {"type": "integer"},
    "progress": DECIMAL,
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
    "address": {"type": "object", "additionalProperties": {"type": "string"}},
    "location": {
        "type": "object",
        "required": ["lat", "lon"],
        "properties": {
            "lat": {"type": "number"},
            "lon": {"type": "number"},
            "address": {"type": "string"},
        },
    },
    "period": {
        "type": "object",
        "required": ["from", "to"],
        "properties": {
            side: {"type": ["string", "null"], "format": "date"} for side in ("from", "to")
        },
    },
}
"""How values of each field type read; whatever is not named is text."""

FILES = frozenset({"file", "image", "signature"})
"""Field types that name files."""

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

FILE = {
    "type": "object",
    "required": ["id", "name", "type", "size"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
        "type": {"type": "string"},
        "size": {"type": "integer"},
    },
}

LINK_INPUT = {"anyOf": [{"type": "string"}, {"type": "object"}]}


FIELD_ERROR: Json = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "path": listed({"type": ["string", "integer"]}),
        "code": TEXT,
        "message": TEXT,
        "rule": TEXT,
        "start": NUMBER,
        "end": NUMBER,
    },
    "additionalProperties": False,
}

FORMULA_ERROR: Json = whole(code=TEXT, message=TEXT, start=NUMBER, end=NUMBER)

CHANGE_SET: Json = whole(
    change_set=TEXT, at=TEXT, actor={"anyOf": [LINK, {"type": "null"}]}, door=TEXT,
    through={"anyOf": [whole(kind=TEXT, name=TEXT, label=LABEL), {"type": "null"}]}, entity=TEXT,
    record=TEXT, operation=TEXT, computed=FLAG,
    changes=listed(whole(field=TEXT, before={}, after={})),
)  # fmt: skip

VISIT: Json = whole(
    pipeline=TEXT, stage=TEXT, entered_at=TEXT, left_at=TEXT_OR_NULL, amount=TEXT_OR_NULL,
    hours=TEXT_OR_NULL, entered_by={"anyOf": [LINK, {"type": "null"}]},
    left_by={"anyOf": [LINK, {"type": "null"}]},
)  # fmt: skip

FIELD: Json = {
    "type": "object",
    "required": ["name", "type", "label", "required", "computed", "writable"],
    "properties": {
        "name": TEXT, "type": TEXT, "label": LABEL, "required": FLAG, "computed": FLAG,
        "writable": FLAG, "formula": TEXT, "to": TEXTS,
        "options": listed(whole(name=TEXT, label=LABEL, active=FLAG)),
    },
    "additionalProperties": False,
}  # fmt: skip

BULK_ITEM: Json = whole(
    op={"enum": ["create", "update", "delete"]}, index=NUMBER,
    status={"enum": [200, 201, 204, 422, 424]}, id=TEXT_OR_NULL, errors=listed(FIELD_ERROR),
)  # fmt: skip

PERSON: Json = {"anyOf": [LINK, {"type": "null"}]}

COMMENT: Json = whole(
    id=ID, at=TEXT, author=PERSON, body=TEXT, mentions=listed(PERSON), edited_at=TEXT_OR_NULL
)

HAPPENING: Json = {
    "type": "object",
    "required": ["kind", "id", "at", "by"],
    "properties": {
        "kind": {"enum": ["change", "comment", "file"]}, "id": ID, "at": TEXT, "by": PERSON,
        "change": CHANGE_SET, "comment": COMMENT, "file": FILE,
    },
    "additionalProperties": False,
}  # fmt: skip
"""One thing that became of a record; what it is stands under the name of its kind."""

VERDICT: Json = whole(
    allowed=FLAG, reason=TEXT, rule=TEXT, sentence=TEXT,
    rules=listed(whole(
        kind=TEXT, name=TEXT, role=TEXT, scope=TEXT_OR_NULL, sentence=TEXT,
        holds={"type": ["boolean", "null"]},
    )),
)  # fmt: skip

EXPLANATION: Json = {
    "type": "object",
    "required": ["user", "active", "actions", "fields"],
    "properties": {
        "user": LINK, "active": FLAG,
        "actions": {"type": "object", "additionalProperties": VERDICT},
        "fields": {
            "type": "object",
            "additionalProperties": whole(
                right={"enum": ["none", "mask", "read", "write"]}, reason=TEXT, role=TEXT,
                writable=FLAG, sentence=TEXT,
            ),
        },
        "listed": {"enum": ["shown", "trash", "rights", "filter"]}, "listed_sentence": TEXT,
    },
    "additionalProperties": False,
}  # fmt: skip
"""What somebody may do, by action and by field, with the rules that decide."""

WHOSE: Json = {"enum": ["all", "yours"]}
"""Whether a figure is over all records, or over those that the caller may see."""

COMPOSITION: Json = whole(
    parts=listed(whole(
        entity=TEXT, function=TEXT, records=listed(LINK), others=FLAG, more=FLAG,
    )),
)  # fmt: skip
"""What a figure is made of: the records that the caller may see, and whether there are others."""

COMMON: Mapping[str, Json] = {
    "problem": {
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": TEXT, "title": TEXT, "status": NUMBER, "code": TEXT, "detail": TEXT,
            "where": TEXT_OR_NULL, "version": NUMBER, "errors": listed(reference("error")),
            "results": listed(BULK_ITEM), "counts": ANY_OBJECT, "problems": listed(ANY_OBJECT),
        },
        "additionalProperties": False,
    },
    "error": FIELD_ERROR,
    "file": FILE,
    "files": whole(data=listed(FILE)),
    "visits": whole(data=listed(VISIT)),
    "history": whole(data=listed(CHANGE_SET)),
    "explanation": EXPLANATION,
    "composition": COMPOSITION,
    "comment": COMMENT,
    "saying": {
        "type": "object",
        "required": ["body"],
        "properties": {"body": TEXT, "mentions": listed(ID)},
        "additionalProperties": False,
    },
    "unmask": {
        "type": "object",
        "required": ["field"],
        "properties": {"field": TEXT},
        "additionalProperties": False,
    },
    "clear_value": whole(field=TEXT, value=TEXT_OR_NULL),
    "timeline": whole(data=listed(HAPPENING)),
    "hits": whole(data=listed(whole(entity=TEXT, id=TEXT, title=TEXT, detail=TEXT))),
    "made": whole(created=listed(whole(entity=TEXT, id=TEXT))),
    "app": whole(
        app=whole(name=TEXT, label=LABEL, version=TEXT, languages=TEXTS, currency=TEXT,
                   timezone=TEXT),
        revision=NUMBER,
        entities=listed(whole(name=TEXT, label=LABEL)),
    ),
    "entity": whole(
        name=TEXT, label=LABEL, title=TEXT, fields=listed(FIELD), collections=ANY_OBJECT,
        pipelines=ANY_OBJECT, views=ANY_OBJECT,
    ),
    "checked": {
        "type": "object",
        "required": ["type", "dependencies", "errors", "completions"],
        "properties": {
            "type": TEXT_OR_NULL, "formula": TEXT, "stability": TEXT, "dependencies": TEXTS,
            "errors": listed(FORMULA_ERROR), "completions": TEXTS,
        },
        "additionalProperties": False,
    },
    "import": whole(
        id=TEXT, entity=TEXT, file=TEXT, state={"enum": ["waiting", "running", "done", "failed"]},
        done=NUMBER, total=NUMBER, counts=ANY_OBJECT, message=TEXT, passed_over=listed(TEXT),
        rejected=listed(whole(line=NUMBER, errors=listed(FIELD_ERROR))),
    ),
    "move": {
        "type": "object",
        "required": ["to"],
        "properties": {"to": TEXT, "pipeline": TEXT, "values": ANY_OBJECT},
        "additionalProperties": False,
    },
    "aggregate": {
        "type": "object",
        "required": ["measures"],
        "properties": {
            "filter": TEXT,
            "group_by": listed({"anyOf": [TEXT, FORMULAS]}),
            "measures": FORMULAS,
        },
        "additionalProperties": False,
    },
    "aggregate_rows": {
        "type": "object",
        "required": ["rows", "scope"],
        "properties": {"rows": listed(ANY_OBJECT), "scope": WHOSE, "sql": TEXT},
        "additionalProperties": False,
    },
    "bulk_results": whole(results=listed(BULK_ITEM), counts=ANY_OBJECT),
    "formula": whole(entity=TEXT, formula=TEXT),
}  # fmt: skip
"""Schemas that are the same for every tenant."""


def page(name: str) -> Json:
    """Return the schema of a page of an entity's records."""
    return {
        "type": "object",
        "required": ["data", "next"],
        "properties": {
            "data": listed(reference(f"{name}_row")),
            "next": TEXT_OR_NULL,
            "total": {"type": ["integer", "null"]},
            "capped": FLAG,
            "scope": WHOSE,
        },
        "additionalProperties": False,
    }


def of_entity(
    model: Model,
    entity: Entity,
    readable: Mapping[str, frozenset[str]],
    writable: frozenset[str],
) -> Json:
    """Return the schemas of one entity: whole record, list row, create, change, bulk."""
    live = [item for item in entity.fields.values() if not item.retired]
    out = {
        item.name: _read(item, fixed=item.key not in writable or item.formula is not None)
        for item in live
        if item.key in readable[entity.key]
    }
    identity: Json = {"id": ID}
    settable = [item for item in live if item.key in writable and item.formula is None]
    given: Json = {item.name: _written(item) for item in settable}
    collections = {
        item.name: item.entity
        for item in entity.collections.values()
        if item.children and item.entity in readable
    }
    lines = {
        name: {"type": "array", "items": reference(model.entities[key].name)}
        for name, key in collections.items()
    }
    line_inputs = {name: {"type": ["array", "object"]} for name in collections}
    create = _object(given | line_inputs, _required(settable))
    changes = _object(given | line_inputs, [])
    return {
        entity.name: {"type": "object", "required": ["id"], "properties": identity | out | lines},
        f"{entity.name}_row": {"type": "object", "required": ["id"], "properties": identity | out},
        f"{entity.name}_input": create,
        f"{entity.name}_changes": changes,
        f"{entity.name}_bulk": _bulk(entity.name),
    }


def _required(settable: Iterable[Field]) -> list[str]:
    """Return the fields that a new record needs and that nothing fills by itself."""
    return [
        item.name
        for item in settable
        if item.required and item.default is None and item.default_formula is None
        and not item.copy and item.type != "autonumber"
    ]  # fmt: skip


def _bulk(name: str) -> Json:
    changes = {"allOf": [{"type": "object", "required": ["id"]}]}
    ids = {"type": "array", "items": {"type": "string", "format": "uuid"}}
    return _object(
        {
            "create": {"type": "array", "items": reference(f"{name}_input")},
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


def _read(item: Field, *, fixed: bool) -> Json:
    """Return the schema of a field as it is answered; `fixed` where the caller cannot set it."""
    found = _linked(item) if item.link is not None else _plain(item)
    schema: Json = {"anyOf": [found, {"type": "null"}]}
    return schema | {"readOnly": True} if fixed else schema


def _linked(item: Field) -> Json:
    if item.link is None or not item.link.many:
        return LINK
    return listed(FILE if item.type in FILES else LINK)


def _written(item: Field) -> Json:
    if item.link is not None and item.link.many:
        several = listed(LINK_INPUT)
        edit = {"type": "object", "properties": {"add": several, "remove": several}}
        return {"anyOf": [several, edit, {"type": "null"}]}
    if item.link is not None:
        return {"anyOf": [LINK_INPUT, {"type": "null"}]}
    return {"anyOf": [_plain(item), {"type": "null"}]}


def _plain(item: Field) -> Json:
    if item.type == "choice" and item.options:
        return {"type": "string", "enum": [option.name for option in item.options.values()]}
    return dict(WIRE.get(item.type, {"type": "string"}))
