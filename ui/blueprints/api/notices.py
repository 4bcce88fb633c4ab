"""One's own notices over the API: listed, read, taken back, done."""

from __future__ import annotations

from flask import Response, jsonify, request
from marshmallow import fields, validate

from engine.notices import Asked, Notice
from engine.values.wire import link_to_wire, plain
from ui.blueprints.api.arguments import (
    BOOLEAN,
    ID,
    LIST,
    TEXT,
    Arguments,
    body_of,
    query_of,
)
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.shapes import ANY_OBJECT, FLAG, NUMBER, Json, listed, whole
from ui.blueprints.api.shapes import ID as ID_SHAPE
from ui.blueprints.api.shapes import TEXT as TEXT_SHAPE
from ui.services import Services

STATES = ("open", "unread", "done", "all")

LINK: Json = {"anyOf": [ANY_OBJECT, {"type": "null"}]}

NOTICES: Json = whole(
    data=listed(
        whole(id=ID_SHAPE, kind=TEXT_SHAPE, at=TEXT_SHAPE, record=LINK, by=LINK,
              words=ANY_OBJECT, said=TEXT_SHAPE, read=FLAG, done=FLAG)
    ),
    unread=NUMBER,
)  # fmt: skip
"""What is answered; `record` and `by` are null where there is none."""

MARKED: Json = whole(count=NUMBER)

MARKING: Json = {
    "type": "object",
    "properties": {
        "ids": listed(ID_SHAPE),
        "all": FLAG,
        "state": {"enum": ["open", "unread", "done"]},
    },
    "required": ["state"],
    "additionalProperties": False,
}


class NoticeArguments(Arguments):
    """The query string of a list of notices: in a state, so many, those before one."""

    state = fields.String(
        load_default="open", validate=validate.OneOf(STATES, error="unknown_choice")
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500, error="out_of_range"))
    before = fields.UUID(load_default=None, error_messages=ID)


class MarkBody(Arguments):
    """What is to become of some notices, or of all."""

    ids = fields.List(fields.UUID(error_messages=ID), load_default=list, error_messages=LIST)
    all = fields.Boolean(load_default=False, error_messages=BOOLEAN)
    state = fields.String(
        required=True,
        error_messages=TEXT,
        validate=validate.OneOf(("open", "unread", "done"), error="unknown_choice"),
    )


def page(services: Services, caller: Caller) -> Response:
    """Answer the caller's notices, the latest first; they tell of records of every kind."""
    caller.require_whole()
    asked = query_of(request, NoticeArguments)
    found = services.notices.page(
        caller.ctx, Asked(asked["state"], before=asked["before"], limit=asked["limit"])
    )
    unseen = services.notices.unseen(caller.ctx)
    count = unseen.count if unseen is not None else 0
    return jsonify({"data": [_to_wire(each) for each in found], "unread": count})


def mark(services: Services, caller: Caller) -> Response:
    """Put some of the caller's notices into a state, or all of them."""
    caller.require_whole()
    body = body_of(request, MarkBody)
    ids = None if body["all"] else body["ids"]
    return jsonify({"count": services.notices.mark(caller.ctx, ids, body["state"])})


def _to_wire(notice: Notice) -> dict[str, object]:
    return {
        "id": str(notice.id),
        "kind": notice.kind,
        "at": plain(notice.at),
        "record": None if notice.record is None else link_to_wire(notice.record, several=True),
        "by": None if notice.by is None else link_to_wire(notice.by, several=False),
        "words": dict(notice.words),
        "said": notice.said,
        "read": notice.read,
        "done": notice.done,
    }
