"""Every route as calls that name a foreign record wherever something can be named.

Made from the application's own table of routes and from its OpenAPI document: a route that
comes is called without a word here, the foreign id in every place of it that is not a name.
"""

from __future__ import annotations

import io
import json
import re
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from flask import Flask
from werkzeug.routing import IntegerConverter, Rule, UUIDConverter

from engine.context import Context
from metamodel.model import Entity
from tests.walls.neighbours import FIND, FOREIGN
from ui.blueprints.api import PREFIX

Json = Mapping[str, Any]

PLAIN: Mapping[str, str] = {
    "provider": "none", "revision": "1", "unknown": "nothing", "role": "sales",
}  # fmt: skip
"""What stands in a place of a path that is no id; in every other place stands the foreign one."""

PUBLIC = ("/static/", "/worker.js", "/healthz", "/readyz", "/metrics")
"""What is not about people or records."""

QUERIES: tuple[Mapping[str, str], ...] = (
    {"filter": f'id == "{FOREIGN}"', "count": "all"},
    {"q": FIND, "text": FIND},
    {"cursor": "e30.e30", "before": str(FOREIGN), "of": str(FOREIGN), "user": str(FOREIGN),
     "person": str(FOREIGN), "record": str(FOREIGN)},
)  # fmt: skip
"""What is asked behind a list's address, each in a call of its own."""

IN_TIME = ("/when", "/series")
"""What puts a record at another time, as its calendar shows it."""

MOVED: Mapping[str, Any] = {
    "which": "all", "day": "2026-01-01", "start": "2026-01-02T09:00:00",
    "end": "2026-01-02T10:00:00",
}  # fmt: skip

CHOSEN: Mapping[str, Sequence[str]] = {
    "ids": [str(FOREIGN)], "shares": [str(FOREIGN)], "change_sets": [str(FOREIGN)],
}  # fmt: skip
"""What is chosen where something is done with many at once."""

DEEPEST = 4

METHODS = frozenset({"get", "post", "patch", "put", "delete"})


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `route` and `entity` say what it is about."""

    method: str
    path: str
    route: str
    entity: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, str] | None = None

    @property
    def is_api(self) -> bool:
        return self.path.startswith(PREFIX)

    def options(self) -> dict[str, Any]:
        """Return the request as the test client takes it."""
        more: dict[str, Any] = {"method": self.method, "query_string": self.query}
        if self.form is not None:
            file = io.BytesIO(f"id,name\n{FOREIGN},{FIND}\n".encode())
            return more | {"data": {**self.form, "file": (file, "rows.csv")}}
        return more if self.body is None else more | {"json": self.body}


def calls(app: Flask, ctx: Context, document: Json, tenant: str = "") -> Iterator[Call]:
    """Yield calls of every route on every entity of a tenant."""
    bodies = Bodies(document, documented(document))
    entities = [each for each in ctx.model.entities.values() if not each.system]
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PUBLIC):
            continue
        about: Sequence[Entity | None] = entities if "entity" in rule.arguments else [None]
        for entity in about:
            path = _path(rule, ctx, entity, tenant or ctx.tenant.name)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield from _variants(rule, method, path, entity, bodies)


@dataclass(frozen=True, slots=True)
class Bodies:
    """Bodies of the API's calls, by its document: foreign ids wherever an id belongs."""

    document: Json
    known: Mapping[tuple[str, str], re.Pattern[str]]

    def of(self, method: str, path: str) -> Any:
        """Return a body for a call; an empty object where the document tells of none."""
        found = self._operation(method, path)
        content = (found or {}).get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return {}
        return self.sample(content["application/json"]["schema"])

    def _operation(self, method: str, path: str) -> Json | None:
        for (known, template), pattern in self.known.items():
            if known == method and pattern.fullmatch(path):
                found: Json = self.document["paths"][template][method.lower()]
                return found
        return None

    def sample(self, schema: Json, depth: int = 0) -> Any:  # noqa: PLR0911 - a kind a line
        """Return a value of a schema. Any: JSON of every shape."""
        if "$ref" in schema:
            named = schema["$ref"].rpartition("/")[2]
            return self.sample(self.document["components"]["schemas"][named], depth)
        for words in ("oneOf", "anyOf", "allOf"):
            if words in schema:
                return self.sample(schema[words][0], depth)
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type", "object" if "properties" in schema else "string")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            if depth >= DEEPEST:
                return {}
            return {
                name: self.sample(each, depth + 1)
                for name, each in schema.get("properties", {}).items()
            }
        if kind == "array":
            return [self.sample(schema.get("items", {}), depth + 1)] if depth < DEEPEST else []
        if kind == "string":
            return str(FOREIGN) if schema.get("format") == "uuid" else FIND
        return {"integer": 1, "number": 1, "boolean": True, "null": None}[kind]


