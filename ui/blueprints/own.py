"""The pages of one's own account: the account as a whole, and what is shown only once."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from io import BytesIO

import segno
from flask import Response, request

from engine.accounts.authenticator import NewAuthenticator, proofs_of
from engine.accounts.errors import TooManyTries
from engine.accounts.passwords import SHORTEST
from engine.messages import sentence
from engine.tenants import tokens
from engine.tenants.errors import TenantError
from ui.blueprints.page import theme_of
from ui.blueprints.proof import Own
from ui.viewmodels.own import (
    AuthenticatorPage,
    IdentityLine,
    Instant,
    OwnAccountPage,
    PasskeyLine,
    SecondState,
    SessionLine,
    ShownOncePage,
    TokenLine,
    device_of,
    instant,
)

DONE = {
    "saved": "Your changes are saved.",
    "password": "Your password is changed, and every other session has ended.",
    "mailed": "A letter is on its way to the new address: follow its link.",
    "ended": "Ended: whoever was signed in there has to sign in again.",
}
"""What was done, by the word in the address."""


def account_page(own: Own, *, problem: TenantError | None = None) -> Response:
    """Show the account, with what was done or what was wrong."""
    who, people = own.signed_in.account, own.people
    tenants = own.site.services.accounts.tenants_of(who.id)
    done = DONE.get(request.args.get("done", ""), "")
    asked = request.args.get("asked", "")
    view = OwnAccountPage(
        language=own.language,
        theme=theme_of(),
        title=own.words.say("My account"),
        csrf=own.signed_in.csrf,
        person=who.name,
        email=who.email,
        chosen=who.language,
        home=f"/{tenants[0]}" if tenants else "/account",
        fresh=own.is_fresh,
        has_password=people.profile.has_password(who),
        shortest=SHORTEST,
        sends=people.letters.are_sent,
        second=_second(own),
        passkeys=_passkeys(own),
        identities=_identities(own),
        sessions=_sessions(own),
        tokens=_tokens(own),
        tenants=tenants,
        asked=asked if asked in tenants else "",
        notice=own.words.say(done) if done else "",
        problem="" if problem is None else sentence(problem, own.language),
    )
    status = 200 if problem is None else 429 if isinstance(problem, TooManyTries) else 422
    return own.site.show("pages/account.html", view, language=own.language, status=status)


def app_page(own: Own, begun: NewAuthenticator, *, problem: str = "") -> Response:
    """Show what an authenticator app is told, and ask for its first code."""
    drawn = BytesIO()
    segno.make(begun.address, error="m").save(
        drawn, kind="svg", scale=5, border=2, dark="#23241f", light="#ffffff", xmldecl=False
    )
    squares = b64encode(drawn.getvalue()).decode()
    view = AuthenticatorPage(
        language=own.language,
        theme=theme_of(),
        title=own.words.say("Authenticator app"),
        csrf=own.signed_in.csrf,
        squares=f"data:image/svg+xml;base64,{squares}",
        secret=begun.secret,
        problem=problem,
    )
    status = 422 if problem else 200
    return own.site.show("pages/authenticator.html", view, language=own.language, status=status)


def shown_codes(own: Own, codes: tuple[str, ...]) -> Response:
    """Show recovery codes."""
    lead = own.words.say(
        "Each of these codes lets you in once, should your phone be lost. They are shown only "
        "now: print them, or keep them where you keep passwords."
    )
    return shown_once(own, own.words.say("Recovery codes"), lead, codes, "/account#second")


def shown_once(own: Own, title: str, lead: str, values: tuple[str, ...], back: str) -> Response:
    """Show what is shown only once."""
    view = ShownOncePage(
        language=own.language,
        theme=theme_of(),
        title=title,
        lead=lead,
        values=values,
        back=back,
    )
    return own.site.show("pages/shown_once.html", view, language=own.language)


def _second(own: Own) -> SecondState:
    with own.people.ledger.database.registry() as connection:
        found = proofs_of(connection, own.signed_in.account.id)
    return SecondState(instant(found.app) if found.app else None, found.codes, found.any)


def _passkeys(own: Own) -> tuple[PasskeyLine, ...]:
    return tuple(
        PasskeyLine(each.id, each.label, instant(each.created_at), _when(each.used_at))
        for each in own.people.passkeys.of(own.signed_in.account)
    )


def _identities(own: Own) -> tuple[IdentityLine, ...]:
    known = {each.issuer: each for each in own.people.identities.of(own.signed_in.account)}
    return tuple(
        IdentityLine(
            each.name,
            each.label or each.name,
            each.issuer in known,
            known[each.issuer].email if each.issuer in known else "",
        )
        for each in own.people.providers.all
    )


def _sessions(own: Own) -> tuple[SessionLine, ...]:
    lines = []
    for each in own.people.profile.sessions(own.signed_in.account):
        device, icon = device_of(each.agent)
        here = each.id == own.signed_in.id
        called = device or own.words.say("Another program")
        lines.append(SessionLine(each.id, called, icon, each.address, instant(each.seen_at), here))
    return tuple(sorted(lines, key=lambda line: not line.here))


def _tokens(own: Own) -> tuple[TokenLine, ...]:
    now = datetime.now(UTC)
    found = tokens.issued(own.people.ledger.database, owner=own.signed_in.account.id)
    return tuple(
        TokenLine(
            id=each.id,
            start=each.start,
            tenant=each.tenant,
            label=each.label,
            scopes=", ".join(each.scopes),
            used=_when(each.used_at),
            ends=_when(each.ends_at),
            over=each.ends_at is not None and each.ends_at <= now,
        )
        for each in found
    )


def _when(value: datetime | None) -> Instant | None:
    return None if value is None else instant(value)
