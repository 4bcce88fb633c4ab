"""Papers from the screens: the same files as the API's, refused on a page that people read."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.errors import NotFound
from engine.query.spec import FileValue
from ui.blueprints.api.arguments import PaperArguments, PapersArguments, query_of, record_id
from ui.blueprints.api.papers import ids_of
from ui.blueprints.page import Site
from ui.blueprints.records import RECORD, RECORDS, entity_of
from ui.blueprints.routing import Route, add_pages
from ui.once import once
from ui.papers import many_papers, one_paper
from ui.screen import Screen
from ui.viewmodels.documents import previewed
from ui.viewmodels.shell import may

PREVIEW = "/<tenant>/files/<uuid:file>/preview"


def create_papers(site: Site) -> Blueprint:
    """Return the routes of papers: of one record, and of those that somebody chose."""
    blueprint = Blueprint("papers", __name__)
    routes: tuple[Route, ...] = (
        ("GET", f"{RECORD}/documents/<name>", _one),
        ("POST", f"{RECORD}/documents/<name>", _keep),
        ("GET", f"{RECORDS}/documents/<name>", _many),
        ("GET", PREVIEW, _pages),
        ("GET", f"{PREVIEW}/<int:page>", _page),
    )
    add_pages(blueprint, site, routes)
    return blueprint


def _one(site: Site, screen: Screen, entity: str, record: UUID, name: str) -> Response:
    found = entity_of(screen, entity)
    if not may(screen, "read", found.key):
        raise NotFound(entity=entity)
    asked = query_of(request, PaperArguments)
    documents = screen.services.documents
    document = documents.named(screen.ctx, found, name)
    return one_paper(documents, screen.ctx, document, record, asked)


def _keep(site: Site, screen: Screen, entity: str, record: UUID, name: str) -> Response:
    found = entity_of(screen, entity)
    documents = screen.services.documents
    document = documents.named(screen.ctx, found, name)
    language = screen.language

    def kept(_: object, file: FileValue) -> Response:
        said = screen.words.say("{name} is kept with the record", name=file.name)
        return jsonify({"location": screen.record_url(entity, record), "message": said})

    return once(
        screen.services,
        request,
        screen.ctx,
        lambda ctx: documents.keep(ctx, document, record, language=language),
        kept,
    )


def _many(site: Site, screen: Screen, entity: str, name: str) -> Response:
    found = entity_of(screen, entity)
    if not may(screen, "read", found.key):
        raise NotFound(entity=entity)
    asked = query_of(request, PapersArguments)
    documents = screen.services.documents
    document = documents.named(screen.ctx, found, name)
    ids = [record_id(each) for each in ids_of(asked)]
    return many_papers(documents, screen.ctx, document, ids, asked)


def _pages(site: Site, screen: Screen, file: UUID) -> Response:
    """Answer the dialog that shows the pages of a file."""
    shown = previewed(screen, screen.services.files.open(screen.ctx, file))
    return site.show("dialogs/preview.html", shown, language=screen.language)


def _page(site: Site, screen: Screen, file: UUID, page: int) -> Response:
    """Answer one page of a file as a picture that we drew ourselves."""
    opened = screen.services.files.open(screen.ctx, file)
    tag = f"{opened.digest}-{page}"
    if request.if_none_match.contains(tag):
        opened.content.close()
        return Response(status=304)
    response = Response(screen.services.page_pictures.picture(opened, page), mimetype="image/webp")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(tag)
    return response