def documented(document: Json) -> dict[tuple[str, str], re.Pattern[str]]:
    """Return the document's calls, by method and template, with what their addresses look like."""
    below = document["servers"][0]["url"]
    return {
        (method.upper(), template): re.compile(
            re.escape(below) + re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(template))
        )
        for template, item in document["paths"].items()
        for method in item
        if method in METHODS
    }


def _variants(
    rule: Rule, method: str, path: str, entity: Entity | None, bodies: Bodies
) -> Iterator[Call]:
    made = Call(method, path, rule.rule, entity.name if entity else "")
    if method == "GET":
        linked = {"expand": _links(entity), "sort": "id"} if entity else {}
        # A list is asked for in each way by itself, as one refusal would hide the next.
        lists = rule.rule.endswith("/records/<entity>")
        queries = QUERIES if lists else (dict(ChainMap(*map(dict, QUERIES))),)
        for query in queries:
            yield Call(method, path, rule.rule, made.entity, {**query, **linked})
        return
    if made.is_api:
        yield Call(method, path, rule.rule, made.entity, body=bodies.of(method, path))
        if "import" in rule.rule or "file" in rule.rule:
            yield Call(method, path, rule.rule, made.entity, form={"mode": "upsert", "key": "id"})
        return
    values = _foreign_values(entity) if entity else {}
    if rule.rule.endswith(IN_TIME) and entity is not None:
        calendars = [view.name for view in entity.views.values() if view.type == "calendar"]
        for body in (MOVED, {**MOVED, "start": None}) if calendars else ():
            yield Call(method, path, rule.rule, made.entity, {"view": calendars[0]}, body)
    yield Call(method, path, rule.rule, made.entity,
               body={"values": values, "version": 1, "text": FIND, "this": {}, **CHOSEN},
               )  # fmt: skip
    yield Call(method, path, rule.rule, made.entity, form={
        "person": str(FOREIGN), "to": str(FOREIGN), "department": str(FOREIGN), "tenant": FIND,
        "name": FIND, "parent": str(FOREIGN), "roles": "administrator", "email": FIND,
    })  # fmt: skip


def _links(entity: Entity | None) -> str:
    fields = entity.fields.values() if entity else ()
    return ",".join([each.name for each in fields if each.link is not None][:3])


def _foreign_values(entity: Entity) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for each in entity.fields.values():
        if each.link is not None:
            values[each.name] = [str(FOREIGN)] if each.link.many else str(FOREIGN)
        elif each.type == "text":
            values[each.name] = FIND
    return values


def _path(rule: Rule, ctx: Context, entity: Entity | None, tenant: str) -> str:
    """Return a path of a rule with every place filled."""
    places: dict[str, str] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        if name == "tenant":
            places[name] = tenant
        elif isinstance(converter, UUIDConverter):
            places[name] = str(FOREIGN)
        elif isinstance(converter, IntegerConverter):
            places[name] = "1"
        else:
            places[name] = _named(name, ctx, entity) or PLAIN.get(name, str(FOREIGN))
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda found: quote(places[found[1]]), rule.rule)


def _named(name: str, ctx: Context, entity: Entity | None) -> str:
    """Return what the model calls something of this kind."""
    if name == "name":
        if entity is None:
            return next(iter(ctx.model.dashboards.values())).name
        return next((each.name for each in entity.converts.values()), "none")
    if entity is None:
        return ""
    if name == "entity":
        return entity.name
    if name == "field":
        fields = list(entity.fields.values())
        return next((each.name for each in fields if each.link), fields[0].name)
    pipeline = next(iter(entity.pipelines.values()), None)
    if name == "pipeline":
        return pipeline.name if pipeline else "none"
    if name == "stage":
        return next((each.name for each in pipeline.stages.values()), "x") if pipeline else "none"
    return ""


def as_text(call: Call) -> str:
    """Return a call as it stands in a failure."""
    return f"{call.method} {call.path} {json.dumps(dict(call.query))}"
