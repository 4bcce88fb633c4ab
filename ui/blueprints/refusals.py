"""What a person is told when something is refused: a page, or JSON where a script asked."""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask, Response, jsonify, redirect, request, url_for
from werkzeug.exceptions import HTTPException

from engine.accounts.errors import ProofNeeded, SecondFactorNeeded
from engine.errors import EngineError, FieldError, RecordRefused, VersionConflict
from engine.messages import phrase, sentence
from ui.blueprints.api import PREFIX, http_error
from ui.blueprints.api.problems import STATUS as API_STATUS
from ui.blueprints.api.problems import from_http, status_of
from ui.blueprints.asking import administrators
from ui.blueprints.page import Site, language_of, theme_of
from ui.session import CsrfMissing, NotSignedIn
from ui.throttle import TooMany
from ui.viewmodels.account import ErrorPage
from ui.words import words_of
from workflow.arriving.webhooks import PATH as HOOKS

# A form asks to look again, where a program's `If-Match` did not hold.
STATUS = {**API_STATUS, VersionConflict: 409}

TITLES = {
    400: "That request could not be understood",
    403: "You may not do this",
    404: "There is nothing here",
    405: "That cannot be done here",
    409: "Somebody else was faster",
    410: "This page has moved on",
    413: "That is too large",
    422: "That could not be used",
    429: "That was too often",
    500: "Something broke on our side",
    503: "The database does not answer",
    507: "There is no room left",
}


ASKED = frozenset({403, 404})
"""Refusals that somebody who looks after the tenant may be able to lift."""


def register_refusals(app: Flask, site: Site) -> None:
    """Answer every refusal of a page in the person's language."""

    def refused(error: EngineError) -> Response:
        status = status_of(error, STATUS)
        said = sentence(error, language_of())
        if wants_json():
            return _json(status, said, error)
        return _page(site, status, said)

    def not_signed_in(error: NotSignedIn) -> Response:
        if wants_json():
            return _json(401, words_of(language_of()).say("Your session has ended: sign in again."))
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))  # type: ignore[return-value]

    def csrf_missing(error: CsrfMissing) -> Response:
        said = words_of(language_of()).say(
            "This page is too old to be trusted: load it again, and then repeat."
        )
        return _json(403, said, reload=True) if wants_json() else _page(site, 403, said)

    def refused_by_http(error: HTTPException) -> Response:
        if asked_by_program():
            return http_error(error)
        status = error.code or 500
        said = words_of(language_of()).say(TITLES.get(status, TITLES[400]))
        return _json(status, said) if wants_json() else _page(site, status, "")

    app.register_error_handler(EngineError, refused)
    app.register_error_handler(NotSignedIn, not_signed_in)
    app.register_error_handler(CsrfMissing, csrf_missing)
    app.register_error_handler(HTTPException, refused_by_http)


def register_waiting(app: Flask, site: Site) -> None:
    """Answer those who have to do something first: give a second proof, or wait."""

    def second_needed(error: SecondFactorNeeded) -> Response:
        if wants_json():
            return _json(403, sentence(error, language_of()))
        place = quote(str(error.params["tenant"]), safe="")
        asked = quote(request.full_path.rstrip("?"), safe="/")
        return redirect(f"/account/second/{place}?next={asked}")  # type: ignore[return-value]

    def proof_needed(error: ProofNeeded) -> Response:
        if wants_json():
            return _json(403, sentence(error, language_of()))
        asked = quote(request.full_path.rstrip("?"), safe="/")
        return redirect(f"/account/confirm?next={asked}")  # type: ignore[return-value]

    def too_many(error: TooMany) -> Response:
        said = phrase("too_many", language_of())
        if asked_by_program():
            response = from_http(429, language_of())
        else:
            response = _json(429, said) if wants_json() else _page(site, 429, said)
        response.headers["Retry-After"] = str(error.wait)
        return response

    app.register_error_handler(SecondFactorNeeded, second_needed)
    app.register_error_handler(ProofNeeded, proof_needed)
    app.register_error_handler(TooMany, too_many)


def asked_by_program() -> bool:
    """Return whether an address was asked for that programs alone call."""
    return request.path.startswith((PREFIX, f"{HOOKS}/"))


def wants_json() -> bool:
    """Return whether a script asked rather than a person."""
    return request.is_json or request.accept_mimetypes.best == "application/json"


def field_errors(errors: tuple[FieldError, ...], language: str) -> list[dict[str, object]]:
    """Return field errors as a form shows them: the way to the input, and a sentence."""
    return [
        {"path": list(error.path), "code": error.code, "message": sentence(error, language)}
        for error in errors
    ]


def _json(
    status: int, said: str, error: EngineError | None = None, *, reload: bool = False
) -> Response:
    body: dict[str, object] = {"message": said} | ({"reload": True} if reload else {})
    if isinstance(error, RecordRefused):
        body["errors"] = field_errors(error.errors, language_of())
    if isinstance(error, VersionConflict):
        body["version"] = error.version
    response = jsonify(body)
    response.status_code = status
    return response


def _page(site: Site, status: int, said: str) -> Response:
    language = language_of()
    words = words_of(language)
    view = ErrorPage(
        language=language,
        theme=theme_of(),
        title=words.say(TITLES.get(status, TITLES[400])),
        sentence=said,
        hint=words.say("Go back, or start again from your home page."),
        status=status,
        home="/",
        ask=administrators(site) if status in ASKED else (),
    )
    return site.show("pages/error.html", view, language=language, status=status)
