"""Addresses in mail that tell when it is opened and a link of it followed; they ask nobody.

Whoever reads gets an answer at once, whatever became of the message: it is noted afterwards.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from flask import Blueprint, Response, redirect, request

from engine.errors import EngineError, NotFound
from ui.blueprints.page import Site
from ui.throttle import Throttle, TooMany
from workflow.messages.following import LINK, PICTURE, Deed, Sign

_LOG = logging.getLogger(__name__)

OFTEN = 6
"""How often in a minute each server process notes that one mail was opened, or followed."""

GIF = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
"""A picture of one point that nobody sees."""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    # Mail is read on pages of others.
    "Cross-Origin-Resource-Policy": "cross-origin",
}

AHEAD = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
"""Headers in which a program says that it reads ahead, for nobody as yet."""

_PROGRAM = re.compile(r"bot\b|crawl|spider|preview|scanner|curl/|wget/|python", re.IGNORECASE)
"""What names of programs say that look at links by themselves."""


def create_following(site: Site) -> Blueprint:
    """Return the routes."""
    blueprint = Blueprint("following", __name__)
    throttle = Throttle(OFTEN)

    def seen() -> Response:
        response = Response(GIF, mimetype="image/gif", headers=HEADERS)
        try:
            sign = site.services.followings.read(PICTURE, request.args.get("key", ""))
        except NotFound:
            return response
        return _noted(site, throttle, response, sign, "opened")

    def follow() -> Response:
        sign = site.services.followings.read(LINK, request.args.get("key", ""))
        response: Response = redirect(sign.target, 302)  # type: ignore[assignment]
        response.headers.update(HEADERS)
        return _noted(site, throttle, response, sign, "clicked")

    blueprint.add_url_rule(PICTURE, "seen", seen, methods=["GET"])
    blueprint.add_url_rule(LINK, "follow", follow, methods=["GET"])
    return blueprint


def _noted(site: Site, throttle: Throttle, response: Response, sign: Sign, deed: Deed) -> Response:
    """Have it noted once the answer has gone, unless a program asked by itself, or just before."""
    if _is_program():
        return response
    try:
        throttle.count(deed, str(sign.message))
    except TooMany:
        return response

    def note() -> None:
        try:
            site.services.followings.note(sign, deed)
        except EngineError as error:
            _LOG.info("That a mail was %s is not noted: %s", deed, error.code)

    response.call_on_close(note)
    return response


def _is_program() -> bool:
    if request.method != "GET":
        return True
    ahead = (request.headers.get(name, "").lower() for name in AHEAD)
    if any("prefetch" in each or "preview" in each for each in ahead):
        return True
    return _PROGRAM.search(request.headers.get("User-Agent", "")) is not None
