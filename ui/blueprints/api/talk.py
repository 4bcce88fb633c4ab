"""Comments on records, and everything that became of one in one line of time."""

from __future__ import annotations

from flask import Response, jsonify, request

from engine.doors import Records
from engine.history.comments import Comment, Happening
from engine.query.spec import Entry, LinkValue
from engine.query.story import Stretch
from engine.values.wire import entry_to_wire, file_to_wire, link_to_wire, plain
from metamodel.model import Model
from ui.blueprints.api.arguments import CommentBody, HistoryArguments, body_of, query_of, record_id
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.created import created
from ui.blueprints.api.entities import entity_of
from ui.once import once
from ui.services import Services


def comment(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Keep what the caller says about a record they may read."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    found, body = record_id(record), body_of(request, CommentBody)

    def answer(source: Records, said: Comment) -> Response:
        return created(jsonify(comment_to_wire(said)))

    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.talk.say(ctx, target.key, found, body["body"], body["mentions"]),
        answer,
    )


def mend_comment(
    services: Services, caller: Caller, entity: str, record: str, comment: str
) -> Response:
    """Put other words in the place of the caller's own."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    body = body_of(request, CommentBody)
    at = target.key, record_id(record), record_id(comment)
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.talk.mend(ctx, *at, body["body"]),
        lambda _, said: jsonify(comment_to_wire(said)),
    )


def withdraw_comment(
    services: Services, caller: Caller, entity: str, record: str, comment: str
) -> Response:
    """Take back what the caller said."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    at = target.key, record_id(record), record_id(comment)
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.talk.withdraw(ctx, *at),
        lambda _, __: Response(status=204),
    )


def timeline(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer what became of a record, the latest first."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    asked = query_of(request, HistoryArguments)
    found = services.talk.timeline(
        caller.ctx, target.key, record_id(record), Stretch(asked["limit"], asked["before"])
    )
    return jsonify({"data": [happening_to_wire(caller.model, each) for each in found]})


def happening_to_wire(model: Model, happening: Happening) -> dict[str, object]:
    """Return one thing that became of a record; what it is stands under the name of its kind."""
    match happening.of:
        case Entry() as entry:
            of: object = entry_to_wire(model, entry)
        case Comment() as said:
            of = comment_to_wire(said)
        case file:
            of = file_to_wire(file)
    return {
        "kind": happening.kind,
        "id": str(happening.id),
        "at": plain(happening.at),
        "by": _person(happening.by),
        happening.kind: of,
    }


def comment_to_wire(said: Comment) -> dict[str, object]:
    """Return what somebody said."""
    return {
        "id": str(said.id),
        "at": plain(said.at),
        "author": _person(said.author),
        "body": said.body,
        "mentions": [_person(each) for each in said.mentions],
        "edited_at": plain(said.edited_at),
    }


def _person(person: LinkValue | None) -> dict[str, object] | None:
    return None if person is None else link_to_wire(person, several=False)
