"""JSON Schemas of what administrators ask for: the audit log, hand-overs."""

from __future__ import annotations

from collections.abc import Mapping

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

COMMON: Mapping[str, Json] = {
    "events": whole(data=listed(EVENT), next=TEXT_OR_NULL),
}
"""Schemas that are the same for every tenant."""
