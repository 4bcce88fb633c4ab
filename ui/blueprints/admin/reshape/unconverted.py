"""Values that did not convert: their list, mending one text for all records, closing for good."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify

from engine.conversions import Mended
from engine.messages import sentence
from ui.blueprints.admin.people import values
from ui.blueprints.admin.reshape.drafting import at_input
from ui.blueprints.page import Site
from ui.blueprints.refusals import field_errors
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import drafted
from ui.viewmodels.admin.reshape.unconverted import (
    MOST,
    TEXT,
    conversion_page,
    open_conversion,
    records_words,
    unconverted_page,
)

PLACE = "/versions/unconverted"


def _unconverted(site: Site, screen: Screen) -> Response:
    found = screen.services.conversions.of(screen.ctx)
    page = unconverted_page(screen, drafted(screen), found)
    return site.show("admin/reshape/unconverted.html", page, language=screen.language)


def _unconverted_one(site: Site, screen: Screen, conversion: UUID) -> Response:
    one = open_conversion(screen, conversion)
    texts = screen.services.conversions.texts(screen.ctx, conversion, most=MOST + 1)
    page = conversion_page(screen, drafted(screen), one, texts)
    return site.show("admin/reshape/conversion.html", page, language=screen.language)


def _mend(site: Site, screen: Screen, conversion: UUID) -> Response:
    one, sent = open_conversion(screen, conversion), values()
    name = screen.ctx.model.entities[one.entity].fields[one.field].name
    text, value = sent.get(TEXT), sent.get(name)
    if not isinstance(text, str) or value is None or value == "" or value == []:
        return at_input(name, screen.words.say("Fill in what these records are to have."))
    done = screen.services.conversions.mend(screen.ctx, conversion, text, value)
    if done.refused and not done.done:
        response = jsonify({"errors": field_errors(done.refused, screen.language)})
        response.status_code = 422
        return response
    here = screen.url("admin", "versions", "unconverted", str(conversion))
    return jsonify({"message": _mended(screen, done), "location": here})


def _mended(screen: Screen, done: Mended) -> str:
    """Return how many records took a value, and why others did not."""
    if not done.done:
        return screen.words.say("Nothing says this any more.")
    said = screen.words.say("Filled in: {records}", records=records_words(screen, done.done))
    if not done.refused:
        return said
    why = (sentence(each, screen.language) for each in done.refused)
    others = screen.words.say("Others did not take it: {why}", why=" ".join(why))
    return f"{said}. {others}"


def _close_conversion(site: Site, screen: Screen, conversion: UUID) -> Response:
    sent = values()
    if sent.get("seen") is not True:
        return at_input("seen", screen.words.say("Tick this first: nobody can bring it back."))
    kept = sent.get("kept")
    screen.services.conversions.close(
        screen.ctx, conversion, kept=int(kept) if isinstance(kept, str) and kept.isdecimal() else 0
    )
    return jsonify(
        {
            "message": screen.words.say("Closed"),
            "location": screen.url("admin", "versions", "unconverted"),
        }
    )


UNCONVERTED = (
    ("GET", PLACE, _unconverted),
    ("GET", f"{PLACE}/<uuid:conversion>", _unconverted_one),
    ("POST", f"{PLACE}/<uuid:conversion>/mend", _mend),
    ("POST", f"{PLACE}/<uuid:conversion>/close", _close_conversion),
)
