"""JSON Schemas of what administrators ask for, and of who shares what with whom."""

from __future__ import annotations

from collections.abc import Mapping

from ui.blueprints.api.arguments import SHARE_RIGHTS, SHARED_WITH
from ui.blueprints.api.schemas import LINK
from ui.blueprints.api.shapes import (
    ANY_OBJECT,
    FLAG,
    ID,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Json,
    listed,
    whole,
)

EVENT: Json = whole(
    id=ID, at=TEXT, kind=TEXT, person=TEXT_OR_NULL, name=TEXT, door=TEXT, entity=TEXT,
    record=TEXT_OR_NULL, address=TEXT, agent=TEXT, session=TEXT, reference=TEXT,
    revision={"type": ["integer", "null"]}, before=ANY_OBJECT, after=ANY_OBJECT,
    detail=ANY_OBJECT, times=NUMBER, installation=FLAG,
)  # fmt: skip
"""One event of the audit log."""

WITH: Json = {"enum": [*SHARED_WITH]}
RIGHT: Json = {"enum": [*SHARE_RIGHTS]}
SOMEBODY: Json = {"anyOf": [LINK, {"type": "null"}]}

SHARE: Json = whole(
    id=ID, kind=WITH, whom=SOMEBODY, role=TEXT_OR_NULL, right=RIGHT, until=TEXT_OR_NULL,
    by=SOMEBODY, at=TEXT, note=TEXT, ended=FLAG,
)  # fmt: skip
"""A record's share: with a person, department or team, or with those who have a role."""

COMMON: Mapping[str, Json] = {
    "share": SHARE,
    "shares": whole(data=listed(SHARE)),
    "sharing": {
        "type": "object",
        "required": ["kind", "whom"],
        "properties": {
            "kind": WITH,
            "whom": TEXT,
            "right": RIGHT,
            "until": TEXT_OR_NULL,
            "note": TEXT,
        },
        "additionalProperties": False,
    },
    "events": whole(data=listed(EVENT), next=TEXT_OR_NULL),
}
"""Schemas that are the same for every tenant."""
