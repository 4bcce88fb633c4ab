"""One's own account: name, password, second proofs, passkeys, sessions."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify, request

from engine.accounts.authenticator import proofs_of
from engine.accounts.errors import CodeWrong, LastProof, MailMissing, SignInRefused, TooManyTries
from engine.messages import sentence
from engine.tenants.accounts import require_address
from engine.tenants.errors import AccountExists, PasswordWeak, TenantError
from ui.blueprints.own import account_page, app_page, shown_codes
from ui.blueprints.page import theme_of
from ui.blueprints.proof import (
    TICKET_COOKIE,
    TICKET_LIFE,
    Own,
    passkey_answer,
    public_address,
    require_fresh,
    secret,
    to,
    website,
)
from ui.cookies import put
from ui.session import remember
from ui.viewmodels.account import LeavingPage
from ui.viewmodels.own import device_of
from ui.words import LANGUAGES


def show(own: Own) -> Response:
    """Show the account."""
    return account_page(own)


def rename(own: Own) -> Response:
    """Change name and language."""
    language = request.form.get("language", "")
    spoken = language if language in LANGUAGES else ""
    name = request.form.get("name", "")
    try:
        own.people.profile.rename(own.signed_in.account, name=name, language=spoken)
    except TenantError as error:
        return account_page(own, problem=error)
    return to("/account?done=saved")


def change_password(own: Own) -> Response:
    """Change the password, by the old one."""
    if not own.people.profile.has_password(own.signed_in.account):
        require_fresh(own)
    old, new = request.form.get("old", ""), request.form.get("password", "")
    try:
        fresh = own.people.profile.change_password(own.signed_in, secret(), old, new, own.origin)
    except (SignInRefused, TooManyTries, PasswordWeak) as error:
        return account_page(own, problem=error)
    return remember(to("/account?done=password"), request, fresh)


def change_address(own: Own) -> Response:
    """Write to a new address, which counts once its owner follows the link."""
    require_fresh(own)
    email = request.form.get("email", "").strip()
    try:
        require_address(email)
        if own.site.services.accounts.by_email(email) is not None:
            raise AccountExists("Another account has this address already.")
        own.people.letters.ask_address(own.signed_in.account, email, own.language)
    except (TenantError, MailMissing) as error:
        return account_page(own, problem=error)
    return to("/account?done=mailed")


def begin_app(own: Own) -> Response:
    """Make the secret of a new authenticator app."""
    require_fresh(own)
    own.people.authenticators.begin(own.signed_in.account)
    return to("/account/app")


def show_app(own: Own) -> Response:
    """Show the secret of an authenticator app that waits for its first code."""
    require_fresh(own)
    begun = own.people.authenticators.begun(own.signed_in.account)
    return to("/account#second") if begun is None else app_page(own, begun)


def confirm_app(own: Own) -> Response:
    """Take an authenticator app into use with its first code; show the recovery codes."""
    require_fresh(own)
    who = own.signed_in.account
    begun = own.people.authenticators.begun(who)
    if begun is None:
        return to("/account#second")
    try:
        codes = own.people.authenticators.confirm(who, request.form.get("code", ""), own.origin)
    except CodeWrong as error:
        return app_page(own, begun, problem=sentence(error, own.language))
    strong = own.people.door.renew(secret(), strong=True)
    return remember(shown_codes(own, codes), request, strong)


def remove_app(own: Own) -> Response:
    """Take the authenticator app out of use."""
    require_fresh(own)
    own.people.authenticators.remove(own.signed_in.account, own.origin)
    return to("/account#second")


def renew_codes(own: Own) -> Response:
    """Make new recovery codes; those before open nothing any more."""
    require_fresh(own)
    with own.people.ledger.database.registry() as connection:
        asked = proofs_of(connection, own.signed_in.account.id).any
    if not asked:
        return to("/account#second")
    codes = own.people.authenticators.renew(own.signed_in.account, own.origin)
    return shown_codes(own, codes)


def passkey_options(own: Own) -> Response:
    """Ask the browser to make a passkey."""
    require_fresh(own)
    asked = own.people.passkeys.offer(own.signed_in.account, website(own.people))
    return jsonify({"options": asked.options, "ticket": asked.ticket})


def add_passkey(own: Own) -> Response:
    """Keep a new passkey."""
    require_fresh(own)
    label = request.form.get("label", "").strip()
    label = label or device_of(request.user_agent.string)[0] or own.words.say("Passkey")
    answer = passkey_answer(own.people)
    try:
        codes = own.people.passkeys.add(own.signed_in.account, answer, label, own.origin)
    except TenantError as error:
        return account_page(own, problem=error)
    strong = own.people.door.renew(secret(), strong=True)
    shown = shown_codes(own, codes) if codes else to("/account#passkeys")
    return remember(shown, request, strong)


def rename_passkey(own: Own, passkey: UUID) -> Response:
    """Call a passkey something else."""
    label = request.form.get("label", "")
    own.people.passkeys.rename(own.signed_in.account, passkey, label)
    return to("/account#passkeys")


def remove_passkey(own: Own, passkey: UUID) -> Response:
    """Forget a passkey."""
    require_fresh(own)
    who = own.signed_in.account
    try:
        own.people.profile.require_way_in(who, without="passkey")
    except LastProof as error:
        return account_page(own, problem=error)
    own.people.passkeys.remove(who, passkey, own.origin)
    return to("/account#passkeys")


def link(own: Own, provider: str) -> Response:
    """Show the way to an identity provider that is to be linked."""
    require_fresh(own)
    back = public_address(own.people, f"/sign-in/from/{provider}")
    who = str(own.signed_in.account.id)
    try:
        leaving = own.people.providers.leave(provider, back, next_="/account", account=who)
    except TenantError as error:
        return account_page(own, problem=error)
    label = next(each.label or each.name for each in own.people.providers.all
                 if each.name == provider)  # fmt: skip
    view = LeavingPage(
        language=own.language,
        theme=theme_of(),
        title=own.words.say("Go on at {provider}", provider=label),
        csrf=own.signed_in.csrf,
        provider=label,
        url=leaving.url,
    )
    response = own.site.show("pages/leaving.html", view, language=own.language)
    return put(response, request, TICKET_COOKIE, leaving.ticket, seconds=TICKET_LIFE)


def unlink(own: Own, provider: str) -> Response:
    """Forget what somebody is at an identity provider."""
    require_fresh(own)
    who = own.signed_in.account
    known = next((each for each in own.people.providers.all if each.name == provider), None)
    try:
        own.people.profile.require_way_in(who, without="identity")
    except LastProof as error:
        return account_page(own, problem=error)
    if known is not None:
        own.people.identities.unlink(who, known.issuer, own.origin)
    return to("/account#identities")


def end_session(own: Own, session: UUID) -> Response:
    """End one session."""
    own.people.profile.end_session(own.signed_in.account, session, own.origin)
    return to("/account?done=ended#sessions")


def end_others(own: Own) -> Response:
    """End every session but this one."""
    own.people.profile.end_others(own.signed_in, own.origin)
    return to("/account?done=ended#sessions")
