"""Identity providers by OpenID Connect: where to send somebody, and what comes back of them.

The authorization code flow with PKCE, state and nonce; ID tokens are checked against the keys
that the provider publishes now. Parts of the protocol come from Authlib; every call goes through
the one door to other machines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import compare_digest, token_urlsafe
from time import monotonic
from typing import Any

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from engine.accounts.errors import ProviderRefused
from engine.accounts.tickets import Tickets
from engine.errors import EngineError
from engine.outgoing.calls import Outgoing
from engine.sealing import MasterKey

SCOPE = "openid email profile"

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures that are taken; none of them can be made with what a client knows."""

STRONG = frozenset({"mfa", "otp", "hwk", "swk", "sms", "fpt", "face"})
"""What a provider calls proofs beside a password (RFC 8176)."""

LATELY = 600.0
"""Seconds for which a provider's own description and keys are kept."""

LEEWAY = 60
"""Seconds by which clocks may differ."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider as it is set up.

    With `link_by_email` somebody whose address the provider has verified comes in as the account
    of that address; without it people link the two themselves first.
    """

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    label: str = ""
    link_by_email: bool = False


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where a browser is sent, and the ticket that it keeps meanwhile."""

    url: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Returning:
    """What a provider says of somebody who came back; `strong`: it asked for two proofs.

    `next` and `account` are what was asked when they left: where to go, and whom to link.
    """

    provider: Provider
    issuer: str
    subject: str
    email: str
    verified: bool
    strong: bool
    ticket: str
    next: str = "/"
    account: str = ""


@dataclass(frozen=True, slots=True)
class _Described:
    """A provider's own description and keys, and until when they are kept."""

    until: float
    metadata: Mapping[str, Any]
    keys: KeySet


