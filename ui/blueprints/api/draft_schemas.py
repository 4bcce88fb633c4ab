"""Reshaping as OpenAPI describes it: calls on drafts and versions, and their schemas."""

from __future__ import annotations

from collections.abc import Mapping

from ui.blueprints.api.calls import call_of, content_of, gives, in_path, in_query
from ui.blueprints.api.draft_arguments import ANSWERS, LONGEST_TITLE, YAML_TYPE
from ui.blueprints.api.shapes import (
    ANY_OBJECT,
    FLAG,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    Json,
    listed,
    reference,
    whole,
)

LAYER: Json = {"type": "object", "description": "A layer: what differs, in the shape of an app"}

QUESTION: Json = whole(
    path=TEXTS,
    kind=TEXT,
    base={},
    theirs={},
    ours={},
    proposal={"enum": list(ANSWERS)},
    answers=listed({"enum": list(ANSWERS)}),
)

ABOUT: Mapping[str, Json] = {
    "name": TEXT, "title": TEXT, "author": TEXT_OR_NULL, "author_name": TEXT, "over": NUMBER,
    "version": NUMBER, "undecided": NUMBER, "created_at": TEXT, "at": TEXT,
}  # fmt: skip

TEMPLATE: Json = whole(name=TEXT, label=TEXT, version=TEXT, available=TEXT_OR_NULL)

CHANGE: Json = whole(kind=TEXT, path=TEXTS, name=TEXT, sentence=TEXT)

PLAN: Json = {
    "type": "object",
    "required": ["over", "risk", "seconds", "waits", "changes", "steps", "effects", "touched"],
    "properties": {
        "over": NUMBER,
        "risk": {"enum": ["none", "work", "loses", "blocked"]},
        "seconds": {"type": "number"},
        "waits": {"type": "number"},
        "changes": listed(CHANGE),
        "steps": listed(ANY_OBJECT),
        "effects": listed(ANY_OBJECT),
        "touched": listed(whole(path=TEXTS, name=TEXT)),
        "access": {"type": ["object", "null"]},
    },
}

PUBLICATION: Json = whole(
    number=NUMBER,
    phase={"enum": ["waiting", "tests", "steps", "live", "stopped"]},
    draft=TEXT_OR_NULL,
    back={"type": ["integer", "null"]},
    done=NUMBER,
    total=NUMBER,
    revision={"type": ["integer", "null"]},
    code=TEXT_OR_NULL,
    message=TEXT_OR_NULL,
)

EXPECTED: Json = {"type": ["integer", "null"], "minimum": 1, "maximum": 2_000_000_000}

PUBLISHING: Mapping[str, Json] = {
    "expected": EXPECTED,
    "message": {"type": "string", "maxLength": 2000},
    "allow_loss": FLAG,
}

COMMON: Mapping[str, Json] = {
    "draft": whole(**ABOUT, layer=LAYER, questions=listed(QUESTION)),
    "drafts": whole(data=listed(whole(**ABOUT))),
    "draft_input": {
        "type": "object",
        "required": ["title"],
        "properties": {
            "title": {"type": "string", "minLength": 1, "maxLength": LONGEST_TITLE},
            "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,60}$"},
            "layer": {"type": ["object", "null"]},
        },
        "additionalProperties": False,
    },
    "draft_answers": {
        "type": "object",
        "required": ["answers"],
        "properties": {
            "answers": listed(whole(path=TEXTS, answer={"enum": list(ANSWERS)})),
        },
        "additionalProperties": False,
    },
    "draft_plan": PLAN,
    "template": whole(data=listed(TEMPLATE)),
    "upgrading": {
        "type": "object",
        "properties": {"template": TEXT},
        "additionalProperties": False,
    },
    "publishing": {
        "type": "object",
        "properties": {**PUBLISHING, "despite_red": FLAG},
        "additionalProperties": False,
    },
    "going_back": {
        "type": "object",
        "properties": {**PUBLISHING, "despite_red": FLAG, "dry_run": FLAG},
        "additionalProperties": False,
    },
    "published": whole(revision=NUMBER),
    "publication": PUBLICATION,
    "publishing_on": whole(publication=PUBLICATION),
    "revisions": whole(
        data=listed(
            whole(
                number=NUMBER,
                at=TEXT,
                author=TEXT_OR_NULL,
                author_name=TEXT,
                message=TEXT,
                template=TEXT,
                template_version=TEXT,
            )
        )
    ),
    "revision_diff": whole(**{"from": NUMBER, "to": NUMBER, "changes": listed(CHANGE)}),
}
"""Schemas that are the same for every tenant."""


def draft_paths() -> Json:
    """Return the calls on drafts and versions."""
    name = {"parameters": [in_path("name", TEXT)]}
    one = call_of("draft", gives("draft"))
    one["responses"]["200"]["content"][YAML_TYPE] = {"schema": TEXT}
    return {
        **_version_paths(),
        "/drafts": {
            "get": call_of("drafts", gives("drafts")),
            "post": call_of("begin_draft", gives("draft"), body="draft_input", success="201"),
        },
        "/template": {"get": call_of("template", gives("template"))},
        "/template/upgrade": {
            "post": call_of("upgrade", gives("draft"), body="upgrading", success="201"),
        },
        "/drafts/{name}": {
            **name,
            "get": one,
            "put": _taking_layer("put_draft"),
            "patch": _taking_layer("merge_draft"),
            "delete": call_of("drop_draft", {}, success="204"),
        },
        "/drafts/{name}/plan": {**name, "post": call_of("plan_draft", gives("draft_plan"))},
        "/drafts/{name}/decide": {
            **name,
            "post": call_of("decide_draft", gives("draft"), body="draft_answers"),
        },
        "/drafts/{name}/publish": {
            **name,
            "post": _publishing("publish_draft", gives("published"), "publishing"),
        },
    }


def _version_paths() -> Json:
    """Return the calls on versions, and on publishes that go on in the background."""
    back = _publishing("restore_revision", {}, "going_back")
    both = {"anyOf": [reference("published"), reference("draft_plan")]}
    back["responses"]["200"] |= content_of(both)
    return {
        "/publications/{number}": {
            "parameters": [in_path("number", TEXT)],
            "get": call_of("publication", gives("publication")),
        },
        "/revisions": {"get": call_of("revisions", gives("revisions"))},
        "/revisions/{a}/diff/{b}": {
            "parameters": [in_path("a", TEXT), in_path("b", TEXT)],
            "get": call_of("revision_diff", gives("revision_diff")),
        },
        "/revisions/{number}/restore": {
            "parameters": [in_path("number", TEXT)],
            "post": back,
        },
    }


def _publishing(name: str, answer: Json, body: str) -> Json:
    """Return a call that publishes: at once, or in the background where that takes long."""
    call = call_of(name, answer, body=body, parameters=[in_query("wait", FLAG)])
    on = {"description": "It goes on in the background", **gives("publishing_on")}
    return {**call, "responses": {**call["responses"], "202": on}}


def _taking_layer(name: str) -> Json:
    match = {"name": "If-Match", "in": "header", "schema": TEXT}
    call = call_of(name, gives("draft"), parameters=[match])
    call["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": LAYER}, YAML_TYPE: {"schema": TEXT}},
    }
    return call
