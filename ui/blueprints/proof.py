"""What every page of the door and of one's own account shares: who asks, from where, how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from flask import Response, redirect, request

from engine.accounts.passkeys import Answer, WebSite
from engine.accounts.people import People
from engine.context import Origin
from ui.addresses import here
from ui.blueprints.page import Site, language_of
from ui.cookies import drop, put, read
from ui.gate import is_of_own_page
from ui.services import SignedIn
from ui.session import (
    COOKIE,
    CSRF_FIELD,
    CsrfMissing,
    remember,
    require_csrf,
    session_of,
)
from ui.session import origin_of as come_from
from ui.throttle import Throttle
from ui.words import Words, words_of

FORM_COOKIE = "joinery_sign_in"
"""Holds the token that a form must bring back where no session exists yet."""

DEVICE_COOKIE = "joinery_device"
"""Holds the secret by which this browser is known again: guessing elsewhere does not bar it."""

HALF_WAY_COOKIE = "joinery_half_way"
"""Holds the secret of a session whose second proof is awaited."""

TICKET_COOKIE = "joinery_ticket"
"""Holds the sealed ticket of a sign-in at an identity provider."""

TICKET_LIFE = 600
"""Seconds for which somebody may be away at an identity provider."""

YEAR = 365 * 24 * 3600

FRESH = timedelta(minutes=10)
"""How long after a proof somebody may change how they sign in."""


@dataclass(frozen=True, slots=True)
class Doorstep:
    """One request at the door: the services, the words, and who knocks too often."""

    site: Site
    throttle: Throttle
    words: Words

    @property
    def people(self) -> People:
        return self.site.services.people

    @property
    def language(self) -> str:
        return self.words.language


@dataclass(frozen=True, slots=True)
class Own(Doorstep):
    """One request of a signed-in person about their own account."""

    signed_in: SignedIn = field(kw_only=True)

    @property
    def is_fresh(self) -> bool:
        """Whether they proved lately who they are."""
        return self.signed_in.proved_at > datetime.now(UTC) - FRESH

    @property
    def origin(self) -> Origin:
        return origin_of(self.signed_in)


class NotFresh(Exception):  # noqa: N818 - named after what is the matter
    """A change of how somebody signs in, by somebody who did not prove lately who they are."""


def at_the_door(
    site: Site, throttle: Throttle, answer: Callable[..., Response]
) -> Callable[..., Response]:
    """Return the view of `answer(doorstep, **path)`; a form must come from a page of ours.

    Browsers say so themselves, old ones by the token of the form. They keep but one token: of
    tabs that came to the door at once, or a tab and what is read ahead, one would be refused.
    """

    @wraps(answer)
    def view(**path: Any) -> Response:
        if request.method == "POST":
            throttle.count(request.remote_addr or "")
            if not (is_of_own_page(request) or _brings_its_token()):
                raise CsrfMissing
        return answer(Doorstep(site, throttle, words_of(language_of())), **path)

    return view


def _brings_its_token() -> bool:
    sent, kept = request.form.get(CSRF_FIELD, ""), read(request, FORM_COOKIE)
    return bool(kept) and compare_digest(sent.encode(), kept.encode())


def own_account(
    site: Site, throttle: Throttle, answer: Callable[..., Response]
) -> Callable[..., Response]:
    """Return the view of `answer(own, **path)` for whoever is signed in."""

    @wraps(answer)
    def view(**path: Any) -> Response:
        signed_in = session_of(site.services, request)
        if request.method == "POST":
            throttle.count(str(signed_in.account.id))
            require_csrf(request, signed_in)
        words = words_of(language_of(signed_in))
        return answer(Own(site, throttle, words, signed_in=signed_in), **path)

    return view


def require_fresh(own: Own) -> None:
    """Raise `NotFresh` unless somebody proved lately who they are."""
    if not own.is_fresh:
        raise NotFresh


def origin_of(signed_in: SignedIn | None = None) -> Origin:
    """Return from where a request comes."""
    return come_from(request, "" if signed_in is None else str(signed_in.id))


def device() -> str:
    """Return the secret by which this browser may be known."""
    return read(request, DEVICE_COOKIE)


def website(people: People) -> WebSite:
    """Return where this site is, as browsers are told: what was set, else what they asked for."""
    address = people.site or request.host_url
    parts = urlsplit(address)
    return WebSite(parts.hostname or "localhost", f"{parts.scheme}://{parts.netloc}")


def public_address(people: People, path: str) -> str:
    """Return a whole address of this site."""
    return (people.site or request.host_url.rstrip("/")) + path


def passkey_answer(people: People) -> Answer:
    """Return what a browser answered about a passkey."""
    form = request.form
    return Answer(form.get("credential", ""), form.get("ticket", ""), website(people))


def let_in(response: Response, signed_in: SignedIn) -> Response:
    """Hand a new session to the browser, and the secret by which it is known from now on."""
    drop(response, request, HALF_WAY_COOKIE)
    if signed_in.device:
        put(response, request, DEVICE_COOKIE, signed_in.device, seconds=YEAR)
    return remember(response, request, signed_in.secret)


def half_way(response: Response, signed_in: SignedIn) -> Response:
    """Hand a session to the browser whose second proof is awaited."""
    return put(response, request, HALF_WAY_COOKIE, signed_in.secret, strict=False)


def secret() -> str:
    """Return the secret of the present session."""
    return read(request, COOKIE)


def wanted() -> str:
    """Return where somebody wants to go on to: a page of this site."""
    return here(request.values.get("next", "/"))


def with_form(response: Response, token: str) -> Response:
    """Keep a form's token in the browser that the form was shown to."""
    return put(response, request, FORM_COOKIE, token, strict=True)


def form_token() -> str:
    """Return the token of this browser's forms at the door, a new one where it has none."""
    return read(request, FORM_COOKIE) or token_urlsafe(24)


def to(address: str) -> Response:
    """Send the browser on, after a form as after a link."""
    return redirect(address, code=303)  # type: ignore[return-value]


Routes = tuple[tuple[str, str, str, Callable[..., Response]], ...]
"""Method, path, endpoint and view."""
