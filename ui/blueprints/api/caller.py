"""Who calls the API: a bearer token or a signed-in session, and what they may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import Literal

from flask import Request

from engine.context import Cause, Context
from engine.errors import Forbidden, NotFound
from metamodel.model import Model
from ui.services import Account, Services
from ui.session import COOKIE, CSRF_HEADER

Right = Literal["read", "create", "update", "delete", "export", "import"]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Unauthenticated(Exception):
    """A request without a live token or session."""


class CsrfMissing(Exception):
    """A change asked for through the session cookie without its CSRF token."""


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
        if f"{entity}:{right}" not in self.scopes:
            raise Forbidden(scope=f"{entity}:{right}")


def authenticate(services: Services, request: Request, tenant: str) -> Caller:
    """Return the caller of a request; raise where nobody is signed in or the tenant is not theirs."""
    language = request.accept_languages.best_match(["zh", "en"]) or "en"
    header = request.headers.get("Authorization", "")
    if header:
        return _by_token(services, header, tenant, language)
    return _by_session(services, request, tenant, language)


def _by_token(services: Services, header: str, tenant: str, language: str) -> Caller:
    kind, _, token = header.partition(" ")
    bearer = services.accounts.bearer(token.strip()) if kind.lower() == "bearer" else None
    if bearer is None:
        raise Unauthenticated
    if bearer.tenant != tenant:
        raise NotFound(tenant=tenant)
    ctx = services.contexts.make(tenant, bearer.account.id, language=language, cause=Cause("api"))
    return Caller(bearer.account, ctx, bearer.scopes)


def _by_session(services: Services, request: Request, tenant: str, language: str) -> Caller:
    signed_in = services.accounts.session(request.cookies.get(COOKIE, ""))
    if signed_in is None:
        raise Unauthenticated
    if request.method not in SAFE:
        sent = request.headers.get(CSRF_HEADER, "")
        if not compare_digest(sent.encode(), signed_in.csrf.encode()):
            raise CsrfMissing
    ctx = services.contexts.make(
        tenant,
        signed_in.account.id,
        language=signed_in.account.language or language,
        cause=Cause("api"),
    )
    return Caller(signed_in.account, ctx, None)
