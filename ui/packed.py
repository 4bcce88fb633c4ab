"""Packs pages for the line: a list of fifty records is a sixth of its size on the way.

A page that was packed can be guessed at from outside by its length, where somebody can have a text
of theirs put beside its secrets, again and again. So only what a page of ours, or the person
themselves, asked for is packed; what another site leads to comes as it is.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

from ui.gate import OWN

SMALLEST = 1_400
"""Bytes that fill one packet: fewer are not waited for any less."""

LEVEL = 2
"""How hard it is tried: more takes several times as long and saves a tenth."""

TYPES = frozenset(
    {"text/html", "text/javascript", "text/css", "application/json", "application/manifest+json"}
)


def pack_pages(app: Flask) -> None:
    """Pack every answer that is worth it, for browsers that can read it."""
    app.after_request(_packed)


def _packed(response: Response) -> Response:
    if response.mimetype not in TYPES or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    if not _own() or "Content-Encoding" in response.headers or "ETag" in response.headers:
        return response
    content = response.get_data()
    if len(content) >= SMALLEST:
        response.set_data(gzip.compress(content, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _own() -> bool:
    """Whether a browser asks that can read it, and says that nobody else's page made it ask."""
    own = request.headers.get("Sec-Fetch-Site") in OWN
    return own and request.accept_encodings.quality("gzip") > 0
