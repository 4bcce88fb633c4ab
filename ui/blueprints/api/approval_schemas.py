"""What OpenAPI says of approvals."""

from __future__ import annotations

from typing import get_args

from metamodel.model import Entity, Model
from ui.blueprints.api.calls import call_of, content_of, in_path, in_query, limited, of_one
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
    reference,
    whole,
)
from workflow.approvals.boxes import Box
from workflow.approvals.course import State, What, Where
from workflow.approvals.service import ActName

PERSON: Json = {"anyOf": [ANY_OBJECT, {"type": "null"}]}

STEP: Json = whole(
    key=TEXT, label=TEXT, state={"enum": list(get_args(Where))}, mode=TEXT, needed=NUMBER,
    people=listed(whole(person=PERSON, vote=TEXT, by=PERSON)), allow=TEXTS, added_by=PERSON,
    vacant=FLAG, opened=TEXT_OR_NULL, due=TEXT_OR_NULL,
)  # fmt: skip
"""One step on the map: `passed`, `skipped`, `now`, `refused`, `stopped`, `ahead` or `never`."""

ENTRY: Json = whole(
    at=TEXT, what={"enum": list(get_args(What))}, by=PERSON, instead_of=PERSON, step=TEXT,
    comment=TEXT, to=listed(PERSON), returned_to=TEXT, files=listed(ID),
)  # fmt: skip

CASE: Json = whole(
    id=ID, approval=TEXT, label=TEXT, entity=TEXT, record=ID, author=PERSON,
    state={"enum": list(get_args(State))}, at=TEXT, decided_at=TEXT_OR_NULL, steps=listed(STEP),
    log=listed(ENTRY), changes=ANY_OBJECT, before=ANY_OBJECT,
    values=ANY_OBJECT,
)  # fmt: skip

LINE: Json = whole(
    id=ID, approval=TEXT, label=TEXT, record=ANY_OBJECT, author=PERSON,
    state={"enum": list(get_args(State))}, step=TEXT, since=TEXT, waits_for=listed(ANY_OBJECT),
    instead_of=PERSON, seen=FLAG,
)  # fmt: skip

COMMON: dict[str, Json] = {
    "approval": CASE,
    "submitting": {
        "type": "object",
        "properties": {"comment": TEXT, "changes": ANY_OBJECT},
        "additionalProperties": False,
    },
    "deed": {
        "type": "object",
        "properties": {
            "comment": TEXT, "to": listed(ID), "step": TEXT, "gone": ID, "input": ANY_OBJECT,
            "files": listed(ID),
        },
        "additionalProperties": False,
    },
}  # fmt: skip
"""An approval, and the bodies of its calls."""


def approval_paths(model: Model, entity: Entity) -> Json:
    """Return the calls on approvals of an entity's records."""
    known = [each.name for each in model.approvals.values() if each.entity == entity.key]
    if not known:
        return {}
    name = entity.name
    one = of_one(
        get=call_of(f"previewapproval_{name}", content_of(whole(steps=listed(STEP)))),
        post=call_of(
            f"submit_{name}", content_of(reference("approval")), body="submitting", success="201"
        ),
    )
    one["parameters"].append(in_path("name", {"type": "string", "enum": known}))
    offered = listed(whole(name=TEXT, label=TEXT, changes=TEXTS))
    answer = content_of(whole(data=listed(reference("approval")), offered=offered))
    return {
        f"/records/{name}/{{id}}/approvals": of_one(get=call_of(f"approvalsof_{name}", answer)),
        f"/records/{name}/{{id}}/approvals/{{name}}": one,
    }


def general_approval_paths() -> Json:
    """Return the calls on approvals of records of any kind."""
    page = content_of(whole(data=listed(LINE), next=TEXT_OR_NULL))
    boxes: Json = {"type": "string", "enum": list(get_args(Box)), "default": "waiting"}
    acts: Json = {"type": "string", "enum": list(get_args(ActName))}
    asked = [in_query("box", boxes), limited(50), in_query("before", ID)]
    one = {"parameters": [in_path("approval", ID)]}
    return {
        "/approvals": {"get": call_of("approvals", page, parameters=asked)},
        "/approvals/{approval}": {
            **one, "get": call_of("approval", content_of(reference("approval"))),
        },
        "/approvals/{approval}/{act}": {
            "parameters": [in_path("approval", ID), in_path("act", acts)],
            "post": call_of("decide", content_of(reference("approval")), body="deed"),
        },
    }  # fmt: skip
