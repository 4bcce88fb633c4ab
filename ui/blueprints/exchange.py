"""Files into a list: the page, and what a file's columns are before it is taken in."""

from __future__ import annotations

from functools import partial, wraps

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from engine.errors import NotFound
from engine.exchange.sources import Origin, open_source
from metamodel.model import Entity
from ui.blueprints.page import Site
from ui.blueprints.records import RECORDS, entity_of
from ui.screen import Screen
from ui.viewmodels.exchange import columns_view, import_page, import_url


def create_exchange(site: Site) -> Blueprint:
    """Return the routes of imports; the file itself goes through the API."""
    blueprint = Blueprint("exchange", __name__)
    routes = (("GET", f"{RECORDS}/import", _page), ("POST", f"{RECORDS}/import/columns", _columns))
    for method, path, answer in routes:
        blueprint.add_url_rule(
            path,
            endpoint=answer.__name__.strip("_"),
            view_func=site.page(wraps(answer)(partial(answer, site))),
            methods=[method],
        )
    return blueprint


def _page(site: Site, screen: Screen, entity: str) -> Response:
    page = import_page(screen, _allowed(screen, entity))
    return site.show("pages/import.html", page, language=screen.language)


def _columns(site: Site, screen: Screen, entity: str) -> Response:
    found = _allowed(screen, entity)
    upload = request.files.get("file")
    if upload is None:
        raise BadRequest
    source = open_source(Origin(upload.filename or "", upload.read()))
    view = columns_view(screen, found, source)
    html = site.renderer.render("pages/import_columns.html", screen.language, view)
    return jsonify({"html": html})


def _allowed(screen: Screen, name: str) -> Entity:
    entity = entity_of(screen, name)
    if not import_url(screen, entity):
        raise NotFound(entity=name)
    return entity
