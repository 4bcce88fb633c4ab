"""Proving anew who somebody is: before they change how they sign in, or where a tenant asks."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, jsonify, request

from engine.accounts.authenticator import proofs_of
from engine.accounts.errors import PasskeyRefused, SignInRefused, TooManyTries
from engine.messages import sentence
from engine.tenants.errors import TenantError
from ui.blueprints.page import theme_of
from ui.blueprints.proof import (
    Own,
    device,
    passkey_answer,
    secret,
    to,
    wanted,
    website,
)
from ui.session import remember
from ui.viewmodels.account import ConfirmPage


def show(own: Own) -> Response:
    """Ask for the password, a code or a passkey."""
    return _page(own)


def give(own: Own) -> Response:
    """Take the password or a code."""
    given = request.form.get("given", "")
    try:
        fresh = own.people.door.again(own.signed_in, secret(), given, own.origin, device=device())
    except (SignInRefused, TooManyTries) as error:
        return _page(own, problem=error)
    return remember(to(wanted()), request, fresh)


def options(own: Own) -> Response:
    """Ask the browser for a passkey of this account."""
    asked = own.people.passkeys.question(website(own.people), own.signed_in.account)
    return jsonify({"options": asked.options, "ticket": asked.ticket})


def by_passkey(own: Own) -> Response:
    """Take a passkey."""
    try:
        fresh = own.people.passkeys.again(own.signed_in, secret(), passkey_answer(own.people))
    except (PasskeyRefused, SignInRefused) as error:
        return _page(own, problem=error)
    return remember(to(wanted()), request, fresh)


def for_tenant(own: Own, tenant: str) -> Response:
    """Lead somebody whose tenant asks for two proofs to give the second, or to set one up."""
    with own.people.ledger.database.registry() as connection:
        has = proofs_of(connection, own.signed_in.account.id).any
    if has:
        return to(f"/account/confirm?second=1&next={quote(wanted(), safe='/')}")
    return to(f"/account?asked={quote(tenant, safe='')}#second")


def _page(own: Own, *, problem: TenantError | None = None) -> Response:
    who = own.signed_in.account
    with own.people.ledger.database.registry() as connection:
        proofs = proofs_of(connection, who.id)
    second = bool(request.values.get("second")) and proofs.any
    view = ConfirmPage(
        language=own.language,
        theme=theme_of(),
        title=own.words.say("One more step") if second else own.words.say("Is it you?"),
        csrf=own.signed_in.csrf,
        next=wanted(),
        problem="" if problem is None else sentence(problem, own.language),
        email=who.email,
        password=own.people.profile.has_password(who) and not second,
        app=proofs.app is not None,
        passkey=proofs.passkeys > 0,
        second=second,
    )
    status = 200 if problem is None else 401
    return own.site.show("pages/confirm.html", view, language=own.language, status=status)
