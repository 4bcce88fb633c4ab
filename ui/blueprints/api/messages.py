"""Messages over the API: the whole log for administrators, those about a record for its readers."""

from __future__ import annotations

from datetime import UTC

from flask import Response, jsonify, request
from marshmallow import fields, validate

from engine.context import Context
from engine.values.wire import plain
from ui.blueprints.api.arguments import INSTANT, TEXT, Arguments, body_of, query_of, record_id
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.created import created
from ui.blueprints.api.entities import entity_of
from ui.once import once
from ui.services import Services
from workflow.messages.book import Asked
from workflow.messages.message import CHANNELS, STATES, Message
from workflow.messages.writing import Draft


class MessageArguments(Arguments):
    """The query string of the log of messages."""

    q = fields.String(load_default="", error_messages=TEXT)
    channel = fields.String(
        load_default="", validate=validate.OneOf(("", *CHANNELS), error="unknown_choice")
    )
    state = fields.String(
        load_default="", validate=validate.OneOf(("", *STATES), error="unknown_choice")
    )
    direction = fields.String(
        load_default="", validate=validate.OneOf(("", "in", "out"), error="unknown_choice")
    )
    since = fields.AwareDateTime(
        load_default=None, default_timezone=UTC, format="iso", error_messages=INSTANT
    )
    until = fields.AwareDateTime(
        load_default=None, default_timezone=UTC, format="iso", error_messages=INSTANT
    )
    cursor = fields.String(load_default="", error_messages=TEXT)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500, error="out_of_range"))


class MailBody(Arguments):
    """The body of a mail: to one address, in plain words."""

    to = fields.String(required=True, error_messages=TEXT)
    subject = fields.String(required=True, error_messages=TEXT)
    text = fields.String(required=True, error_messages=TEXT)


def listed(services: Services, caller: Caller) -> Response:
    """Answer a page of the log, the latest first."""
    caller.require_whole()
    asked = query_of(request, MessageArguments)
    question = Asked(
        text=asked["q"], channel=asked["channel"], state=asked["state"],
        direction=asked["direction"], since=asked["since"], until=asked["until"],
    )  # fmt: skip
    found = services.message_book.page(caller.ctx, question, asked["cursor"], asked["limit"])
    data = [message_to_wire(caller.ctx, each) for each in found.messages]
    return jsonify({"data": data, "next": found.cursor or None})


def again(services: Services, caller: Caller, message: str) -> Response:
    """Send a message that was not sent."""
    caller.require_whole()
    found = record_id(message)
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.message_book.send_again(ctx, found),
        lambda _, done: Response(status=204),
    )


def of_record(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer the messages about a record, the oldest first."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    query_of(request, Arguments)
    found = services.message_book.of_record(caller.ctx, target.key, record_id(record))
    return jsonify({"data": [message_to_wire(caller.ctx, each) for each in found]})


def write(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Send a mail from a record; 201 with the message."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "update")
    found, body = record_id(record), body_of(request, MailBody)
    draft = Draft(body["to"], body["subject"], body["text"])
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.correspondence.write(ctx, target.key, found, draft),
        lambda _, made: created(jsonify(message_to_wire(caller.ctx, made))),
    )


def message_to_wire(ctx: Context, message: Message) -> dict[str, object]:
    """Return a message as JSON has it; the entity by its name, where the model knows it."""
    entity = ctx.model.entities.get(message.entity)
    automation = ctx.model.automations.get(message.automation)
    return {
        "id": str(message.id),
        "at": plain(message.at),
        "direction": message.direction,
        "channel": message.channel,
        "state": message.state,
        "address": message.address,
        "subject": message.subject,
        "body": message.body,
        "entity": entity.name if entity is not None else None,
        "record": str(message.record) if message.record is not None else None,
        "automation": automation.name if automation is not None else None,
        "message_id": message.message_id,
        "thread": message.thread or None,
        "attempts": message.attempts,
        "error": message.error or None,
        "files": [{"id": str(each.id), "name": each.name} for each in message.files],
    }
