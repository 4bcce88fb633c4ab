"""Files out: an entity's records as CSV, a workbook or JSON lines, streamed."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from engine.exchange.exporting import Wanted
from engine.exchange.sinks import MEDIA
from engine.query.legible import may_show
from engine.query.parse import parse_filter, parse_paths, parse_sort
from engine.query.spec import ListQuery
from ui.blueprints.api.arguments import ChosenBody, ExportArguments, body_of, query_of
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import entity_of, view_of
from ui.blueprints.attachment import attachment
from ui.services import Services


def run(services: Services, caller: Caller, entity: str) -> Response:
    """Answer all records of a question as a file."""
    return _file(services, caller, entity, None)


def chosen(services: Services, caller: Caller, entity: str) -> Response:
    """Answer those of some records that a question finds as a file."""
    return _file(services, caller, entity, tuple(body_of(request, ChosenBody)["ids"]))


def _file(
    services: Services, caller: Caller, entity: str, among: tuple[UUID, ...] | None
) -> Response:
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "export")
    asked = query_of(request, ExportArguments)
    ctx, key = caller.ctx, target.key
    view = view_of(services, ctx, target, asked["view"]) if asked["view"] else None
    paths = parse_paths(ctx, key, asked["fields_"])
    query = ListQuery(
        entity=key,
        filter=parse_filter(ctx, key, asked["filter"]) if asked["filter"] else None,
        search=asked["q"],
        sort=parse_sort(ctx, key, asked["sort"]) if asked["sort"] else (),
        among=among,
    )
    if view is not None:
        query = services.exporter.within(ctx, query, view)
        shown = (column.path for column in view.columns)
        paths = paths or tuple(path for path in shown if may_show(ctx, path))
    clear = tuple(name.strip() for name in asked["clear"].split(",") if name.strip())
    pieces = services.exporter.export(ctx, Wanted(query, asked["format"], paths, clear))
    response = Response(pieces, mimetype=MEDIA[asked["format"]].partition(";")[0])
    response.headers["Content-Disposition"] = attachment(ctx, target.name, asked["format"])
    return response
