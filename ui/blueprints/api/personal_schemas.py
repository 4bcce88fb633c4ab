"""JSON Schemas of what is known of a person, and of erasing it."""

from __future__ import annotations

from ui.blueprints.api.shapes import ID, TEXT, Json, listed, whole

PLACES: Json = listed(whole(entity=TEXT, ids=listed(ID)))

SUBJECT: Json = whole(about=PLACES, others=PLACES)
"""Records that tell of a person, and records of other people that are linked to it."""

ERASURE: Json = whole(
    id=ID, state=TEXT, pseudonym=TEXT,
    counts={"type": "object", "additionalProperties": {"type": "integer"}},
)  # fmt: skip
