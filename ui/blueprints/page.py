"""How a page is answered: a session, a context, one view; changes only with their token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from flask import Response, request

from engine.context import Cause, Context
from ui.choices import choices_of
from ui.cookies import read
from ui.formats import Formats
from ui.previewing import as_seen
from ui.rendering import Renderer
from ui.screen import Screen
from ui.services import Services, SignedIn
from ui.session import LANGUAGE_COOKIE, origin_of, require_csrf, session_of
from ui.settings import UiSettings
from ui.words import LANGUAGES, words_of

SAFE = frozenset({"GET", "HEAD"})

THEMES = ("auto", "light", "dark")

THEME_COOKIE = "joinery_theme"

COLORS = ("teal", "blue", "indigo", "purple", "pink", "red", "orange", "green", "gray")
"""What somebody may have buttons and marks in, instead of the app's own colour."""

COLOR_COOKIE = "joinery_color"

PERSON_HEADER = "Joinery-Person"
"""Says whose a page is, without a name: a browser that keeps pages keeps one person's alone."""

Answer = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Site:
    """What every blueprint of pages is built from."""

    services: Services
    settings: UiSettings
    renderer: Renderer

    def page(self, answer: Answer) -> Callable[..., Response]:
        """Return the Flask view of `answer(screen, **path)`, run on a context of its tenant."""

        @wraps(answer)
        def view(tenant: str, **path: Any) -> Response:
            signed_in = session_of(self.services, request)
            if request.method not in SAFE:
                require_csrf(request, signed_in)
            language = language_of(signed_in)
            ctx = self.services.contexts.make(
                tenant,
                signed_in.account.id,
                language=language,
                cause=Cause("form"),
                origin=origin_of(request, str(signed_in.id)),
                session=signed_in,
            )
            seen = as_seen(self.services, request, ctx)
            response = self.services.contexts.run(
                seen, lambda fresh: answer(self.screen(fresh, signed_in), **path)
            )
            if response.mimetype == "text/html":
                response.headers[PERSON_HEADER] = self._whose(signed_in)
            return response

        return view

    def _whose(self, signed_in: SignedIn) -> str:
        """Return by what a browser tells the pages of one person from those of another."""
        key = self.services.secret_key.encode()[:64]
        return blake2b(signed_in.account.id.bytes, digest_size=12, key=key).hexdigest()

    def screen(self, ctx: Context, signed_in: SignedIn) -> Screen:
        """Return the screen of a signed-in person on a context."""
        words = words_of(ctx.language)
        choices = choices_of(self.services.preferences.of(ctx), f"/{quote(ctx.tenant.name)}")
        zone = choices.zone or ctx.moment.zone
        return Screen(
            ctx=ctx,
            services=self.services,
            signed_in=signed_in,
            words=words,
            formats=Formats(words.language, zone, ctx.model.app.currency),
            theme=theme_of(),
            color=color_of(ctx.model.app.color),
            choices=choices,
        )

    def show(self, template: str, view: Any, *, language: str, status: int = 200) -> Response:
        """Render a view model as a page."""
        return Response(
            self.renderer.render(template, language, view), status=status, mimetype="text/html"
        )


def language_of(signed_in: SignedIn | None = None) -> str:
    """Return the language to speak: the cookie's, the person's own, or the browser's."""
    chosen = read(request, LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    own = signed_in.account.language if signed_in is not None else ""
    return own if own in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "en"


def theme_of() -> str:
    """Return the person's choice of light and dark."""
    chosen = read(request, THEME_COOKIE)
    return chosen if chosen in THEMES else "auto"


def color_of(own: str) -> str:
    """Return the person's choice of colour, else the app's own; blank: the product's."""
    chosen = read(request, COLOR_COOKIE)
    return chosen if chosen in COLORS else own
