"""The routes that work without a tenant: coming in, one's own account and choices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, request

from ui.addresses import here
from ui.blueprints import confirm, letters, own_tokens, security, sign_in
from ui.blueprints.page import COLOR_COOKIE, COLORS, THEME_COOKIE, THEMES, Site
from ui.blueprints.proof import YEAR, NotFresh, at_the_door, origin_of, own_account, to
from ui.cookies import drop, put, read
from ui.session import (
    COOKIE,
    LANGUAGE_COOKIE,
    forget,
    require_csrf,
    session_of,
)
from ui.throttle import Throttle
from ui.words import LANGUAGES

Answer = Callable[..., Response]

DOOR: tuple[tuple[str, str, str, Answer], ...] = (
    ("GET", "/sign-in", "sign_in", sign_in.show),
    ("POST", "/sign-in", "enter", sign_in.enter),
    ("GET", "/sign-in/second", "second", sign_in.second),
    ("POST", "/sign-in/second", "give_code", sign_in.give_code),
    ("GET", "/sign-in/second/options", "second_options", sign_in.second_options),
    ("POST", "/sign-in/second/passkey", "second_passkey", sign_in.second_passkey),
    ("GET", "/sign-in/passkey/options", "passkey_options", sign_in.passkey_options),
    ("POST", "/sign-in/passkey", "by_passkey", sign_in.by_passkey),
    ("GET", "/sign-in/with/<provider>", "leave", sign_in.leave),
    ("GET", "/sign-in/from/<provider>", "come_back", sign_in.come_back),
    ("GET", "/sign-in/forgot", "forgot", letters.forgot),
    ("POST", "/sign-in/forgot", "ask_reset", letters.ask),
    ("GET", "/sign-in/letter/<secret>", "follow_letter", letters.follow),
    ("GET", "/sign-in/letter", "letter", letters.read_letter),
    ("POST", "/sign-in/letter", "answer_letter", letters.answer),
)
"""Routes of those who are not in yet."""

OWN: tuple[tuple[str, str, str, Answer], ...] = (
    ("GET", "/account", "own", security.show),
    ("POST", "/account/name", "rename", security.rename),
    ("POST", "/account/password", "change_password", security.change_password),
    ("POST", "/account/address", "change_address", security.change_address),
    ("GET", "/account/confirm", "confirm", confirm.show),
    ("POST", "/account/confirm", "give_proof", confirm.give),
    ("GET", "/account/confirm/options", "confirm_options", confirm.options),
    ("POST", "/account/confirm/passkey", "confirm_passkey", confirm.by_passkey),
    ("GET", "/account/second/<tenant>", "second_for_tenant", confirm.for_tenant),
    ("GET", "/account/app", "show_app", security.show_app),
    ("POST", "/account/app", "begin_app", security.begin_app),
    ("POST", "/account/app/confirm", "confirm_app", security.confirm_app),
    ("POST", "/account/app/remove", "remove_app", security.remove_app),
    ("POST", "/account/codes", "renew_codes", security.renew_codes),
    ("GET", "/account/passkeys/options", "new_passkey_options", security.passkey_options),
    ("POST", "/account/passkeys", "add_passkey", security.add_passkey),
    ("POST", "/account/passkeys/<uuid:passkey>", "rename_passkey", security.rename_passkey),
    ("POST", "/account/passkeys/<uuid:passkey>/remove", "remove_passkey",
     security.remove_passkey),
    ("POST", "/account/identities/<provider>", "link", security.link),
    ("POST", "/account/identities/<provider>/remove", "unlink", security.unlink),
    ("POST", "/account/sessions/end", "end_others", security.end_others),
    ("POST", "/account/sessions/<uuid:session>/end", "end_session", security.end_session),
    ("POST", "/account/tokens", "create_token", own_tokens.create),
    ("POST", "/account/tokens/<uuid:token>/revoke", "revoke_token", own_tokens.revoke),
)  # fmt: skip
"""Routes of one's own account."""


def create_account(site: Site, throttle: Throttle) -> Blueprint:
    """Return the routes that work without a tenant; `throttle` slows who knocks too often."""
    blueprint = Blueprint("account", __name__)
    plain: tuple[tuple[str, str, str, Answer], ...] = (
        ("GET", "/", "home", _home),
        ("POST", "/sign-out", "sign_out", _sign_out),
        ("POST", "/preferences", "prefer", _prefer),
    )
    for method, path, name, answer in plain:
        view: Answer = partial(answer, site)
        blueprint.add_url_rule(path, endpoint=name, view_func=view, methods=[method])
    for method, path, name, answer in DOOR:
        view = at_the_door(site, throttle, answer)
        blueprint.add_url_rule(path, endpoint=name, view_func=view, methods=[method])
    for method, path, name, answer in OWN:
        view = own_account(site, throttle, answer)
        blueprint.add_url_rule(path, endpoint=name, view_func=view, methods=[method])
    blueprint.register_error_handler(NotFresh, _prove_first)
    return blueprint


def _home(site: Site) -> Response:
    signed_in = session_of(site.services, request)
    tenants = site.services.accounts.tenants_of(signed_in.account.id)
    return to(f"/{tenants[0]}" if tenants else "/account")


def _sign_out(site: Site) -> Response:
    signed_in = session_of(site.services, request)
    require_csrf(request, signed_in)
    site.services.people.door.sign_out(read(request, COOKIE), origin_of(signed_in))
    return forget(to("/sign-in"), request)


def _prefer(site: Site) -> Response:
    require_csrf(request, session_of(site.services, request))
    response = to(here(request.form.get("next", "/")))
    language, theme = request.form.get("language", ""), request.form.get("theme", "")
    if language in LANGUAGES:
        put(response, request, LANGUAGE_COOKIE, language, seconds=YEAR)
    if theme in THEMES:
        put(response, request, THEME_COOKIE, theme, seconds=YEAR)
    color = request.form.get("color", "")
    if color in COLORS:
        put(response, request, COLOR_COOKIE, color, seconds=YEAR)
    elif color == "own":
        drop(response, request, COLOR_COOKIE)
    return response


def _prove_first(error: NotFresh) -> Response:
    return to("/account/confirm?next=/account")
