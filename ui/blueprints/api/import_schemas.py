"""What OpenAPI says of imports that were begun: listed, stopped, gone on with, taken back."""

from __future__ import annotations

from ui.blueprints.api.calls import call_of, content_of, gives, of_one
from ui.blueprints.api.shapes import ID, TEXT, Json

COUNTS: Json = {"type": "object", "additionalProperties": {"type": "integer"}}

LISTED: Json = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {
            "type": "array",
            "items": {
                "type": "object",
                "required": [
                    "id",
                    "entity",
                    "file",
                    "state",
                    "done",
                    "total",
                    "counts",
                    "at",
                    "by",
                ],
                "properties": {
                    **{name: TEXT for name in ("entity", "file", "state", "message", "at")},
                    **{name: {"type": "integer"} for name in ("done", "total")},
                    "id": ID,
                    "by": ID,
                    "counts": COUNTS,
                },
            },
        }
    },
}
"""The imports that were begun."""

KEPT: Json = {
    "type": "object",
    "required": ["state", "counts", "kept"],
    "properties": {
        "state": TEXT,
        "counts": COUNTS,
        "kept": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["entity", "id", "reason"],
                "properties": {"entity": TEXT, "id": ID, "reason": TEXT},
            },
        },
    },
}
"""An import that was taken back, and the records that were left as they are."""


def import_paths() -> Json:
    """Return the calls on imports that were begun."""
    return {
        "/import": {"get": call_of("imports", content_of(LISTED))},
        **{
            f"/import/{{id}}/{turn}": of_one(post=call_of(f"{turn}_import", gives("import")))
            for turn in ("pause", "resume", "cancel")
        },
        "/import/{id}/undo": of_one(post=_undo()),
    }


def _undo() -> Json:
    operation = call_of("undo_import", content_of(KEPT))
    # What is long goes on in the background.
    operation["responses"]["202"] = operation["responses"]["200"]
    return operation
