"""Signing in and out, and a person's own choices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from secrets import token_urlsafe

from flask import Blueprint, Response, redirect, request

from ui.addresses import here
from ui.blueprints.page import THEME_COOKIE, THEMES, Site, language_of, theme_of
from ui.cookies import put, read
from ui.session import (
    COOKIE,
    CSRF_FIELD,
    LANGUAGE_COOKIE,
    CsrfMissing,
    NotSignedIn,
    forget,
    remember,
    require_csrf,
    session_of,
)
from ui.viewmodels.account import SignInPage
from ui.words import LANGUAGES, words_of

YEAR = 365 * 24 * 3600

SIGN_IN_COOKIE = "joinery_sign_in"
"""Holds the token that the sign-in form must bring back, as no session exists yet."""


def create_account(site: Site) -> Blueprint:
    """Return the routes that work without a tenant."""
    blueprint = Blueprint("account", __name__)
    routes: tuple[tuple[str, str, str, Callable[[Site], Response]], ...] = (
        ("GET", "/", "home", _home),
        ("GET", "/sign-in", "sign_in", _sign_in),
        ("POST", "/sign-in", "enter", _enter),
        ("POST", "/sign-out", "sign_out", _sign_out),
        ("POST", "/preferences", "prefer", _prefer),
    )
    for method, path, name, answer in routes:
        blueprint.add_url_rule(
            path, endpoint=name, view_func=partial(answer, site), methods=[method]
        )
    return blueprint


def _home(site: Site) -> Response:
    signed_in = session_of(site.services, request)
    tenants = site.services.accounts.tenants_of(signed_in.account.id)
    if not tenants:
        raise NotSignedIn
    return _to(f"/{tenants[0]}")


def _sign_in(site: Site) -> Response:
    chosen = request.args.get("language", "")
    if chosen in LANGUAGES:
        return _speak(_to("/sign-in"), chosen)
    try:
        session_of(site.services, request)
    except NotSignedIn:
        return _form(site)
    return _to(here(request.args.get("next", "/")))


def _enter(site: Site) -> Response:
    if not request.form.get(CSRF_FIELD) or (
        request.form[CSRF_FIELD] != read(request, SIGN_IN_COOKIE)
    ):
        raise CsrfMissing
    email = request.form.get("email", "").strip()
    found = site.services.accounts.sign_in(
        email, request.form.get("password", ""), address=request.remote_addr or ""
    )
    if found is None:
        said = words_of(language_of()).say(
            "E-mail and password do not match, or there were too many attempts. "
            "Check both, or wait some minutes."
        )
        return _form(site, email=email, problem=said)
    return remember(_to(here(request.form.get("next", "/"))), request, found.secret)


def _sign_out(site: Site) -> Response:
    require_csrf(request, session_of(site.services, request))
    site.services.accounts.sign_out(read(request, COOKIE))
    return forget(_to("/sign-in"), request)


def _prefer(site: Site) -> Response:
    require_csrf(request, session_of(site.services, request))
    response = _to(here(request.form.get("next", "/")))
    language, theme = request.form.get("language", ""), request.form.get("theme", "")
    if language in LANGUAGES:
        _speak(response, language)
    if theme in THEMES:
        put(response, request, THEME_COOKIE, theme, seconds=YEAR, hidden=False)
    return response


def _form(site: Site, *, email: str = "", problem: str = "") -> Response:
    language = language_of()
    token = token_urlsafe(24)
    view = SignInPage(
        language=language,
        theme=theme_of(),
        email=email,
        next=here(request.values.get("next", "/")),
        csrf=token,
        problem=problem,
        title=words_of(language).say("Sign in"),
    )
    status = 401 if problem else 200
    response = site.show("pages/sign_in.html", view, language=language, status=status)
    return put(response, request, SIGN_IN_COOKIE, token, strict=True)


def _speak(response: Response, language: str) -> Response:
    return put(response, request, LANGUAGE_COOKIE, language, seconds=YEAR)


def _to(address: str) -> Response:
    return redirect(address, code=303)  # type: ignore[return-value]
