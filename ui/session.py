"""The session cookie and the token that every change must bring with it."""

from __future__ import annotations

from hmac import compare_digest

from flask import Request, Response

from ui.services import Services, SignedIn

COOKIE = "joinery_session"

LANGUAGE_COOKIE = "joinery_language"

CSRF_HEADER = "X-CSRF-Token"

CSRF_FIELD = "csrf_token"

WEEK = 7 * 24 * 3600


class NotSignedIn(Exception):
    """A page was asked for without a live session."""


class CsrfMissing(Exception):
    """A change was asked for without its session's token: another site, or an old page."""


def session_of(services: Services, request: Request) -> SignedIn:
    """Return the live session of a request, or raise `NotSignedIn`."""
    secret = request.cookies.get(COOKIE, "")
    signed_in = services.accounts.session(secret) if secret else None
    if signed_in is None:
        raise NotSignedIn
    return signed_in


def require_csrf(request: Request, signed_in: SignedIn) -> None:
    """Raise `CsrfMissing` unless the request carries its session's token."""
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not compare_digest(sent.encode(), signed_in.csrf.encode()):
        raise CsrfMissing


def remember(response: Response, secret: str, *, secure: bool) -> Response:
    """Hand a new session to the browser."""
    response.set_cookie(
        COOKIE, secret, max_age=WEEK, httponly=True, secure=secure, samesite="Lax", path="/"
    )
    return response


def forget(response: Response, *, secure: bool) -> Response:
    """Take the session cookie away."""
    response.delete_cookie(COOKIE, httponly=True, secure=secure, samesite="Lax", path="/")
    return response
