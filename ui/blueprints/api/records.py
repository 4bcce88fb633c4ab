"""Records one by one: list, create, read, change, trash, restore, move, convert, history."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify, request

from engine.changes import Change
from engine.context import Context
from engine.doors import Edit, Records
from engine.errors import FieldError, NotFound, RecordRefused
from engine.query.parse import parse_filter, parse_sort
from engine.query.spec import ListQuery
from engine.query.stages import Visit
from engine.values.wire import entry_to_wire, link_to_wire, plain, record_to_wire, rows_to_wire
from metamodel.model import Entity
from ui.blueprints.api.arguments import (
    HistoryArguments,
    ListArguments,
    MoveBody,
    body_of,
    object_of,
    query_of,
    record_id,
)
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.created import created
from ui.blueprints.api.entities import entity_of
from ui.blueprints.api.paths import paths_of
from ui.once import answered, once
from ui.services import Services


def find(services: Services, caller: Caller, entity: str) -> Response:
    """Answer a page of records, filtered, searched, sorted."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    query = _query(services, caller, target)
    page = services.reader.find(caller.ctx, query)
    answer: dict[str, object] = {
        "data": rows_to_wire(caller.model, target, page.rows),
        "next": page.next,
    }
    if query.count != "none":
        answer["total"] = page.total
        answer["capped"] = page.capped
        answer["scope"] = page.scope
    return jsonify(answer)


def create(services: Services, caller: Caller, entity: str) -> Response:
    """Create one record and answer it whole."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "create")
    body = object_of(request)

    def answer(source: Records, change: Change) -> Response:
        seen = _seen(source, caller, target, change.ids[0])
        return created(seen, f"{request.path}/{change.ids[0]}")

    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.writer.create(ctx, target.key, [body]),
        answer,
    )


def read(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer one record whole."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    return _whole(services.reader, caller, target, record_id(record))


def update(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Change what the body names, only if unchanged since `If-Match` where that is sent."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "update")
    edit = Edit(record_id(record), object_of(request), _version())
    return answered(
        services,
        caller.ctx,
        lambda ctx: services.writer.update(ctx, target.key, [edit]),
        lambda source, _: _seen(source, caller, target, edit.id),
    )


def delete(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Move a record to the trash."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "delete")
    services.writer.delete(caller.ctx, target.key, [record_id(record)])
    return Response(status=204)


def restore(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Take a record back from the trash."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "delete")
    found = record_id(record)
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.writer.restore(ctx, target.key, [found]),
        lambda source, _: _seen(source, caller, target, found),
    )


def recalculate(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Take the exchange rates of a record anew, which else stay as they were first taken."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "update")
    found = record_id(record)
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.writer.recalculate(ctx, target.key, [found]),
        lambda source, _: _seen(source, caller, target, found),
    )


def move(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Move a record to a stage, filling what the stage asks for."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "update")
    body = body_of(request, MoveBody)
    found, pipeline = record_id(record), _pipeline(target, body["pipeline"], body["to"])

    def do(ctx: Context) -> Change:
        return services.writer.move(
            ctx, target.key, [found], pipeline=pipeline, to=body["to"], values=body["values"]
        )

    return once(
        services, request, caller.ctx, do, lambda source, _: _seen(source, caller, target, found)
    )


def _pipeline(target: Entity, asked: str, to: str) -> str:
    """Return the name of the pipeline asked for, else of the one that has the stage."""
    pipelines = list(target.pipelines.values())
    if not asked:
        pipelines.sort(key=lambda each: to not in {stage.name for stage in each.stages.values()})
    names = [each.name for each in pipelines]
    if not names or (asked and asked not in names):
        path = ("pipeline",) if asked else ()
        raise RecordRefused([FieldError("no_pipeline", path, {"value": asked})])
    return asked or names[0]


def convert(services: Services, caller: Caller, entity: str, record: str, name: str) -> Response:
    """Make other records from this one and name them."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "update")
    found = record_id(record)

    def answer(source: Records, change: Change) -> Response:
        made = [
            {"entity": caller.model.entities[item.entity].name, "id": str(item.id)}
            for item in change.records
            if item.operation == "create"
        ]
        return jsonify({"created": made})

    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.writer.convert(ctx, target.key, found, name),
        answer,
    )


