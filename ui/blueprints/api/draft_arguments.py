"""Bodies of the calls that reshape the app."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from ui.blueprints.api.arguments import BOOLEAN, LIST, MISSING, NUMBER, OBJECT, TEXT, Arguments

YAML_TYPE = "application/yaml"

ANSWERS = ("theirs", "ours", "both")

LONGEST_TITLE = 200

NAME = r"[a-z][a-z0-9_]{0,60}\Z"
"""What a draft may be called in addresses."""


def _text(longest: int = 2000) -> fields.String:
    fits = validate.Length(max=longest, error="too_long")
    return fields.String(load_default="", validate=fits, error_messages=TEXT)


def _flag() -> fields.Boolean:
    return fields.Boolean(load_default=False, truthy={True}, falsy={False}, error_messages=BOOLEAN)


def _revision() -> fields.Integer:
    within = validate.Range(1, 2_000_000_000, error="out_of_range")
    return fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=within, error_messages=NUMBER
    )


class DraftBody(Arguments):
    """A draft that begins: what it is about, and what it changes, if that is known."""

    title = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST_TITLE, error="too_long"),
        error_messages=TEXT,
    )
    name = fields.String(
        load_default="",
        validate=validate.Regexp(rf"\Z|{NAME}", error="pattern"),
        error_messages=TEXT,
    )
    # Any: a layer holds values of every type.
    layer: fields.Field[Any] = fields.Dict(
        keys=fields.String(), load_default=None, allow_none=True, error_messages=OBJECT
    )


class AnswerBody(Arguments):
    """What holds at one path."""

    path = fields.List(fields.String(error_messages=TEXT), required=True, error_messages=LIST)
    answer = fields.String(
        required=True,
        validate=validate.OneOf(ANSWERS, error="unknown_choice"),
        error_messages=MISSING | TEXT,
    )


class AnswersBody(Arguments):
    """What holds where others changed the same things."""

    answers = fields.List(fields.Nested(AnswerBody), required=True, error_messages=LIST)


class UpgradeBody(Arguments):
    """Which app or pack is to be upgraded; blank for the app itself."""

    template = _text()


class PublishBody(Arguments):
    """A publish: over which version it was looked at, why, and whether values may be lost."""

    expected = _revision()
    message = _text()
    allow_loss = _flag()


class PublishDraftBody(PublishBody):
    """A publish of a draft: also whether it is done although scenarios fail."""

    despite_red = _flag()


class RestoreBody(PublishDraftBody):
    """Going back: as a publish of a draft, or only looked at."""

    dry_run = _flag()
