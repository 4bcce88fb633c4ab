"""Query strings and bodies of the API, checked by marshmallow before anything else looks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any, NoReturn
from uuid import UUID

from flask import Request
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from werkzeug.exceptions import UnsupportedMediaType

from engine.errors import FieldError, NotFound, RecordRefused
from engine.values.structured import Digits

MAX_LIMIT = 500
MAX_BULK = 10_000
MAX_CHOSEN = 20_000
COUNTS = ("none", "capped", "exact")
MODES = ("insert", "update", "upsert")
FLAGS = ("0", "1")
SHARED_WITH = ("person", "department", "team", "role")
SHARE_RIGHTS = ("read", "write")
SHARINGS = ("mine", "some", "everyone")
FORMATS = ("csv", "xlsx", "jsonl")
PAPER_FORMS = ("file", "page")
PACKED = ("pdf", "zip")

# Any: as marshmallow types its messages.
Messages = dict[str, str | list[Any] | dict[Any, Any]]

MISSING: Messages = {"required": "required", "null": "required"}
TEXT: Messages = MISSING | {"invalid": "invalid_text", "invalid_utf8": "invalid_text"}
LIST: Messages = MISSING | {"invalid": "invalid_list"}
OBJECT: Messages = MISSING | {"invalid": "object_expected"}
NUMBER: Messages = MISSING | {"invalid": "invalid_integer", "too_large": "invalid_integer"}
ID: Messages = MISSING | {"invalid_uuid": "invalid_id"}
INSTANT: Messages = MISSING | {"invalid": "invalid_datetime", "format": "invalid_datetime"}
BOOLEAN: Messages = MISSING | {"invalid": "invalid_boolean"}
"""What marshmallow says of each kind of value, as codes of our own."""


class Arguments(Schema):
    """A query string or body; what it does not know is an error."""

    error_messages = {"unknown": "unknown_argument", "type": "object_expected"}


def _text() -> fields.String:
    return fields.String(load_default="", error_messages=TEXT)


def one_of(*known: str, default: str = "") -> fields.String:
    """Return an argument that is one of some words."""
    within = validate.OneOf(known, error="unknown_choice")
    return fields.String(load_default=default, validate=within, error_messages=TEXT)


def _limit(default: int) -> fields.Integer:
    within = validate.Range(1, MAX_LIMIT, error="out_of_range")
    return fields.Integer(load_default=default, validate=within, error_messages=NUMBER)


def _instant() -> fields.AwareDateTime:
    return fields.AwareDateTime(
        load_default=None, default_timezone=UTC, format="iso", error_messages=INSTANT
    )


class ListArguments(Arguments):
    """The query string of a list."""

    filter = _text()
    q = _text()
    sort = _text()
    fields_ = fields.String(data_key="fields", load_default="", error_messages=TEXT)
    expand = _text()
    limit = _limit(50)
    cursor = fields.String(load_default=None, error_messages=TEXT)
    count = one_of(*COUNTS, default="none")
    unconverted = _text()


class HistoryArguments(Arguments):
    """The query string of a history: so many change sets, those before one."""

    limit = _limit(50)
    before = fields.UUID(load_default=None, error_messages=ID)


class AccessArguments(Arguments):
    """The query string of an explanation: about whom, and inside which view."""

    user = fields.UUID(load_default=None, error_messages=ID)
    view = _text()


class ShareBody(Arguments):
    """The body of a share: with whom, which right, until when."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(SHARED_WITH, error="unknown_choice"),
        error_messages=TEXT,
    )
    whom = fields.String(required=True, error_messages=TEXT)
    right = one_of(*SHARE_RIGHTS, default="read")
    until = fields.String(load_default="", allow_none=True, error_messages=TEXT)
    note = _text()


class SearchArguments(Arguments):
    """The query string of a search."""

    q = _text()
    limit = _limit(20)


class ExplainArguments(Arguments):
    """The query string of an aggregate."""

    explain = one_of(*FLAGS, default="0")


