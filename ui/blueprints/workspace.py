"""What is not about one record: home, dashboards, search, pickers, and form scripts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, request

from engine.access.listed import usable_dashboards
from engine.errors import NotFound
from engine.query.spec import Hit, ListQuery
from engine.values.refusals import storable
from metamodel.model import Entity, Field
from ui.blueprints.api import PREFIX, document_of
from ui.blueprints.page import Site
from ui.blueprints.records import entity_of
from ui.blueprints.routing import Route, add_pages
from ui.formulas import script
from ui.screen import Screen
from ui.viewmodels.api import api_page
from ui.viewmodels.creating import offers
from ui.viewmodels.linked import linked_values
from ui.viewmodels.palette import palette_lines
from ui.viewmodels.shell import menu_groups

HITS = 12


def create_workspace(site: Site) -> Blueprint:
    """Return the routes of a tenant's pages that are not about one record."""
    blueprint = Blueprint("workspace", __name__)
    routes: tuple[Route, ...] = (
        ("GET", "/<tenant>/", _home),
        ("GET", "/<tenant>/search", _search),
        ("GET", "/<tenant>/palette", _palette),
        ("POST", "/<tenant>/pick/<entity>/<field>", _pick),
        ("GET", "/<tenant>/pick/<entity>/<uuid:record>", _picked),
        ("GET", "/<tenant>/linked/<entity>/<field>/<uuid:record>", _linked),
        ("GET", f"{PREFIX}<tenant>/", _api),
        ("GET", "/<tenant>/formulas/<entity>.<int:revision>.js", _formulas),
    )
    add_pages(blueprint, site, routes)
    return blueprint


def _api(site: Site, screen: Screen) -> Response:
    page = api_page(screen, document_of(screen.services.access, screen.ctx))
    return site.show("pages/api.html", page, language=screen.language)


def _home(site: Site, screen: Screen) -> Response:
    lines = [line for group in menu_groups(screen) for line in group.lines]
    # What was chosen may be gone, or not be the person's any more.
    if screen.choices.start in (screen.url("inbox"), *(line.url for line in lines)):
        return _to(screen.choices.start)
    dashboards = usable_dashboards(screen.ctx)
    if dashboards:
        return _to(screen.url("dashboards", dashboards[0].name))
    if not lines:
        raise NotFound
    return _to(lines[0].url)


def _search(site: Site, screen: Screen) -> Response:
    text = request.args.get("q", "").strip()
    hits = screen.services.reader.search(screen.ctx, text, limit=HITS) if text else ()
    return jsonify({"hits": [_hit(screen, hit) for hit in hits]})


def _palette(site: Site, screen: Screen) -> Response:
    lines = palette_lines(screen)
    return site.show("pages/palette_lines.html", lines, language=screen.language)


def _pick(site: Site, screen: Screen, entity: str, field: str) -> Response:
    body: Any = request.get_json()
    sent = body if isinstance(body, dict) else {}
    within = entity_of(screen, entity)
    link, this = _link(within, field), sent.get("this")
    text = storable(str(sent.get("text", "")))
    this = this if isinstance(this, dict) else {}
    hits = screen.services.reader.pick(
        screen.ctx, within.key, link.key, text, this=this, limit=HITS
    )
    made = list(offers(screen, within, link, text, this))
    return jsonify({"hits": [_hit(screen, hit) for hit in hits], "offers": made})


def _picked(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    """Answer what a record is called, as a picker shows one that was just made for it."""
    target = entity_of(screen, entity)
    found = screen.services.reader.find(screen.ctx, ListQuery(target.key, among=(record,), limit=1))
    if not found.rows:
        raise NotFound(record=str(record))
    return jsonify({"title": found.rows[0].title})


def _linked(site: Site, screen: Screen, entity: str, field: str, record: UUID) -> Response:
    return jsonify(linked_values(screen, entity_of(screen, entity), {field: record}))


def _formulas(site: Site, screen: Screen, entity: str, revision: int) -> Response:
    response = Response(
        script(screen.ctx.model, entity_of(screen, entity)), mimetype="text/javascript"
    )
    response.headers["Cache-Control"] = (
        "private, max-age=31536000, immutable" if revision == screen.ctx.revision else "no-store"
    )
    return response


def _link(entity: Entity, name: str) -> Field:
    field = entity.field_named(name)
    if field is None or field.link is None:
        raise NotFound(field=name)
    return field


def _hit(screen: Screen, hit: Hit) -> dict[str, object]:
    entity = screen.ctx.model.entities.get(hit.entity) or screen.ctx.model.entity_named(hit.entity)
    if entity is None:
        raise NotFound(entity=hit.entity)
    return {
        "id": str(hit.id),
        "title": hit.title,
        "detail": hit.detail,
        "entity": screen.entity_label(entity),
        "of": entity.name,
        "url": screen.record_url(entity.name, hit.id),
    }


def _to(address: str) -> Response:
    return redirect(address, code=303)  # type: ignore[return-value]
