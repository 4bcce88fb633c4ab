"""What is known of one person: shown, given to them as a file, and erased by a job."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify, request

from engine.errors import NotFound
from metamodel.model import Entity
from ui.blueprints.page import Site
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.admin.personal import personal_page, personal_url


def _personal(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    kind = _kind(screen, entity)
    subject = screen.services.erasures.preview(screen.ctx, kind.key, record)
    found = screen.services.reader.get(screen.ctx, kind.key, [record])[0]
    begun, erasures = request.args.get("erasure", type=UUID), screen.services.erasures
    erasure = erasures.state(screen.ctx, begun) if begun else erasures.of(screen.ctx, record)
    if erasure is not None and erasure.record != record:
        raise NotFound(erasure=str(begun))
    page = personal_page(screen, kind, found.title, subject, erasure)
    return site.show("admin/personal.html", page, language=screen.language)


def _personal_file(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    kind = _kind(screen, entity)
    pieces = screen.services.person_files.export(screen.ctx, kind.key, record)
    response = Response(pieces, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{entity}-{record}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _erase_person(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    kind = _kind(screen, entity)
    here = personal_url(screen, kind, record)
    return once(
        screen.services,
        request,
        screen.ctx,
        lambda ctx: screen.services.erasures.begin(ctx, kind.key, record, job={}),
        lambda _, begun: jsonify({"location": f"{here}?erasure={begun.id}"}),
    )


PERSONAL = (
    ("GET", "/people/data/<entity>/<uuid:record>", _personal),
    ("GET", "/people/data/<entity>/<uuid:record>/file", _personal_file),
    ("POST", "/people/data/<entity>/<uuid:record>/erase", _erase_person),
)


def _kind(screen: Screen, entity: str) -> Entity:
    kind = screen.ctx.model.entity_named(entity)
    if kind is None or kind.system:
        raise NotFound(entity=entity)
    return kind