class ImportArguments(Arguments):
    """The query string of an import; the map may come as a field of the form, too."""

    mode = one_of(*MODES, default="insert")
    key = _text()
    map = _text()
    file = fields.String(load_default="file.csv", error_messages=TEXT)
    dry_run = one_of(*FLAGS, default="0")


class ExportArguments(Arguments):
    """The query string of an export."""

    format = one_of(*FORMATS, default="csv")
    filter = _text()
    q = _text()
    sort = _text()
    fields_ = fields.String(data_key="fields", load_default="", error_messages=TEXT)
    view = _text()
    clear = _text()


class ChosenBody(Arguments):
    """The body of an export of chosen records."""

    ids = fields.List(fields.UUID(error_messages=ID), required=True, error_messages=LIST,
                      validate=validate.Length(1, MAX_CHOSEN, error="bulk_too_large"))  # fmt: skip


class AuditFileArguments(Arguments):
    """The query string of a file of the audit log; kinds are separated by commas."""

    format = one_of(*FORMATS, default="csv")
    since = _instant()
    until = _instant()
    person = fields.UUID(load_default=None, error_messages=ID)
    record = fields.UUID(load_default=None, error_messages=ID)
    kind = _text()
    entity = _text()
    address = _text()
    q = _text()


class AuditArguments(AuditFileArguments):
    """The query string of a page of the audit log."""

    cursor = _text()
    limit = _limit(50)

    class Meta:
        exclude = ("format",)


class StateArguments(Arguments):
    """The query string of an import's state."""

    rejected = one_of("", "file")


class PaperArguments(Arguments):
    """The query string of a document: its language, and in what form it is answered."""

    language = _text()
    as_ = fields.String(
        data_key="as",
        load_default="file",
        validate=validate.OneOf(PAPER_FORMS, error="unknown_choice"),
        error_messages=TEXT,
    )
    inline = one_of(*FLAGS, default="0")


class PapersArguments(Arguments):
    """The query string of a document of many records, whose ids are separated by commas."""

    ids = fields.String(required=True, error_messages=TEXT)
    language = _text()
    as_ = fields.String(
        data_key="as",
        load_default="pdf",
        validate=validate.OneOf(PACKED, error="unknown_choice"),
        error_messages=TEXT,
    )


class UploadArguments(Arguments):
    """The query string of a file that is the body: what it is called."""

    name = _text()


class FileArguments(Arguments):
    """The query string of a file: whether the small one of a picture is wanted."""

    small = one_of(*FLAGS, default="0")