class Providers:
    """Sends people to identity providers and takes them back."""

    def __init__(
        self, providers: Mapping[str, Provider], outgoing: Outgoing, key: MasterKey
    ) -> None:
        self._providers = providers
        self._outgoing = outgoing
        self._tickets = Tickets(key, "identity provider")
        self._described: dict[str, _Described] = {}

    @property
    def all(self) -> tuple[Provider, ...]:
        """The providers that are set up, in their order."""
        return tuple(self._providers.values())

    def leave(self, name: str, back: str, *, next_: str = "/", account: str = "") -> Leaving:
        """Return where to send a browser, which comes back to the address `back`."""
        provider = self._named(name)
        asked = {
            "provider": name,
            "state": token_urlsafe(24),
            "nonce": token_urlsafe(24),
            "verifier": token_urlsafe(48),
            "back": back,
            "next": next_,
            "account": account,
        }
        url = prepare_grant_uri(
            self._description(provider).metadata["authorization_endpoint"],
            client_id=provider.client_id,
            response_type="code",
            redirect_uri=back,
            scope=SCOPE,
            state=asked["state"],
            nonce=asked["nonce"],
            code_challenge=create_s256_code_challenge(asked["verifier"]),
            code_challenge_method="S256",
        )
        return Leaving(url, self._tickets.write(**asked))

    def come_back(self, name: str, answer: Mapping[str, str], ticket: str) -> Returning:
        """Return who came back, with the parameters of their address; raise `ProviderRefused`."""
        provider = self._named(name)
        try:
            asked = self._tickets.read(ticket)
        except ValueError:
            said = "This sign-in took too long, or began in another browser."
            raise ProviderRefused(said) from None
        state = answer.get("state", "")
        if asked["provider"] != name or not compare_digest(state.encode(), asked["state"].encode()):
            raise ProviderRefused("This sign-in began elsewhere.")
        if "error" in answer or not answer.get("code"):
            raise ProviderRefused("The identity provider did not let anybody in.")
        if answer.get("iss", provider.issuer) != provider.issuer:
            raise ProviderRefused("Another identity provider answered.")
        claims = self._claims(provider, answer["code"], asked)
        methods = claims.get("amr") or ()
        return Returning(
            provider=provider,
            issuer=provider.issuer,
            subject=str(claims["sub"]),
            email=str(claims.get("email") or ""),
            verified=claims.get("email_verified") is True,
            strong=bool(STRONG.intersection(methods)),
            ticket=ticket,
            next=asked["next"],
            account=asked["account"],
        )

    def _claims(self, provider: Provider, code: str, asked: Mapping[str, str]) -> Mapping[str, Any]:
        """Change a code for an ID token and return what it says, once it was checked."""
        found = self._description(provider)
        token = self._token(provider, found.metadata, code, asked)
        written = token.get("id_token")
        if not isinstance(written, str):
            raise ProviderRefused("The identity provider sent no ID token.")
        try:
            read = self._read(provider, found, written)
            claims = CodeIDToken(
                read.claims,
                read.header,
                options={
                    "iss": {"essential": True, "value": provider.issuer},
                    "aud": {"essential": True, "value": provider.client_id},
                },
                params={
                    "nonce": asked["nonce"],
                    "client_id": provider.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderRefused(f"The ID token does not hold: {type(error).__name__}.") from None
        return dict(claims)

    def _read(self, provider: Provider, found: _Described, written: str) -> jwt.Token:
        try:
            return jwt.decode(written, found.keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            # The provider may have changed its keys since we looked.
            fresh = self._description(provider, anew=True)
            return jwt.decode(written, fresh.keys, algorithms=list(ALGORITHMS))

    def _token(
        self,
        provider: Provider,
        metadata: Mapping[str, Any],
        code: str,
        asked: Mapping[str, str],
    ) -> Mapping[str, Any]:
        url = metadata["token_endpoint"]
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=asked["back"],
            code=code,
            code_verifier=asked["verifier"],
        )
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        known = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "none"
        if provider.client_secret:
            basic = "client_secret_basic" in known
            method = "client_secret_basic" if basic else "client_secret_post"
        client = ClientAuth(provider.client_id, provider.client_secret, method)
        url, headers, body = client.prepare("POST", url, headers, body)
        return self._asked("POST", url, headers=headers, content=str(body).encode())

    def _description(self, provider: Provider, *, anew: bool = False) -> _Described:
        kept = self._described.get(provider.name)
        if kept is not None and not anew and monotonic() < kept.until:
            return kept
        place = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = self._asked("GET", place)
        if metadata.get("issuer") != provider.issuer:
            raise ProviderRefused("The identity provider calls itself something else.")
        try:
            keys = KeySet.import_key_set(self._asked("GET", metadata["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError):
            raise ProviderRefused("The identity provider's keys cannot be read.") from None
        made = _Described(monotonic() + LATELY, metadata, keys)
        self._described[provider.name] = made
        return made

    def _asked(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Mapping[str, Any]:
        try:
            answer = self._outgoing.call(method, url, headers=headers, content=content)
            found = answer.json()
        except EngineError:
            raise ProviderRefused("The identity provider cannot be reached.") from None
        except ValueError:
            raise ProviderRefused("The identity provider's answer is no JSON.") from None
        if answer.status_code >= 400 or not isinstance(found, dict):
            raise ProviderRefused(f"The identity provider says no ({answer.status_code}).")
        return found

    def _named(self, name: str) -> Provider:
        found = self._providers.get(name)
        if found is None:
            raise ProviderRefused("There is no such identity provider.")
        return found


def read_providers(given: Mapping[str, Any]) -> dict[str, Provider]:
    """Return the providers of a table by name; raise `ValueError` with what is wrong."""
    found: dict[str, Provider] = {}
    known = {"issuer", "client_id", "client_secret", "label", "link_by_email"}
    for name, said in given.items():
        if not isinstance(said, Mapping) or not name.isidentifier():
            raise ValueError(f"{name!r} is no provider: give it a plain name and a table")
        if unknown := sorted(set(said) - known):
            raise ValueError(f"{name} sets {unknown}; known are {sorted(known)}")
        if not said.get("issuer") or not said.get("client_id"):
            raise ValueError(f"{name} needs an issuer and a client_id")
        found[name] = Provider(name=name, **said)
    return found
