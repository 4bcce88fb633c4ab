"""Values that did not convert to a field's new type: seen, mended, and let go."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import Response, jsonify, request

from engine.conversions import OpenConversion
from engine.exchange.sinks import write
from engine.messages import sentence
from engine.values.wire import plain
from ui.blueprints.api.arguments import body_of, record_id
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.conversion_schemas import CloseBody, MendBody
from ui.blueprints.api.entities import entity_of
from ui.services import Services

FILE = "text/csv"


def listed(services: Services, caller: Caller) -> Response:
    """Answer every conversion that is open, the latest first."""
    caller.require_whole()
    found = services.conversions.of(caller.ctx)
    return jsonify({"data": [_wire(caller, each) for each in found]})


def texts(services: Services, caller: Caller, conversion: str) -> Response:
    """Answer the texts that did not convert, and how many records had each."""
    caller.require_whole()
    found = services.conversions.texts(caller.ctx, record_id(conversion))
    return jsonify({"data": [{"text": each.text, "records": each.records} for each in found]})


def mend(services: Services, caller: Caller, conversion: str) -> Response:
    """Give one value to all records whose text was the same; doing it again finds none left."""
    caller.require_whole()
    body = body_of(request, MendBody)
    done = services.conversions.mend(caller.ctx, record_id(conversion), body["text"], body["value"])
    refused = [sentence(each, caller.ctx.language) for each in done.refused]
    return jsonify({"done": done.done, "refused": refused})


def close(services: Services, caller: Caller, conversion: str) -> Response:
    """Let go of what is kept, and of the old values, for good."""
    caller.require_whole()
    body = body_of(request, CloseBody)
    services.conversions.close(caller.ctx, record_id(conversion), kept=body["kept"])
    return Response(status=204)


def file(services: Services, caller: Caller, conversion: str) -> Response:
    """Answer every record that waits, and what it had, as a file."""
    caller.require_whole()
    found = services.conversions.rows(caller.ctx, record_id(conversion))
    pieces = write("csv", ("id", "text"), _lines(found))
    response = Response(pieces, mimetype=FILE)
    response.headers["Content-Disposition"] = "attachment; filename*=UTF-8''unconverted.csv"
    return response


def kept(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer what of one record did not convert."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    id_ = record_id(record)
    services.reader.get(caller.ctx, target.key, [id_])
    found = services.conversions.beside(caller.ctx, target.key, id_)
    return jsonify(
        {
            "data": [
                {"field": target.fields[each.field].name, "text": each.text, "type": each.type}
                for each in found
            ]
        }
    )


def _lines(found: Iterator[tuple[UUID, str]]) -> Iterator[tuple[str, str]]:
    return ((str(record), text) for record, text in found)


def _wire(caller: Caller, each: OpenConversion) -> dict[str, object]:
    entity = caller.model.entities[each.entity]
    return {
        "id": str(each.id),
        "entity": entity.name,
        "field": entity.fields[each.field].name,
        "from": each.from_type,
        "to": each.to_type,
        "revision": each.revision,
        "at": plain(each.at),
        "kept": each.kept,
    }