class Group(fields.Field[Any]):
    """One item of `group_by`: a formula, or formulas by the names they are answered under."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            return {value: value}
        if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
            return value
        raise ValidationError("invalid_group")


class AggregateBody(Arguments):
    """The body of an aggregate."""

    filter = _text()
    group_by = fields.List(Group(error_messages=MISSING), load_default=list, error_messages=LIST)
    measures = fields.Dict(
        keys=fields.String(error_messages=TEXT),
        values=fields.String(error_messages=TEXT),
        required=True,
        error_messages=OBJECT,
    )


class BulkBody(Arguments):
    """The body of a bulk write."""

    create = fields.List(fields.Dict(error_messages=OBJECT), load_default=list, error_messages=LIST)
    update = fields.List(fields.Dict(error_messages=OBJECT), load_default=list, error_messages=LIST)
    delete = fields.List(fields.UUID(error_messages=ID), load_default=list, error_messages=LIST)
    atomic = fields.Boolean(load_default=True, error_messages=BOOLEAN)


class MoveBody(Arguments):
    """The body of a stage move."""

    to = fields.String(required=True, error_messages=TEXT)
    pipeline = _text()
    values = fields.Dict(load_default=dict, error_messages=OBJECT)


class UnmaskBody(Arguments):
    """The body of a request for a clear value: the name of the field."""

    field = fields.String(required=True, error_messages=TEXT)


class CommentBody(Arguments):
    """The body of a comment: a text, and the people it speaks to."""

    body = fields.String(required=True, error_messages=TEXT)
    mentions = fields.List(fields.UUID(error_messages=ID), load_default=list)


class HandoverArguments(Arguments):
    """The query string of a hand-over."""

    dry_run = one_of(*FLAGS, default="0")


class HandoverFileArguments(Arguments):
    """The query string of the list of what was handed over."""

    format = one_of(*FORMATS, default="csv")


class PublishArguments(Arguments):
    """The query string of a publish: whether its answer waits until it is live."""

    wait = one_of(*FLAGS, default="0")


class HandoverBody(Arguments):
    """The body of a hand-over: its rules in order, and whether access ends."""

    rules = fields.List(fields.Dict(error_messages=OBJECT), required=True, error_messages=LIST)
    disable = fields.Boolean(load_default=True, error_messages=BOOLEAN)


class FormulaBody(Arguments):
    """The body of a formula check."""

    entity = fields.String(required=True, error_messages=TEXT)
    formula = fields.String(required=True, error_messages=TEXT)


def query_of(request: Request, schema: type[Arguments]) -> Mapping[str, Any]:
    """Return the checked query string; unknown parameters are errors."""
    return _load(schema(unknown=RAISE), request.args.to_dict())


def body_of(request: Request, schema: type[Arguments]) -> Mapping[str, Any]:
    """Return the checked JSON body; unknown keys are errors."""
    return _load(schema(unknown=RAISE), object_of(request))


def object_of(request: Request) -> Mapping[str, Any]:
    """Return the JSON object in a body, its decimals as text so that no digit is lost."""
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        found = json.loads(request.get_data(), parse_float=Digits, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RecordRefused([FieldError("invalid_json", (), {"error": str(error)})]) from error
    if not isinstance(found, dict):
        raise RecordRefused([FieldError("object_expected")])
    return found


def record_id(text: str) -> UUID:
    """Return the id in a path; what is no id is no record."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(record=text) from error


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _load(schema: Schema, data: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return dict(schema.load(data))
    except ValidationError as error:
        known = {each.data_key or name: _limits(each) for name, each in schema.fields.items()}
        raise RecordRefused(list(_errors(error.messages, data, known))) from error


def _limits(field: fields.Field[Any]) -> Mapping[str, object]:
    """Return what the sentences about an argument need to know of it, as its own checks say."""
    found: dict[str, object] = {}
    inner = field.inner.validators if isinstance(field, fields.List) else []
    for check in (*inner, *field.validators):
        match check:
            case validate.OneOf():
                found["known"] = tuple(each for each in check.choices if each != "")
            case validate.Range() | validate.Length():
                found |= {"min": check.min, "max": check.max}
    return found


def _errors(
    messages: Any,
    sent: Any,
    known: Mapping[str, Mapping[str, object]],
    path: tuple[str | int, ...] = (),
) -> list[FieldError]:
    """Return marshmallow's messages, which are codes of ours, with what was sent there."""
    if isinstance(messages, dict):
        return [
            found
            for key, value in messages.items()
            for found in _errors(value, _part(sent, key), known, _longer(path, key))
        ]
    shown = sent if isinstance(sent, str | int) else None
    limits = known.get(str(path[0]), {}) if path else {}
    params = {"value": shown, "known": list(known), **limits}
    empty = {} if known else {"unknown_argument": "no_argument"}
    return [FieldError(empty.get(code, code), path, params) for code in messages]


def _longer(path: tuple[str | int, ...], key: str | int) -> tuple[str | int, ...]:
    # Of a mapping's entry marshmallow says whether its key or its value is wrong.
    return path if key in ("_schema", "key", "value") else (*path, key)


def _part(sent: Any, key: str | int) -> Any:
    if isinstance(sent, dict):
        return sent.get(key, sent if key in ("_schema", "key", "value") else None)
    if isinstance(sent, list) and isinstance(key, int) and key < len(sent):
        return sent[key]
    return sent
