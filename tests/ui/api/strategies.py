"""Requests as an OpenAPI document describes them, and such as nearly follow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

Json = Mapping[str, Any]

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8), st.sampled_from(["\x00", "-1", "99999999999999999999", "2026-02-30", "é"]),
    st.just([]), st.just({}), st.just([[]]), st.just({"id": 1}), st.just({"name": {}}),
)  # fmt: skip

QUERIES: Mapping[str, Sequence[str]] = {
    "filter": ["vip", "limit > 1", 'name == "a"', "", "1 / 0 > 1", "(", 'CONTAINS(name, "%")'],
    "sort": ["name", "-name,id", "parent.name", "", ",", "-", "labels"],
    "fields": ["id", "name", "parent.name", "", "lines", "customer.ordered"],
    "expand": ["parent", "customer", "owner", "name", ""],
    "cursor": ["", "x", "AAAA"],
    "q": ["a", "", "%", "上海", "' or 1=1"],
    "key": ["name", "", "nobody"],
    "map": ["", "columns: [", "columns: {Name: name}", "ignore: [x]"],
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request: as the document describes it, or nearly."""

    operation: Json
    method: str
    path: str
    query: Mapping[str, str]
    body: Any


@st.composite
def calls(draw: st.DrawFn, document: Json, ids: Sequence[str]) -> Call:
    """Draw any call of a document."""
    path = draw(st.sampled_from(sorted(document["paths"])))
    item = document["paths"][path]
    method = draw(st.sampled_from(sorted(set(item) - {"parameters"})))
    operation = item[method]
    parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
    for each in (one for one in parameters if one["in"] == "path"):
        path = path.replace(f"{{{each['name']}}}", draw(_segment(each, ids)))
    query = {
        each["name"]: str(draw(_argument(each)))
        for each in parameters
        if each["in"] == "query" and draw(st.booleans())
    }
    contents = operation.get("requestBody", {}).get("content", {})
    schema = contents.get("application/json", {}).get("schema")
    body = draw(values(schema, document, ids)) if schema is not None else None
    if "text/csv" in contents:
        body = draw(st.sampled_from(FILES))
    return Call(operation, method.upper(), path, query, body)


FILES = (
    b"", b"name\n", b"name\na\n", b"subject\nx\n", b"\x00\x01", b'name\n"a', b"1,2\n3,4\n",
    b"name,name\n", b"name;price\na;1\nb;x\n", b"name\n=1+1\n", "名称\n甲\n".encode("gb18030"),
)  # fmt: skip


def _segment(parameter: Json, ids: Sequence[str]) -> st.SearchStrategy[str]:
    known = parameter["schema"].get("enum", ["customer", "order"])
    return st.sampled_from([*ids, *known, "7", "%00", "00000000-0000-0000-0000-000000000000"])


def _argument(parameter: Json) -> st.SearchStrategy[Any]:
    schema = parameter["schema"]
    if parameter["name"] in QUERIES:
        return st.one_of(st.sampled_from(QUERIES[parameter["name"]]), st.text(max_size=6))
    if "enum" in schema:
        return st.sampled_from([*schema["enum"], "other"])
    return st.one_of(st.integers(-1, 600), st.text(max_size=4))


@st.composite
def values(draw: st.DrawFn, schema: Json, document: Json, ids: Sequence[str]) -> Any:
    """Draw a value of a schema, now and then something else in its place."""
    if draw(st.integers(0, 29)) == 0:
        return draw(JUNK)
    return draw(_fit(schema, document, ids))


def _fit(schema: Json, document: Json, ids: Sequence[str]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return values(document["components"]["schemas"][name], document, ids)
    if "anyOf" in schema:
        return st.one_of([values(each, document, ids) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "array":
        return st.lists(values(schema.get("items", {}), document, ids), max_size=3)
    if kind == "object":
        return _object(schema, document, ids)
    if kind == "string":
        return _text(schema, ids)
    simple = {"integer": st.integers(-5, 500), "boolean": st.booleans(), "null": st.none()}
    return simple.get(kind or "", JUNK)


def _object(schema: Json, document: Json, ids: Sequence[str]) -> st.SearchStrategy[Any]:
    properties = schema.get("properties", {})
    required = {name: values(properties[name], document, ids) for name in schema.get("required", ())
                if name in properties}  # fmt: skip
    others = {
        name: values(each, document, ids)
        for name, each in properties.items()
        if name not in required
    }
    if not properties:
        formulas = st.sampled_from(["COUNT()", "SUM(limit)", "name", "MAX(total)", "1 / 0", "("])
        return st.dictionaries(st.sampled_from(["a", "b", "name"]), formulas, max_size=2)
    return st.fixed_dictionaries(required, optional=others)


def _text(schema: Json, ids: Sequence[str]) -> st.SearchStrategy[str]:
    if schema.get("format") == "uuid":
        return st.sampled_from(ids)
    if schema.get("format") == "date":
        return st.dates().map(str)
    if "pattern" in schema:
        return st.decimals(-(10**7), 10**7, places=2).map(str)
    return st.one_of(
        st.text(max_size=12), st.sampled_from([*ids, "vip", "COUNT()", "draft", "sent"])
    )
