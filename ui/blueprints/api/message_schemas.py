"""What OpenAPI says of messages."""

from __future__ import annotations

from collections.abc import Mapping

from metamodel.model import Entity
from ui.blueprints.api.calls import call_of, content_of, in_query, limited, of_one
from ui.blueprints.api.shapes import (
    ID,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Json,
    listed,
    reference,
    whole,
)
from workflow.messages.message import CHANNELS, STATES

CHANNEL: Json = {"enum": list(CHANNELS)}

STATE: Json = {"enum": list(STATES)}

DIRECTION: Json = {"enum": ["in", "out"]}

MESSAGE: Json = whole(
    id=ID, at=TEXT, direction=DIRECTION, channel=CHANNEL, state=STATE, address=TEXT, subject=TEXT,
    body=TEXT, entity=TEXT_OR_NULL, record=TEXT_OR_NULL, automation=TEXT_OR_NULL,
    message_id=TEXT, thread=TEXT_OR_NULL, attempts=NUMBER, error=TEXT_OR_NULL,
    files=listed(whole(id=ID, name=TEXT)),
)  # fmt: skip

COMMON: Mapping[str, Json] = {
    "message": MESSAGE,
    "mail": {
        "type": "object",
        "required": ["to", "subject", "text"],
        "properties": {"to": TEXT, "subject": TEXT, "text": TEXT},
        "additionalProperties": False,
    },
}
"""A message to somebody outside, or from them; a mail to be sent."""


def message_paths() -> Json:
    """Return the calls on the log of messages."""
    instant: Json = {"type": "string", "format": "date-time"}
    narrowed = [
        in_query("q", TEXT), in_query("channel", CHANNEL), in_query("state", STATE),
        in_query("direction", DIRECTION), in_query("since", instant), in_query("until", instant),
        in_query("cursor", TEXT), limited(50),
    ]  # fmt: skip
    page = content_of(whole(data=listed(reference("message")), next=TEXT_OR_NULL))
    return {
        "/messages": {"get": call_of("messages", page, parameters=narrowed)},
        "/messages/{id}/again": of_one(post=call_of("sendagain", {}, success="204")),
    }


def record_message_paths(entity: Entity) -> Json:
    """Return the calls on the messages about an entity's records."""
    name = entity.name
    found = content_of(whole(data=listed(reference("message"))))
    sent = call_of(
        f"writemail_{name}", content_of(reference("message")), body="mail", success="201"
    )
    return {
        f"/records/{name}/{{id}}/messages": of_one(
            get=call_of(f"messagesof_{name}", found), post=sent
        )
    }
