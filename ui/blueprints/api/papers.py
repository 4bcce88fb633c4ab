"""Papers made of records: which there are, their files, a copy kept with the record."""

from __future__ import annotations

from flask import Response, jsonify, request

from engine.doors import Records
from engine.query.spec import FileValue
from engine.values.wire import file_to_wire
from ui.blueprints.api.arguments import (
    Arguments,
    PaperArguments,
    PapersArguments,
    query_of,
    record_id,
)
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.created import created
from ui.blueprints.api.entities import entity_of
from ui.once import once
from ui.papers import Asked, many_papers, one_paper
from ui.services import Services


def listed(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer the documents that a record can be printed as."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    query_of(request, Arguments)
    services.reader.get(caller.ctx, target.key, [record_id(record)])
    found = [
        {
            "name": each.name,
            "label": each.label.text(caller.ctx.language) or each.name,
            "format": each.format,
            "languages": [name for name in each.template.texts if name],
        }
        for each in services.documents.offered(caller.ctx, target.key)
    ]
    return jsonify({"data": found})


def made(services: Services, caller: Caller, entity: str, record: str, name: str) -> Response:
    """Answer a document of a record."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    asked = query_of(request, PaperArguments)
    document = services.documents.named(caller.ctx, target, name)
    return one_paper(services.documents, caller.ctx, document, record_id(record), asked)


def many(services: Services, caller: Caller, entity: str, name: str) -> Response:
    """Answer a document of many records."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    asked = query_of(request, PapersArguments)
    document = services.documents.named(caller.ctx, target, name)
    ids = [record_id(each) for each in ids_of(asked)]
    return many_papers(services.documents, caller.ctx, document, ids, asked)


def ids_of(asked: Asked) -> tuple[str, ...]:
    """Return the ids that an address names, each once."""
    named = (each.strip() for each in asked["ids"].split(","))
    return tuple(dict.fromkeys(each for each in named if each))


def keep(services: Services, caller: Caller, entity: str, record: str, name: str) -> Response:
    """Attach a document to its record, as it is now."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "update")
    language = query_of(request, PaperArguments)["language"]
    document = services.documents.named(caller.ctx, target, name)
    one = record_id(record)

    def kept(_: Records, file: FileValue) -> Response:
        return created(jsonify(file_to_wire(file)))

    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.documents.keep(ctx, document, one, language=language),
        kept,
    )
