"""The audit log: narrowed, paged, and taken along as a file."""

from __future__ import annotations

from typing import get_args

from flask import Response, request

from engine.errors import NotFound
from engine.exchange.sinks import Format
from ui.blueprints.attachment import attachment
from ui.blueprints.page import Site
from ui.screen import Screen
from ui.viewmodels.admin.log import LogAsked, log_page, log_rows, question

ASKED = ("person", "kind", "since", "until", "entity", "record", "cursor")


def _log(site: Site, screen: Screen) -> Response:
    asked = _asked()
    if asked.cursor:
        rows = log_rows(screen, asked)
        return site.show("admin/log_rows.html", rows, language=screen.language)
    return site.show("admin/log.html", log_page(screen, asked), language=screen.language)


def _export_log(site: Site, screen: Screen) -> Response:
    format_ = next((f for f in get_args(Format) if f == request.args.get("format", "csv")), None)
    if format_ is None:
        raise NotFound
    pieces = screen.services.audit_reader.export(screen.ctx, question(screen, _asked()), format_)
    response = Response(pieces, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = attachment(screen.ctx, "audit", format_)
    return response


LOG = (("GET", "/log", _log), ("GET", "/log/export", _export_log))


def _asked() -> LogAsked:
    given = {name: request.args.get(name, "") for name in ASKED}
    return LogAsked(text=request.args.get("q", "").strip(), **given)
