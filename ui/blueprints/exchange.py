"""Files into a list, step by step: kept, looked at, matched, rehearsed, begun, taken back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from engine.doors import Payload
from engine.errors import NotFound
from engine.exchange.sources import Origin
from engine.exchange.turns import Chosen
from metamodel.model import Entity
from ui.blueprints.page import Site
from ui.blueprints.records import RECORDS, entity_of
from ui.blueprints.routing import Route, add_pages
from ui.screen import Screen
from ui.viewmodels.exchange import import_url
from ui.viewmodels.importing import alike_view, columns_view, import_page, values_view
from ui.viewmodels.imports import import_view, imports_page, result_view

IMPORT = f"{RECORDS}/import"
ONE = f"{IMPORT}/<uuid:record>"

MODES = ("insert", "upsert", "update")

Answer = Callable[..., Response]


def create_exchange(site: Site) -> Blueprint:
    """Return the routes of imports."""
    blueprint = Blueprint("exchange", __name__)
    routes: tuple[Route, ...] = (
        ("GET", "/<tenant>/imports", _imports),
        ("GET", IMPORT, _page),
        ("POST", f"{IMPORT}/file", _file),
        ("GET", ONE, _one),
        ("POST", f"{ONE}/columns", _columns),
        ("POST", f"{ONE}/values", _values),
        ("POST", f"{ONE}/alike", _alike),
        ("POST", f"{ONE}/rehearse", _rehearse),
        ("POST", f"{ONE}/begin", _begin),
        ("POST", f"{ONE}/pause", _pause),
        ("POST", f"{ONE}/resume", _resume),
        ("POST", f"{ONE}/cancel", _cancel),
        ("POST", f"{ONE}/undo", _undo),
    )
    add_pages(blueprint, site, routes)
    return blueprint


def _imports(site: Site, screen: Screen) -> Response:
    page = imports_page(screen, screen.services.guided.listed(screen.ctx))
    return site.show("pages/imports.html", page, language=screen.language)


def _page(site: Site, screen: Screen, entity: str) -> Response:
    page = import_page(screen, _allowed(screen, entity))
    return site.show("pages/import.html", page, language=screen.language)


def _file(site: Site, screen: Screen, entity: str) -> Response:
    found = _allowed(screen, entity)
    upload = request.files.get("file")
    if upload is None:
        raise BadRequest
    # On disk and not in memory: a file may be as large as an export of a million rows.
    with tempfile.TemporaryDirectory(prefix="joinery-import-") as folder:
        path = Path(folder) / "file"
        upload.save(path)
        origin = Origin(upload.filename or "", path)
        kept = screen.services.guided.keep(screen.ctx, found.name, origin)
    return _looked(site, screen, found, kept, "")


def _columns(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    sheet = str(_sent().get("sheet") or "")
    return _looked(site, screen, _allowed(screen, entity), record, sheet)


def _looked(site: Site, screen: Screen, entity: Entity, kept: UUID, sheet: str) -> Response:
    look = screen.services.guided.look(screen.ctx, kept, sheet=sheet)
    view = columns_view(screen, entity, look)
    here = screen.url("records", entity.name, "import", str(kept))
    return _fragment(site, screen, "pages/import_columns.html", view, url=here)


def _values(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    found = _allowed(screen, entity)
    asked = screen.services.import_questions.unmatched(screen.ctx, record, _chosen())
    view = values_view(screen, found, asked)
    return _fragment(site, screen, "pages/import_values.html", view, any=bool(view.columns))


def _alike(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    found = _allowed(screen, entity)
    asked = screen.services.import_questions.alike(screen.ctx, record, _chosen())
    view = alike_view(screen, found, asked)
    return _fragment(site, screen, "pages/import_alike.html", view, any=bool(view.lines))


def _rehearse(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    found = _allowed(screen, entity)
    state = screen.services.guided.rehearse(screen.ctx, record, _chosen())
    view = result_view(screen, found, state, rehearsed=True)
    return _fragment(site, screen, "pages/import_result.html", view)


def _begin(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    found = _allowed(screen, entity)
    screen.services.guided.begin(screen.ctx, record, _chosen(), job=job_of(screen))
    return jsonify({"location": screen.url("records", found.name, "import", str(record))})


def _one(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    found = _allowed(screen, entity)
    page = import_view(screen, found, screen.services.importer.state(screen.ctx, record))
    return site.show("pages/import_one.html", page, language=screen.language)


def _pause(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    return _turned(screen, entity, record, screen.services.guided.pause)


def _resume(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    go_on = partial(screen.services.guided.resume, job=job_of(screen))
    return _turned(screen, entity, record, go_on)


def _cancel(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    return _turned(screen, entity, record, screen.services.guided.cancel)


def _turned(screen: Screen, entity: str, record: UUID, turn: Callable[..., object]) -> Response:
    found = _allowed(screen, entity)
    turn(screen.ctx, record)
    return jsonify({"location": screen.url("records", found.name, "import", str(record))})


def _undo(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    found = _allowed(screen, entity)
    if screen.services.taking_back.begin(screen.ctx, record, job=job_of(screen)):
        return jsonify({"location": screen.url("records", found.name, "import", str(record))})
    state, kept = screen.services.taking_back.undo(screen.ctx, record)
    view = result_view(screen, found, state, kept=kept)
    return _fragment(site, screen, "pages/import_result.html", view)


def _fragment(
    site: Site, screen: Screen, template: str, view: object, **beside: object
) -> Response:
    html = site.renderer.render(template, screen.language, view)
    return jsonify({"html": html, **beside})


def _sent() -> dict[str, Any]:  # Any: JSON, of which each use takes what it knows
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _chosen() -> Chosen:
    body = _sent()
    mode = body.get("mode", "insert")
    if mode not in MODES:
        raise BadRequest
    return Chosen(str(body.get("map", "")), mode, str(body.get("key", "")))


def job_of(screen: Screen) -> Payload:
    """Return for whom a worker works, and in which language it speaks to them."""
    return {"account": str(screen.signed_in.account.id), "language": screen.language}


def _allowed(screen: Screen, name: str) -> Entity:
    entity = entity_of(screen, name)
    if not import_url(screen, entity):
        raise NotFound(entity=name)
    return entity
