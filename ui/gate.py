"""What every request must pass before anybody answers it, and what every answer carries."""

from __future__ import annotations

from typing import IO
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, request

from ui.blueprints.api import PREFIX
from ui.session import CsrfMissing
from ui.settings import UiSettings

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Nothing from elsewhere, nothing inline: a value that slips into a page unescaped stays text."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(self)",
    "Cache-Control": "no-store",
}

HTTPS_ONLY = "max-age=31536000"

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

OWN = frozenset({"same-origin", "none"})
"""Where a browser says a request began: on a page of ours, or with the person themselves."""

FORMS = frozenset({"", "application/json", "application/x-www-form-urlencoded"})
"""Bodies that are read into memory as a whole."""

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""What machines ask by address rather than by name."""


class CountedBody:
    """A body that is refused (413) at the first byte above `most`."""

    def __init__(self, inner: IO[bytes], most: int) -> None:
        self._inner = inner
        self._left = most

    def read(self, size: int = -1) -> bytes:
        """Return what has come, at most `size` bytes."""
        found = self._inner.read(self._left + 1 if size < 0 else size)
        self._left -= len(found)
        if self._left < 0:
            abort(413)
        return found


class ForeignOrigin(CsrfMissing):
    """A change that a page of another site asked for, whatever token it brought."""


def guard(app: Flask, settings: UiSettings) -> None:
    """Let only such requests in as may be answered, and send every answer out protected."""

    @app.before_request
    def look() -> None:
        _require_host(settings.allowed_hosts)
        _require_room(settings)
        if request.method not in SAFE and not _by_token(request):
            _require_own_page(request)

    app.after_request(_protect)


def _require_host(allowed: frozenset[str]) -> None:
    """Refuse a request to a name that is not ours, as one whose name was rebound to us has."""
    if not allowed or request.path in PROBES:
        return
    host = request.host.lower()
    if host not in allowed and host.rpartition(":")[0] not in allowed:
        abort(400)


def _require_room(settings: UiSettings) -> None:
    """Refuse a body by the length it says; one that says none is counted while it is read."""
    in_memory = request.mimetype in FORMS
    most = settings.max_body if in_memory else max(settings.max_file, settings.max_body)
    if (request.content_length or 0) > most:
        abort(413)
    request.environ["wsgi.input"] = CountedBody(request.environ["wsgi.input"], most)
    # One byte more, so that the body itself meets its end: the library would cut it off in silence.
    request.max_content_length = most + 1


def _require_own_page(asked: Request) -> None:
    """Raise `ForeignOrigin` where the browser says that another site's page asks."""
    site = asked.headers.get("Sec-Fetch-Site")
    if site is not None and site not in OWN:
        raise ForeignOrigin
    origin = asked.headers.get("Origin")
    if origin is None:
        return
    told = urlsplit(origin)
    if told.netloc.lower() != asked.host.lower() or (asked.is_secure and told.scheme != "https"):
        raise ForeignOrigin


def is_of_own_page(asked: Request) -> bool:
    """Tell whether the browser itself says that a page of ours asks, which no other page can say.

    `guard` has refused those before where it says that another page does.
    """
    return asked.headers.get("Sec-Fetch-Site") == "same-origin" or "Origin" in asked.headers


def _by_token(asked: Request) -> bool:
    """Tell whether a call brings a token of its own: no browser adds that by itself."""
    return asked.path.startswith(PREFIX) and "Authorization" in asked.headers


def _protect(response: Response) -> Response:
    # Only answers of ours set one of these themselves; looking for each of them takes its time.
    own = {name.lower() for name, _ in response.headers}
    response.headers.extend([each for each in HEADERS.items() if each[0].lower() not in own])
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = HTTPS_ONLY
    return response
