"""One's own API tokens: made, shown once, taken away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Response, request

from engine.accounts.errors import SecondFactorNeeded
from engine.context import Cause
from engine.tenants import tokens
from engine.tenants.errors import TenantError
from ui.blueprints.own import account_page, shown_once
from ui.blueprints.proof import Own, require_fresh, to

LIVES = {"7": 7, "30": 30, "90": 90, "365": 365, "never": 0}
"""For how many days a token may be made; 0: until it is taken away."""

SCOPES = frozenset({"all", "read"})
"""What may be chosen on the page; finer scopes are written out."""


def create(own: Own) -> Response:
    """Make a token and show it, once."""
    require_fresh(own)
    form, who = request.form, own.signed_in.account
    tenant = form.get("tenant", "")
    try:
        _require_entry(own, tenant)
    except SecondFactorNeeded:
        return to(f"/account/second/{tenant}?next=/account")
    chosen = form.get("scope", "read")
    scopes = [chosen] if chosen in SCOPES else form.get("scopes", "").replace(",", " ").split()
    days = LIVES.get(form.get("life", ""), 90)
    ends_at = datetime.now(UTC) + timedelta(days=days) if days else None
    try:
        made = tokens.issue(
            own.people.ledger,
            tenant,
            who.id,
            scopes,
            terms=tokens.Terms(form.get("label", "").strip(), ends_at),
            origin=own.origin,
        )
    except TenantError as error:
        return account_page(own, problem=error)
    lead = own.words.say(
        "This is your token. It is shown only now: keep it where you keep passwords."
    )
    return shown_once(own, own.words.say("Your new token"), lead, (made,), "/account#tokens")


def _require_entry(own: Own, tenant: str) -> None:
    """Raise unless this session may enter a tenant: a token opens no more than it does."""
    own.site.services.contexts.make(
        tenant,
        own.signed_in.account.id,
        language=own.language,
        cause=Cause("form"),
        origin=own.origin,
        session=own.signed_in,
    )


def revoke(own: Own, token: UUID) -> Response:
    """Take a token away, at once."""
    tokens.revoke(own.people.ledger, which=token, owner=own.signed_in.account.id, origin=own.origin)
    return to("/account#tokens")