def history(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer the changes of a record, newest first, as far as the caller may read its fields."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    asked = query_of(request, HistoryArguments)
    found = services.reader.history(
        caller.ctx, target.key, record_id(record), limit=asked["limit"], before=asked["before"]
    )
    return jsonify({"data": [entry_to_wire(caller.model, entry) for entry in found]})


def why(services: Services, caller: Caller, entity: str, record: str, field: str) -> Response:
    """Answer which records a computed figure is made of, and whether there are others."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    found = services.figures.why(caller.ctx, target.key, record_id(record), field)
    return jsonify(
        {
            "parts": [
                {
                    "entity": caller.model.entities[part.entity].name,
                    "function": part.function,
                    "records": [link_to_wire(each, several=False) for each in part.records],
                    "others": part.others,
                    "more": part.more,
                }
                for part in found
            ]
        }
    )


def stages(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer the stages that a record was in, the latest first."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    found = services.stages.visits(caller.ctx, target.key, record_id(record))
    return jsonify({"data": [_visit(target, visit) for visit in found]})


def _visit(target: Entity, visit: Visit) -> dict[str, object]:
    pipeline = target.pipelines.get(visit.pipeline)
    stage = pipeline.stages.get(visit.stage) if pipeline else None
    people = {"entered_by": visit.entered_by, "left_by": visit.left_by}
    return {
        "pipeline": pipeline.name if pipeline else visit.pipeline,
        "stage": stage.name if stage else visit.stage,
        "entered_at": plain(visit.entered_at),
        "left_at": plain(visit.left_at),
        "amount": plain(visit.amount),
        "hours": plain(visit.hours),
        **{name: link_to_wire(who, several=False) if who else None for name, who in people.items()},
    }


def _query(services: Services, caller: Caller, target: Entity) -> ListQuery:
    asked = query_of(request, ListArguments)
    ctx, key = caller.ctx, target.key
    return ListQuery(
        entity=key,
        filter=parse_filter(ctx, key, asked["filter"]) if asked["filter"] else None,
        search=asked["q"],
        sort=parse_sort(ctx, key, asked["sort"]) if asked["sort"] else (),
        paths=paths_of(
            ctx, services.access, target, fields=asked["fields_"], expand=asked["expand"]
        ),
        limit=asked["limit"],
        cursor=asked["cursor"],
        count=asked["count"],
        unconverted=_kept_field(target, asked["unconverted"]) if asked["unconverted"] else "",
    )


def _kept_field(target: Entity, name: str) -> str:
    """Return the key of a field whose values may not have converted; raise for any other."""
    field = target.field_named(name)
    if field is None or field.builtin or field.formula is not None:
        raise NotFound(entity=target.name, field=name)
    return field.key


def _whole(source: Records, caller: Caller, target: Entity, record: UUID) -> Response:
    found = source.get(caller.ctx, target.key, [record])[0]
    response = jsonify(record_to_wire(caller.model, found))
    response.headers["ETag"] = f'"{found.version}"'
    return response


def _seen(source: Records, caller: Caller, target: Entity, record: UUID) -> Response:
    """Answer a record that was just written; of one that its writer may not read only the id."""
    try:
        return _whole(source, caller, target, record)
    except NotFound:
        return jsonify({"id": str(record)})


def _version() -> int | None:
    """Return the version in `If-Match`; `*` and nothing ask for none."""
    sent = request.headers.get("If-Match", "").strip()
    if sent in ("", "*"):
        return None
    digits = sent.removeprefix("W/").strip('"')
    # What is no version of ours cannot be the present one: a lost race, not bad syntax.
    return int(digits) if digits.isdigit() else 0
