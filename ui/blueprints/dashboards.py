"""Dashboards: whole, one widget as a file, and the statement behind one for who may see it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, request

from engine.audit.event import Event
from engine.errors import Forbidden, NotFound
from engine.exchange.marks import mark_of
from engine.exchange.sinks import MEDIA, Format, write
from ui.blueprints.attachment import attachment
from ui.blueprints.drawing import drawn_page
from ui.blueprints.page import Site
from ui.blueprints.records import asked_of, entity_of
from ui.blueprints.routing import Route, add_pages
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.asking import asked_by
from ui.viewmodels.dashboards import dashboard_page, drawn_widget
from ui.viewmodels.dashboards.files import sheet_of
from ui.viewmodels.dashboards.generated import generated
from ui.viewmodels.dashboards.page import Shown, keep_filters, shown_dashboard
from ui.viewmodels.dashboards.statements import explained, statements
from ui.viewmodels.looking import look
from ui.viewmodels.rows import sheet
from ui.viewmodels.shell import may

MOST = 20
"""Filters that are kept of one dashboard."""


def create_dashboards(site: Site) -> Blueprint:
    """Return the routes of dashboards and of what they are made of."""
    blueprint = Blueprint("dashboards", __name__)
    routes: tuple[Route, ...] = (
        ("GET", "/<tenant>/dashboards/<name>", _dashboard),
        ("POST", "/<tenant>/dashboards/keep", _keep),
        ("GET", "/<tenant>/records/<entity>/figures", _figures),
        ("GET", "/<tenant>/records/<entity>/statement", _statement),
    )
    add_pages(blueprint, site, routes)
    return blueprint


def _dashboard(site: Site, screen: Screen, name: str) -> Response:
    return answered(site, screen, shown_dashboard(screen, name))


def _keep(site: Site, screen: Screen) -> Response:
    """Keep how somebody leaves a dashboard's filters; an address without any brings them back."""
    body = request.get_json()
    said = body if isinstance(body, dict) else {}
    asked = {str(name)[:60]: str(code)[:100] for name, code in list(said.items())[:MOST] if code}
    key = request.args.get("key", "")[:100]
    return once(
        screen.services,
        request,
        screen.ctx,
        lambda ctx: keep_filters(screen, ctx, key, asked),
        lambda _, __: jsonify({}),
    )


def _figures(site: Site, screen: Screen, entity: str) -> Response:
    return answered(site, screen, generated(screen, entity_of(screen, entity)))


def _statement(site: Site, screen: Screen, entity: str) -> Response:
    """Return the statements behind a list or another view; who looked is told in the audit log."""
    kind = entity_of(screen, entity)
    if not may(screen, "read", kind.key):
        raise NotFound(entity=kind.name)
    asked = asked_of()
    view = look(screen, kind, asked).view
    # What is drawn as a list, and what a browser asks for later on, is said as its list.
    queries = asked_by(screen, lambda noting: drawn_page(noting, kind, view, asked))
    listed = queries or (sheet(screen, kind, view, asked).query(),)
    found = explained(screen, screen.entity_label(kind, plural=True), listed)
    screen.services.audit.note(screen.ctx, Event("sql_seen", kind.key))
    return site.show("components/statements.html", found, language=screen.language)


def answered(site: Site, screen: Screen, shown: Shown) -> Response:
    """Return a dashboard, or what an address asks of one of its widgets: a file, its statement."""
    asked = request.args
    key, wanted = asked.get("widget", ""), asked.get("as", "")
    if not key:
        page = dashboard_page(screen, shown, asked)
        return site.show("pages/dashboard.html", page, language=screen.language)
    if wanted == "sql":
        return _sql(site, screen, shown, key, asked)
    if wanted in ("csv", "xlsx"):
        return _file(screen, shown, key, asked, wanted)
    raise NotFound(widget=key)


def _sql(site: Site, screen: Screen, shown: Shown, key: str, asked: Mapping[str, str]) -> Response:
    """Return the statements behind a widget; who looked is told in the audit log."""
    view = drawn_widget(screen, shown, key, asked)
    found = statements(screen, view)
    detail = {"where": shown.url, "widget": key}
    screen.services.audit.note(screen.ctx, Event("sql_seen", detail=detail))
    return site.show("components/statements.html", found, language=screen.language)


def _file(
    screen: Screen, shown: Shown, key: str, asked: Mapping[str, str], wanted: str
) -> Response:
    """Return the figures of a widget as a file."""
    view = drawn_widget(screen, shown, key, asked)
    if not view.exports:
        raise Forbidden(action="export")
    header, rows = sheet_of(view)
    format_: Format = "csv" if wanted == "csv" else "xlsx"
    body = b"".join(write(format_, header, rows, mark_of(screen.ctx, view.label)))
    detail = {"where": shown.url, "widget": key, "format": format_, "rows": len(rows)}
    screen.services.audit.note(screen.ctx, Event("exported", detail=detail))
    headers = {"Content-Disposition": attachment(screen.ctx, view.label or key, format_)}
    return Response(body, mimetype=MEDIA[format_], headers=headers)
