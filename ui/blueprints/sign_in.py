"""Coming in: by password and a second proof, by a passkey, by an identity provider."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from flask import Response, jsonify, request

from engine.accounts.authenticator import proofs_of
from engine.accounts.errors import (
    IdentityUnknown,
    PasskeyRefused,
    ProviderRefused,
    SignInRefused,
    TooManyTries,
)
from engine.messages import sentence
from engine.tenants.errors import TenantError, TenantUnknown
from ui.blueprints.page import language_of, theme_of
from ui.blueprints.proof import (
    HALF_WAY_COOKIE,
    TICKET_COOKIE,
    TICKET_LIFE,
    YEAR,
    Doorstep,
    device,
    form_token,
    half_way,
    let_in,
    origin_of,
    passkey_answer,
    public_address,
    to,
    wanted,
    website,
    with_form,
)
from ui.cookies import drop, put, read
from ui.services import SignedIn
from ui.session import LANGUAGE_COOKIE, NotSignedIn, session_of
from ui.viewmodels.account import ProviderLink, SecondPage, SignInPage
from ui.words import LANGUAGES

SAID = {
    "password": "Your password is set. Sign in with it now.",
    "address": "Your new address is set. Sign in with it from now on.",
    "mailed": "If there is an account with this address, a letter is on its way to it.",
}
"""What a page before has done, by the word in the address."""


def show(door: Doorstep) -> Response:
    """Show the sign-in form, or go on where somebody is signed in already."""
    chosen = request.args.get("language", "")
    if chosen in LANGUAGES:
        return put(to("/sign-in"), request, LANGUAGE_COOKIE, chosen, seconds=YEAR)
    try:
        session_of(door.site.services, request)
    except NotSignedIn:
        return _form(door)
    return to(wanted())


def enter(door: Doorstep) -> Response:
    """Take e-mail and password."""
    email = request.form.get("email", "").strip()
    password = request.form.get("password", "")
    try:
        found = door.people.door.by_password(email, password, origin_of(), device=device())
    except (SignInRefused, TooManyTries) as error:
        return _form(door, email=email, problem=error)
    return _go_on(found)


def second(door: Doorstep) -> Response:
    """Show what is asked besides the password."""
    return _second(door)


def give_code(door: Doorstep) -> Response:
    """Take a code as the second proof."""
    half = read(request, HALF_WAY_COOKIE)
    code = request.form.get("code", "")
    try:
        found = door.people.door.by_code(half, code, origin_of(), device=device())
    except (SignInRefused, TooManyTries) as error:
        return _second(door, problem=error)
    return _go_on(found)


def second_options(door: Doorstep) -> Response:
    """Ask the browser for a passkey of whoever gave their password."""
    half = door.people.door.half_way(read(request, HALF_WAY_COOKIE))
    if half is None:
        raise NotSignedIn
    asked = door.people.passkeys.question(website(door.people), half.account)
    return jsonify({"options": asked.options, "ticket": asked.ticket})


def second_passkey(door: Doorstep) -> Response:
    """Take a passkey as the second proof."""
    half = read(request, HALF_WAY_COOKIE)
    answer = passkey_answer(door.people)
    try:
        found = door.people.passkeys.second(half, answer, origin_of(), device=device())
    except (SignInRefused, PasskeyRefused) as error:
        return _second(door, problem=error)
    return _go_on(found)


def passkey_options(door: Doorstep) -> Response:
    """Ask the browser for any passkey of this site."""
    door.throttle.count(request.remote_addr or "")
    asked = door.people.passkeys.question(website(door.people))
    return jsonify({"options": asked.options, "ticket": asked.ticket})


def by_passkey(door: Doorstep) -> Response:
    """Let somebody in by a passkey alone."""
    answer = passkey_answer(door.people)
    try:
        found = door.people.passkeys.sign_in(answer, origin_of(), device=device())
    except PasskeyRefused as error:
        return _form(door, problem=error)
    return _go_on(found)


def leave(door: Doorstep, provider: str) -> Response:
    """Send somebody to an identity provider."""
    door.throttle.count(request.remote_addr or "")
    back = public_address(door.people, f"/sign-in/from/{provider}")
    try:
        leaving = door.people.providers.leave(provider, back, next_=wanted())
    except ProviderRefused as error:
        return _form(door, problem=error)
    return put(to(leaving.url), request, TICKET_COOKIE, leaving.ticket, seconds=TICKET_LIFE)


def come_back(door: Doorstep, provider: str) -> Response:
    """Take somebody back whom an identity provider knows."""
    door.throttle.count(request.remote_addr or "")
    people, answer = door.people, request.args.to_dict()
    try:
        said = people.providers.come_back(provider, answer, read(request, TICKET_COOKIE))
        if said.account:
            signed_in = session_of(door.site.services, request)
            people.identities.link(signed_in.account, said, origin_of(signed_in))
            return drop(to("/account#identities"), request, TICKET_COOKIE)
        found = people.identities.sign_in(said, origin_of(), device=device())
    except (ProviderRefused, IdentityUnknown) as error:
        return drop(_form(door, problem=error), request, TICKET_COOKIE)
    return drop(_go_on(found, said.next), request, TICKET_COOKIE)


def _go_on(found: SignedIn, address: str = "") -> Response:
    """Go where somebody wanted to, by way of the second proof where one is awaited."""
    if found.stage == "in":
        return let_in(to(address or wanted()), found)
    page = f"/sign-in/second?next={_quoted(address or wanted())}"
    return half_way(to(page), found)


def _second(door: Doorstep, *, problem: TenantError | None = None) -> Response:
    half = door.people.door.half_way(read(request, HALF_WAY_COOKIE))
    if half is None:
        return _form(door, problem=problem)
    with door.people.ledger.database.registry() as connection:
        proofs = proofs_of(connection, half.account.id)
    token = form_token()
    view = SecondPage(
        language=door.language,
        theme=theme_of(),
        title=door.words.say("One more step"),
        csrf=token,
        next=wanted(),
        problem=told(door, problem),
        email=half.account.email,
        app=proofs.app is not None,
        passkey=proofs.passkeys > 0,
    )
    return with_form(_shown(door, "pages/second.html", view, problem), token)


def _form(door: Doorstep, *, email: str = "", problem: TenantError | None = None) -> Response:
    token = form_token()
    said = SAID.get(request.args.get("said", ""), "")
    logo, house = _towards(door)
    view = SignInPage(
        language=door.language,
        theme=theme_of(),
        title=door.words.say("Sign in"),
        csrf=token,
        next=wanted(),
        problem=told(door, problem),
        notice=door.words.say(said) if said else "",
        logo=logo,
        house=house,
        email=email,
        providers=tuple(
            ProviderLink(
                each.label or each.name, f"/sign-in/with/{each.name}?next={_quoted(wanted())}"
            )
            for each in door.people.providers.all
        ),
    )
    return with_form(_shown(door, "pages/sign_in.html", view, problem), token)


def _towards(door: Doorstep) -> tuple[str, str]:
    """Return logo and label of the tenant that somebody is on the way to, where it has a logo."""
    name = unquote(urlsplit(wanted()).path.strip("/").partition("/")[0])
    try:
        record = door.site.services.registry.get(name) if name else None
    except TenantUnknown:
        return "", ""
    if record is None or not record.logo or record.state != "live":
        return "", ""
    return f"/{quote(name, safe='')}/logo?v={record.logo}", record.label


def told(door: Doorstep, problem: TenantError | None) -> str:
    """Return a refusal as a sentence that tells a guesser nothing."""
    return "" if problem is None else sentence(problem, door.language)


def _shown(
    door: Doorstep, template: str, view: SignInPage | SecondPage, problem: TenantError | None
) -> Response:
    status = 200 if problem is None else 401
    if isinstance(problem, TooManyTries):
        status = 429
    response = door.site.show(template, view, language=language_of(), status=status)
    if isinstance(problem, TooManyTries):
        response.headers["Retry-After"] = str(problem.wait)
    return response


def _quoted(address: str) -> str:
    return quote(address, safe="/")
