"""Who calls the API: a bearer token or a signed-in session, and what they may ask for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from flask import Request

from engine.access.grants import token_rights
from engine.context import Cause, Context
from engine.errors import Forbidden
from metamodel.model import Model
from ui.previewing import as_seen
from ui.services import Account, Services
from ui.session import NotSignedIn, origin_of, require_csrf, session_of

Right = Literal["read", "create", "update", "delete", "export", "import"]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller: the context to work in, and a token's scopes (None: a session)."""

    account: Account
    ctx: Context
    scopes: frozenset[str] | None

    @property
    def model(self) -> Model:
        return self.ctx.model

    def require(self, entity: str, right: Right) -> None:
        """Raise `Forbidden` where the token's scopes do not cover this."""
        if self.scopes is None or "all" in self.scopes:
            return
        if right == "read" and "read" in self.scopes:
            return
        found = self.model.entity_named(entity)
        if found is None or right not in token_rights(self.model, self.scopes, found):
            raise Forbidden(scope=f"{entity}:{right}")

    def require_whole(self) -> None:
        """Raise `Forbidden` for a token that was given less than all its person may do."""
        if self.scopes is not None and "all" not in self.scopes:
            raise Forbidden(scope="all")


def authenticate(services: Services, request: Request, tenant: str) -> Caller:
    """Return who calls; raise where nobody is signed in or the tenant is not theirs."""
    language = request.accept_languages.best_match(["zh", "en"]) or "en"
    header = request.headers.get("Authorization", "")
    if header:
        return _by_token(services, request, tenant, language)
    return _by_session(services, request, tenant, language)


def _by_token(services: Services, request: Request, tenant: str, language: str) -> Caller:
    kind, _, token = request.headers["Authorization"].partition(" ")
    bearer = services.accounts.bearer(token.strip()) if kind.lower() == "bearer" else None
    if bearer is None:
        raise NotSignedIn
    if bearer.tenant != tenant:
        services.contexts.turn_away(tenant, bearer.account.id, origin_of(request, bearer.start))
    ctx = services.contexts.make(
        tenant,
        bearer.account.id,
        language=language,
        cause=Cause("api"),
        origin=origin_of(request, bearer.start),
    )
    narrowed = replace(ctx, actor=replace(ctx.actor, scopes=bearer.scopes))
    return Caller(bearer.account, narrowed, bearer.scopes)


def _by_session(services: Services, request: Request, tenant: str, language: str) -> Caller:
    signed_in = session_of(services, request)
    if request.method not in SAFE:
        require_csrf(request, signed_in)
    ctx = services.contexts.make(
        tenant,
        signed_in.account.id,
        language=signed_in.account.language or language,
        cause=Cause("api"),
        origin=origin_of(request, str(signed_in.id)),
        session=signed_in,
    )
    return Caller(signed_in.account, as_seen(services, request, ctx), None)
