"""The API of a tenant as a page: its calls and fields, as far as the person may read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ui.screen import Screen
from ui.viewmodels.shell import Shell, shell

METHODS = ("get", "post", "patch", "delete")


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call: its method, its path below the API's address, and what it does."""

    method: str
    path: str
    summary: str


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of an entity; `kind` is its type, or its codes."""

    name: str
    label: str
    kind: str
    fixed: bool
    required: bool


@dataclass(frozen=True, slots=True)
class ApiGroup:
    """The calls and fields of one entity; of none, those that belong to all."""

    name: str
    label: str
    calls: tuple[CallLine, ...]
    fields: tuple[FieldLine, ...]


@dataclass(frozen=True, slots=True)
class ApiPage:
    """The page that describes the API; `document_url` is where programs read the same."""

    shell: Shell
    heading: str
    address: str
    document_url: str
    groups: tuple[ApiGroup, ...]


def api_page(screen: Screen, document: Mapping[str, Any]) -> ApiPage:
    """Return the page of an OpenAPI document."""
    address = document["servers"][0]["url"]
    heading = screen.words.say("The API")
    entities = [
        entity
        for entity in screen.ctx.model.entities.values()
        if f"/records/{entity.name}" in document["paths"]
    ]
    groups = [
        ApiGroup(
            entity.name,
            screen.entity_label(entity, plural=True),
            tuple(_calls(screen, document, entity.name)),
            tuple(_fields(screen, document, entity.name)),
        )
        for entity in entities
    ]
    general = ApiGroup("", screen.words.say("All"), tuple(_calls(screen, document, "")), ())
    return ApiPage(
        shell=shell(screen, heading),
        heading=heading,
        address=address,
        document_url=f"{address}/openapi.json",
        groups=(*groups, general),
    )


def _calls(screen: Screen, document: Mapping[str, Any], entity: str) -> Iterator[CallLine]:
    for path, item in document["paths"].items():
        of_records = path.split("/")[1] in ("records", "bulk", "aggregate") or (
            path.startswith("/import/") and path != "/import/{id}"
        )
        if (path.split("/")[2] if of_records else "") != entity:
            continue
        for method in METHODS:
            if method in item:
                summary = item[method]["summary"]
                yield CallLine(method.upper(), path, screen.words.say(summary))


def _fields(screen: Screen, document: Mapping[str, Any], name: str) -> Iterator[FieldLine]:
    schemas = document["components"]["schemas"]
    entity = screen.ctx.model.entity_named(name)
    for field_name, schema in schemas[name]["properties"].items():
        field = entity.field_named(field_name) if entity is not None else None
        if field is None or field_name == "id":
            continue
        codes = [option.name for option in field.options.values()]
        yield FieldLine(
            name=field_name,
            label=screen.field_label(field),
            kind=" | ".join(codes) or field.type,
            fixed=bool(schema.get("readOnly")),
            required=field_name in schemas[f"{name}_input"]["required"],
        )
