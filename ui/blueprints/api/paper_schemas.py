"""What OpenAPI says of documents: which a record can be printed as, and the files they become."""

from __future__ import annotations

from metamodel.model import Entity, Model
from ui.blueprints.api.arguments import FLAGS, PACKED, PAPER_FORMS
from ui.blueprints.api.calls import call_of, gives, in_path, in_query, of_one
from ui.blueprints.api.shapes import TEXT, Json

PAPERS: Json = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "label", "format", "languages"],
                "properties": {
                    "name": TEXT,
                    "label": TEXT,
                    "format": {"type": "string", "enum": ["pdf", "html", "docx"]},
                    "languages": {"type": "array", "items": TEXT},
                },
            },
        }
    },
}
"""The documents of a record."""

BINARY: Json = {"schema": {"type": "string", "format": "binary"}}


def paper_paths(model: Model, entity: Entity) -> Json:
    """Return the calls that print records of an entity."""
    name = entity.name
    known = [each.name for each in model.documents.values() if each.entity == entity.key]
    which = in_path("name", {"type": "string", "enum": known} if known else TEXT)
    language = in_query("language", TEXT)
    one = of_one(
        get=_file(f"paper_{name}", [
            language, in_query("as", {"type": "string", "enum": list(PAPER_FORMS)}),
            in_query("inline", {"type": "string", "enum": list(FLAGS)}),
        ], "application/pdf", "text/html"),
        post=call_of(f"keeppaper_{name}", gives("file"), success="201", parameters=[language]),
    )  # fmt: skip
    one["parameters"].append(which)
    many = _file(f"papersof_{name}", [
        {**in_query("ids", TEXT), "required": True}, language,
        in_query("as", {"type": "string", "enum": list(PACKED)}),
    ], "application/pdf", "application/zip")  # fmt: skip
    return {
        f"/records/{name}/{{id}}/documents": of_one(get=call_of(f"papers_{name}", gives("papers"))),
        f"/records/{name}/{{id}}/documents/{{name}}": one,
        f"/documents/{name}/{{name}}": {"parameters": [which], "get": many},
    }


def _file(name: str, parameters: list[Json], *media: str) -> Json:
    operation = call_of(name, {}, parameters=parameters)
    operation["responses"]["200"]["content"] = {each: BINARY for each in media}
    return operation
