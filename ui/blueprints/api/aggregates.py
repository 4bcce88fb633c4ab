"""Groups and measures over the rows the caller may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request

from engine.context import Context
from engine.errors import FieldError, RecordRefused
from engine.query.parse import parse_filter, parse_group, parse_measure
from engine.query.spec import AggregateQuery
from engine.values.wire import value_to_wire
from ui.blueprints.api.arguments import AggregateBody, ExplainArguments, body_of, query_of
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import entity_of
from ui.services import Services


def run(services: Services, caller: Caller, entity: str) -> Response:
    """Answer one aggregate; with `explain=1` also the statement, to those who may see it."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    explain = query_of(request, ExplainArguments)["explain"] == "1"
    query = _query(caller.ctx, target.key, body_of(request, AggregateBody), explain=explain)
    result = services.reader.aggregate(caller.ctx, query)
    kinds = {name: typed.type for name, typed in {**query.group_by, **query.measures}.items()}
    answer: dict[str, object] = {
        "rows": [
            {name: value_to_wire(kinds[name], value) for name, value in row.items()}
            for row in result.rows
        ],
        "scope": result.scope,
    }
    if explain and result.sql:
        answer["sql"] = result.sql
    return jsonify(answer)


def _query(ctx: Context, key: str, body: Mapping[str, Any], *, explain: bool) -> AggregateQuery:
    groups, measures = _named(body)
    text = body["filter"]
    return AggregateQuery(
        entity=key,
        filter=parse_filter(ctx, key, text) if text else None,
        group_by={name: parse_group(ctx, key, each) for name, each in groups.items()},
        measures={name: parse_measure(ctx, key, each) for name, each in measures.items()},
        explain=explain,
    )


def _named(body: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return group and measure formulas by name; no two may be answered under one name."""
    groups: dict[str, str] = {}
    measures: dict[str, str] = dict(body["measures"])
    errors: list[FieldError] = []
    for index, item in enumerate(body["group_by"]):
        for name, text in item.items():
            if name in groups or name in measures:
                errors.append(FieldError("name_twice", ("group_by", index), {"value": name}))
            groups[name] = text
    if errors:
        raise RecordRefused(errors)
    return groups, measures
