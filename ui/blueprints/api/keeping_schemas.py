"""What OpenAPI says of views that people keep, and of records that look like one another."""

from __future__ import annotations

from ui.blueprints.api.arguments import SHARINGS
from ui.blueprints.api.calls import call_of, content_of, in_path, of_one
from ui.blueprints.api.shapes import (
    ANY_OBJECT,
    FLAG,
    ID,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    Json,
    listed,
    whole,
)

SHARING: Json = {"type": "string", "enum": list(SHARINGS)}

ID_OR_NULL: Json = {"type": ["string", "null"], "format": "uuid"}

VIEW: Json = whole(
    id=ID, entity=TEXT, title=TEXT, kind=TEXT, base=TEXT_OR_NULL, owner=ID, sharing=SHARING,
    shared_with=listed(ID), roles=TEXTS, locked=FLAG, spec=ANY_OBJECT, version=NUMBER, at=TEXT,
    may_change=FLAG,
)  # fmt: skip
"""A view as it is kept."""

LEFT: Json = listed(whole(entity=TEXT, id=ID, reason=TEXT))

VIEW_BODY: Json = {
    "type": "object",
    "properties": {
        "title": TEXT, "spec": ANY_OBJECT, "base": TEXT, "sharing": SHARING,
        "shared_with": listed(ID), "roles": TEXTS, "locked": FLAG, "version": NUMBER,
    },
    "additionalProperties": False,
}  # fmt: skip

COMMON: dict[str, Json] = {
    "view_kept": VIEW_BODY,
    "alike": {
        "type": "object",
        "required": ["values"],
        "properties": {"values": ANY_OBJECT, "record": ID_OR_NULL},
        "additionalProperties": False,
    },
    "merging": {
        "type": "object",
        "required": ["with"],
        "properties": {"with": ID, "values": ANY_OBJECT},
        "additionalProperties": False,
    },
}
"""The bodies of these calls."""


def view_paths(name: str) -> Json:
    """Return the calls on kept views of an entity."""
    one = {
        "parameters": [in_path("view", ID)],
        "get": call_of(f"keptview_{name}", content_of(VIEW)),
        "patch": call_of(f"changeview_{name}", content_of(VIEW), body="view_kept"),
        "delete": call_of(f"dropview_{name}", {}, success="204"),
    }
    return {
        f"/views/{name}": {
            "get": call_of(f"keptviews_{name}", content_of(whole(data=listed(VIEW)))),
            "post": call_of(f"keepview_{name}", content_of(VIEW), body="view_kept", success="201"),
        },
        f"/views/{name}/{{view}}": one,
    }


def alike_paths(name: str) -> Json:
    """Return the calls on records of an entity that look like one another."""
    cluster = whole(fields=TEXTS, count=NUMBER, records=listed(whole(id=ID, title=TEXT_OR_NULL)))
    found = whole(
        entity=TEXT, id=ID_OR_NULL, title=TEXT_OR_NULL, field=TEXT, near=FLAG, blocks=FLAG
    )
    return {
        f"/duplicates/{name}": {
            "get": call_of(f"duplicates_{name}", content_of(whole(data=listed(cluster)))),
            "post": call_of(
                f"alike_{name}", content_of(whole(data=listed(found))), body="alike"
            ),
        },
        f"/records/{name}/{{id}}/merge": of_one(
            post=call_of(
                f"merge_{name}", content_of(whole(id=ID, kept=ID, gone=ID, at=TEXT)),
                body="merging", success="201",
            )
        ),
    }  # fmt: skip


def parting_paths() -> Json:
    """Return the call that parts what was merged."""
    parted = content_of(whole(done=NUMBER, kept=LEFT))
    return {
        "/merges/{merge}/undo": {
            "parameters": [in_path("merge", ID)], "post": call_of("part", parted)
        }
    }  # fmt: skip
