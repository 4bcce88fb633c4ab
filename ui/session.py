"""The session cookie and the token that every change must bring with it."""

from __future__ import annotations

from hmac import compare_digest

from flask import Request, Response

from engine.context import Origin
from engine.tenants.sessions import LONGEST_AGENT
from ui.cookies import drop, put, read
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
    secret = read(request, COOKIE)
    signed_in = services.accounts.session(secret) if secret else None
    if signed_in is None:
        raise NotSignedIn
    return signed_in


def origin_of(request: Request, session: str) -> Origin:
    """Return from where a request comes; `session` is a public id, or how a token begins."""
    agent = request.user_agent.string[:LONGEST_AGENT]
    return Origin(request.remote_addr or "", agent, session)


def require_csrf(request: Request, signed_in: SignedIn) -> None:
    """Raise `CsrfMissing` unless the request carries its session's token."""
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not compare_digest(sent.encode(), signed_in.csrf.encode()):
        raise CsrfMissing


def remember(response: Response, request: Request, secret: str) -> Response:
    """Hand a new session to the browser."""
    return put(response, request, COOKIE, secret, seconds=WEEK)


def forget(response: Response, request: Request) -> Response:
    """Take the session cookie away."""
    return drop(response, request, COOKIE)
