"""Bodies and answers of the calls on values that did not convert."""

from __future__ import annotations

from collections.abc import Mapping

from marshmallow import fields, validate

from ui.blueprints.api.arguments import MISSING, NUMBER, TEXT, Arguments
from ui.blueprints.api.calls import call_of, gives, in_path
from ui.blueprints.api.shapes import ID, Json, listed, whole
from ui.blueprints.api.shapes import NUMBER as COUNT
from ui.blueprints.api.shapes import TEXT as WORDS


class MendBody(Arguments):
    """One value, as a record takes it, for all that said the same."""

    text = fields.String(required=True, error_messages=TEXT)
    value = fields.Raw(required=True, allow_none=True, error_messages=MISSING)


class CloseBody(Arguments):
    """How many kept values were looked at before they go."""

    kept = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, error="out_of_range"),
        error_messages=NUMBER,
    )


OPEN: Json = whole(
    **{"id": ID, "entity": WORDS, "field": WORDS, "from": WORDS, "to": WORDS},
    revision=COUNT, at=WORDS, kept=COUNT,
)  # fmt: skip

COMMON: Mapping[str, Json] = {
    "conversions": whole(data=listed(OPEN)),
    "kept_texts": whole(data=listed(whole(text=WORDS, records=COUNT))),
    "kept_values": whole(data=listed(whole(field=WORDS, text=WORDS, type=WORDS))),
    "mend": {
        "type": "object",
        "properties": {"text": WORDS, "value": {}},
        "required": ["text", "value"],
        "additionalProperties": False,
    },
    "mended": whole(done=COUNT, refused=listed(WORDS)),
    "closing": whole(kept=COUNT),
}
"""Schemas that are the same for every tenant."""


def conversion_paths() -> Json:
    """Return the calls on conversions."""
    one = {"parameters": [in_path("conversion", ID)]}
    file = call_of("unconverted", {})
    file["responses"]["200"] |= {"content": {"text/csv": {"schema": WORDS}}}
    return {
        "/conversions": {"get": call_of("conversions", gives("conversions"))},
        "/conversions/{conversion}": {**one, "get": call_of("kept_texts", gives("kept_texts"))},
        "/conversions/{conversion}/mend": {
            **one, "post": call_of("mend", gives("mended"), body="mend"),
        },
        "/conversions/{conversion}/close": {
            **one, "post": call_of("close", {}, body="closing", success="204"),
        },
        "/conversions/{conversion}/file": {**one, "get": file},
    }  # fmt: skip
