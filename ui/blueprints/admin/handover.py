"""Handing over: rules, a preview, the run while one watches, and the report as a file."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

from flask import Response, jsonify, request

from engine.errors import FieldError, NotFound, RecordRefused
from engine.exchange.sinks import Format
from engine.leaving.order import Order, rule_of
from ui.blueprints.attachment import attachment
from ui.blueprints.page import Site
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.admin.handover import handover_page, handover_report, plan_view


def _handover(site: Site, screen: Screen, person: UUID) -> Response:
    found = screen.services.reader.get(screen.ctx, "user", [person])[0]
    page = handover_page(screen, found)
    return site.show("admin/handover.html", page, language=screen.language)


def _plan_handover(site: Site, screen: Screen, person: UUID) -> Response:
    view = plan_view(screen, screen.services.handovers.plan(screen.ctx, _order(person)))
    html = site.renderer.render("admin/handover_plan.html", screen.language, view)
    return jsonify({"html": html, "ready": not view.unruled})


def _start_handover(site: Site, screen: Screen, person: UUID) -> Response:
    order, here = _order(person), screen.url("admin", "people", str(person), "handover")
    return once(
        screen.services,
        request,
        screen.ctx,
        lambda ctx: screen.services.handovers.start(ctx, order, job={"by": ctx.actor.name}),
        lambda _, state: jsonify({"location": f"{here}/{state.id}"}),
    )


def _watch_handover(site: Site, screen: Screen, person: UUID, handover: UUID) -> Response:
    state = screen.services.handovers.state(screen.ctx, handover)
    if state.order.person != person:
        raise NotFound(handover=str(handover))
    report = handover_report(screen, state)
    return site.show("admin/handover_report.html", report, language=screen.language)


def _take_report(site: Site, screen: Screen, person: UUID, handover: UUID) -> Response:
    format_ = next((f for f in get_args(Format) if f == request.args.get("format", "csv")), None)
    if format_ is None:
        raise NotFound
    pieces = screen.services.handovers.report(screen.ctx, handover, format_)
    response = Response(pieces, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = attachment(screen.ctx, "handover", format_)
    return response


HANDOVER = (
    ("GET", "/people/<uuid:person>/handover", _handover),
    ("POST", "/people/<uuid:person>/handover/plan", _plan_handover),
    ("POST", "/people/<uuid:person>/handover", _start_handover),
    ("GET", "/people/<uuid:person>/handover/<uuid:handover>", _watch_handover),
    ("GET", "/people/<uuid:person>/handover/<uuid:handover>/report", _take_report),
)


def _order(person: UUID) -> Order:
    """Return the order that the page sent: its rules, and whether access ends."""
    body = request.get_json()
    rules = body.get("rules", []) if isinstance(body, dict) else []
    if not isinstance(rules, list) or not all(isinstance(each, dict) for each in rules):
        raise RecordRefused([FieldError("handover_rule", ("rules",))])
    read = tuple(rule_of(each, ("rules", at)) for at, each in enumerate(rules))
    return Order(person, read, body.get("disable") is not False)
