"""JSON Schemas of what administrators ask for, and of who shares what with whom."""

from __future__ import annotations

from collections.abc import Mapping

from ui.blueprints.api.arguments import MAX_CHOSEN, SHARE_RIGHTS, SHARED_WITH
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

WHOM: Json = {
    "type": "object",
    "properties": {
        "people": listed(ID), "team": ID, "manager": {"const": True}, "stays": {"const": True},
    },
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}  # fmt: skip

RULE: Json = whole(entity=TEXT, field=TEXT, filter=TEXT, to=WHOM)
"""Who takes records of an entity that a field gives to somebody, where a filter holds."""

HANDOVER: Json = whole(
    id=ID, person=ID, name=TEXT, state={"enum": ["running", "done", "incomplete"]},
    rules=listed(RULE), disable=FLAG, done=NUMBER, total=NUMBER,
    given=listed(whole(entity=TEXT, field=TEXT, given=NUMBER, stayed=NUMBER, ended=NUMBER,
                       left=NUMBER)),
    refused=listed(whole(entity=TEXT, field=TEXT, record=ID, reason=TEXT)),
    mentions=listed(TEXT), created_by=TEXT_OR_NULL, created_at=TEXT, finished_at=TEXT_OR_NULL,
)  # fmt: skip
"""Where a hand-over stands."""

COMMON: Mapping[str, Json] = {
    "handover": {
        "type": "object",
        "required": ["rules"],
        "properties": {
            "rules": listed({**RULE, "required": ["to"]}),
            "disable": FLAG,
        },
        "additionalProperties": False,
    },
    "handover_plan": whole(
        person=ID,
        name=TEXT,
        total=NUMBER,
        complete=FLAG,
        mentions=listed(TEXT),
        parts=listed(
            whole(
                entity=TEXT,
                field=TEXT,
                rule={"type": ["integer", "null"]},
                ends=FLAG,
                records=NUMBER,
                examples=listed(whole(id=ID, title=TEXT)),
            )
        ),
    ),
    "handover_state": HANDOVER,
    "handover_list": whole(data=listed(HANDOVER)),
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
    "chosen": {
        "type": "object",
        "required": ["ids"],
        "properties": {"ids": {**listed(ID), "minItems": 1, "maxItems": MAX_CHOSEN}},
        "additionalProperties": False,
    },
    "events": whole(data=listed(EVENT), next=TEXT_OR_NULL),
}
"""Schemas that are the same for every tenant."""
