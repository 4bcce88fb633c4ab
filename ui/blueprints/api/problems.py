"""Every refusal as an RFC 9457 problem document, in the person's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, json

from engine.errors import (
    CursorStale,
    EngineError,
    FieldError,
    Forbidden,
    ModelChanged,
    NotFound,
    QueryInvalid,
    RecordRefused,
    Unavailable,
    VersionConflict,
)
from engine.exchange.mapping import MappingInvalid
from engine.exchange.sources import SourceInvalid
from engine.messages import formula_sentence, sentence, title

STATUS: Mapping[type[EngineError], int] = {
    RecordRefused: 422,
    MappingInvalid: 422,
    SourceInvalid: 422,
    QueryInvalid: 422,
    NotFound: 404,
    Forbidden: 403,
    VersionConflict: 412,
    CursorStale: 410,
    ModelChanged: 409,
    Unavailable: 503,
}


def status_of(error: EngineError) -> int:
    """Return the HTTP status that a refusal answers with."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


def problem(status: int, code: str, detail: str, language: str, **members: object) -> Response:
    """Return a problem document; `members` are added beside the standard ones."""
    body: dict[str, Any] = {
        "type": f"urn:joinery:problem:{code}",
        "title": title(code, language),
        "status": status,
        "code": code,
        "detail": detail,
        **members,
    }
    response = Response(json.dumps(body), status=status, mimetype="application/problem+json")
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response


def field_errors(errors: tuple[FieldError, ...], language: str) -> list[dict[str, object]]:
    """Return field errors as the API shows them: path, stable code, sentence."""
    return [
        {
            "path": list(error.path),
            "code": error.code,
            "message": sentence(error, language),
        }
        for error in errors
    ]


def from_error(error: EngineError, language: str) -> Response:
    """Return the problem document of anything the engine refused."""
    members: dict[str, object] = {}
    if isinstance(error, RecordRefused | MappingInvalid):
        members["errors"] = field_errors(error.errors, language)
    elif isinstance(error, QueryInvalid):
        members["where"] = error.params.get("where")
        members["errors"] = [
            {
                "code": item.code,
                "message": formula_sentence(item, language),
                "start": item.span.start,
                "end": item.span.end,
            }
            for item in error.problems
        ]
    elif isinstance(error, VersionConflict):
        members["version"] = error.version
    return problem(status_of(error), error.code, sentence(error, language), language, **members)
