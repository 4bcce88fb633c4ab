"""Every refusal as an RFC 9457 problem document, in the person's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, json

from engine.accounts.errors import ProofNeeded, SecondFactorNeeded, TooManyTries
from engine.documents.errors import DocumentRefused
from engine.errors import (
    Busy,
    CursorStale,
    DataLoss,
    DraftChanged,
    DraftExists,
    DraftUndecided,
    EngineError,
    FieldError,
    Forbidden,
    KeysClosed,
    ModelChanged,
    NotFound,
    NothingToUndo,
    OlderVersion,
    PlanBlocked,
    Previewing,
    PublishRunning,
    QueryInvalid,
    RecordRefused,
    ScenariosRed,
    StorageFull,
    Unavailable,
    VersionConflict,
)
from engine.exchange.guided import ImportNotThere
from engine.exchange.sources import SourceInvalid
from engine.messages import formula_sentence, phrase, sentence, title
from engine.once import KeyReused, KeyRunning
from engine.tenants.errors import TenantClosed, TenantMoving, TenantReading
from metamodel import DefinitionInvalid, telling
from workflow.arriving.webhooks import NoObject, TooManyRecords, Unverified
from workflow.messages.book import MessageOver
from workflow.messages.channels import ChannelsClosed
from workflow.run_book import RunUnderWay

STATUS: Mapping[type[EngineError], int] = {
    Unverified: 401,
    NoObject: 400,
    TooManyRecords: 422,
    RecordRefused: 422,
    SourceInvalid: 422,
    QueryInvalid: 422,
    NotFound: 404,
    MessageOver: 409,
    ChannelsClosed: 409,
    Forbidden: 403,
    VersionConflict: 412,
    CursorStale: 410,
    KeyReused: 422,
    KeyRunning: 409,
    ModelChanged: 409,
    DocumentRefused: 422,
    ImportNotThere: 409,
    DraftChanged: 412,
    DraftExists: 409,
    OlderVersion: 409,
    DraftUndecided: 409,
    NothingToUndo: 409,
    DataLoss: 409,
    PlanBlocked: 409,
    ScenariosRed: 409,
    Previewing: 409,
    PublishRunning: 409,
    RunUnderWay: 409,
    SecondFactorNeeded: 403,
    ProofNeeded: 403,
    TooManyTries: 429,
    TenantClosed: 403,
    TenantMoving: 503,
    TenantReading: 403,
    Busy: 503,
    Unavailable: 503,
    KeysClosed: 503,
    StorageFull: 507,
}

CODES: Mapping[int, str] = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "bad_request",
    413: "too_large",
    415: "media_type",
    429: "too_many",
    500: "broken",
}
"""Codes of what is refused before a call is understood, by HTTP status."""


def status_of(error: EngineError, table: Mapping[type[EngineError], int] = STATUS) -> int:
    """Return the HTTP status that a refusal answers with."""
    return next((code for kind, code in table.items() if isinstance(error, kind)), 400)


def problem(
    status: int, code: str, language: str, *, detail: str = "", **members: object
) -> Response:
    """Return a problem document; `members` are added beside the standard ones."""
    body: dict[str, Any] = {
        "type": f"urn:joinery:problem:{code}",
        "title": title(code, language),
        "status": status,
        "code": code,
        "detail": detail or phrase(code, language),
        **members,
    }
    response = Response(json.dumps(body), status=status, mimetype="application/problem+json")
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response


def field_errors(errors: tuple[FieldError, ...], language: str) -> list[dict[str, object]]:
    """Return field errors as the API shows them: path, code, sentence; of a rule its name."""
    return [_shown(error, language) for error in errors]


def _shown(error: FieldError, language: str) -> dict[str, object]:
    shown: dict[str, object] = {
        "path": list(error.path),
        "code": error.code,
        "message": sentence(error, language),
    }
    if "rule" in error.params:
        shown["rule"] = error.params["rule"]
    return shown


def from_error(error: EngineError, language: str) -> Response:
    """Return the problem document of anything the engine refused."""
    members: dict[str, object] = {}
    if isinstance(error, RecordRefused):
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
    said = sentence(error, language)
    return problem(status_of(error), error.code, language, detail=said, **members)


def from_definition(error: DefinitionInvalid, language: str) -> Response:
    """Return the problem document of metadata that cannot become a model, with every problem."""
    problems = [
        {
            "code": each.code,
            "path": list(each.place.path),
            "file": each.place.file,
            "line": each.place.line,
            "column": each.place.column,
            "message": telling.sentence(each, language),
            "hint": telling.hint(each, language),
        }
        for each in error.problems
    ]
    return problem(422, "definition_invalid", language, problems=problems)


def from_http(status: int, language: str) -> Response:
    """Return the problem document of what HTTP itself refuses."""
    return problem(status, CODES.get(status, "bad_request"), language)
