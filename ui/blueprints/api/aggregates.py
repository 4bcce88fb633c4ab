"""Groups and measures over the rows the caller may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response, jsonify, request

from engine.query.parse import parse_filter, parse_group, parse_measure
from engine.query.spec import AggregateQuery
from engine.values.wire import value_to_wire
from ui.blueprints.api.arguments import AggregateBody, body_of
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import entity_of
from ui.services import Services


def run(services: Services, caller: Caller, entity: str) -> Response:
    """Answer one aggregate; with `explain=1` also the statement that was run."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    body = body_of(request, AggregateBody)
    ctx = caller.ctx
    query = AggregateQuery(
        entity=target.key,
        filter=parse_filter(ctx, target.key, body["filter"]) if body["filter"] else None,
        group_by={
            name: parse_group(ctx, target.key, text) for name, text in _named(body["group_by"])
        },
        measures={
            name: parse_measure(ctx, target.key, text) for name, text in body["measures"].items()
        },
    )
    result = services.reader.aggregate(ctx, query)
    kinds = {name: typed.type for name, typed in {**query.group_by, **query.measures}.items()}
    answer: dict[str, object] = {
        "rows": [
            {name: value_to_wire(kinds[name], value) for name, value in row.items()}
            for row in result.rows
        ]
    }
    if request.args.get("explain") == "1":
        answer["sql"] = result.sql
    return jsonify(answer)


def _named(items: Iterable[str | Mapping[str, str]]) -> Iterable[tuple[str, str]]:
    for item in items:
        if isinstance(item, str):
            yield item, item
        else:
            yield from item.items()
