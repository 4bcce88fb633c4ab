"""What OpenAPI says of runs, trials, buttons and failed jobs."""

from __future__ import annotations

from typing import get_args

from metamodel.model import Entity
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
from workflow.runs import State

STATE: Json = {"enum": list(get_args(State))}

STEP: Json = whole(
    step=TEXT, what={"enum": ["begun", "done", "skipped", "failed", "waits"]}, words=ANY_OBJECT,
    took=NUMBER,
)  # fmt: skip

ERROR: Json = {"anyOf": [ANY_OBJECT, {"type": "null"}]}

RUN: Json = whole(
    id=ID, automation=TEXT, revision=NUMBER, entity=TEXT_OR_NULL, record=TEXT_OR_NULL, by=ID,
    chain=TEXTS, root=ID, state=STATE, at=TEXT, due=TEXT_OR_NULL, ended_at=TEXT_OR_NULL,
    steps=listed(STEP), error=ERROR,
)  # fmt: skip

TRIAL: Json = whole(
    holds=FLAG, state=STATE, steps=listed(STEP), error=ERROR,
    changes=listed(
        whole(entity=TEXT, record=ID, operation=TEXT, computed=FLAG, before=ANY_OBJECT,
              after=ANY_OBJECT)
    ),
)  # fmt: skip

JOB: Json = whole(
    id=NUMBER, task=TEXT, queue=TEXT, attempts=NUMBER, at=TEXT_OR_NULL, error=TEXT,
    runs=listed(ID),
)  # fmt: skip

BUTTON: Json = whole(
    name=TEXT, label=TEXT, confirm=TEXT,
    input=listed(whole(name=TEXT, label=TEXT, type=TEXT, required=FLAG)),
)  # fmt: skip

COMMON: dict[str, Json] = {
    "run": RUN,
    "trial": TRIAL,
    "doing_again": {
        "type": "object", "properties": {"from": TEXT}, "additionalProperties": False,
    },
    "trying": {
        "type": "object", "properties": {"record": {"anyOf": [ID, {"type": "null"}]}},
        "additionalProperties": False,
    },
    "pressing": {
        "type": "object", "properties": {"input": ANY_OBJECT}, "additionalProperties": False,
    },
    "nothing": {"type": "object", "additionalProperties": False},
}  # fmt: skip
"""A run, a trial, and the bodies of their calls."""


def run_paths() -> Json:
    """Return the calls on runs, trials and failed jobs."""
    narrowed = [
        in_query("automation", TEXT), in_query("state", STATE), in_query("entity", TEXT),
        in_query("record", ID), in_query("root", ID), in_query("before", ID), limited(50),
    ]  # fmt: skip
    trial = call_of("try", content_of(reference("trial")), body="trying")
    again = call_of("jobagain", {}, body="nothing", success="204")
    dropped = call_of("dropjob", {}, success="204")
    return {
        "/runs": {
            "get": call_of(
                "runs", content_of(whole(data=listed(reference("run")))), parameters=narrowed
            )
        },
        "/runs/{id}": of_one(get=call_of("run", content_of(reference("run")))),
        "/runs/{id}/again": of_one(
            post=call_of("again", content_of(whole(run=ID)), body="doing_again", success="201")
        ),
        "/automations/{name}/try": {"parameters": [in_path("name", TEXT)], "post": trial},
        "/jobs/failed": {"get": call_of("failedjobs", content_of(whole(data=listed(JOB))))},
        "/jobs/{job}/again": {"parameters": [in_path("job", NUMBER)], "post": again},
        "/jobs/{job}": {"parameters": [in_path("job", NUMBER)], "delete": dropped},
    }


def button_paths(entity: Entity) -> Json:
    """Return the calls on the buttons of an entity's records."""
    if not entity.buttons:
        return {}
    name = entity.name
    known: Json = {"type": "string", "enum": [each.name for each in entity.buttons.values()]}
    pressed = of_one(
        post=call_of(
            f"press_{name}", content_of(whole(run=ID, state=STATE)), body="pressing"
        )
    )  # fmt: skip
    pressed["parameters"] = [*pressed["parameters"], in_path("name", known)]
    return {
        f"/records/{name}/{{id}}/buttons": of_one(
            get=call_of(f"buttons_{name}", content_of(whole(data=listed(BUTTON))))
        ),
        f"/records/{name}/{{id}}/buttons/{{name}}": pressed,
    }
