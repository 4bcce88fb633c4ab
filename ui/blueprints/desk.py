"""What lies open: who else is here, and what was typed and not saved yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.desk import NEW
from engine.errors import NotFound
from ui.blueprints.page import Site
from ui.blueprints.records import entity_of
from ui.screen import Screen
from ui.viewmodels.desk import people_here

DESK = "/<tenant>/desk/<entity>"

LAST_VERSION = 2**31
"""More often than this no record was changed."""

VISIT = re.compile("[0-9a-f]{32}")


def create_desk(site: Site) -> Blueprint:
    """Return the routes of what lies open."""
    blueprint = Blueprint("desk", __name__)
    routes: tuple[tuple[str, str, Callable[..., Response]], ...] = (
        ("POST", f"{DESK}/<uuid:record>/here", _here),
        ("POST", f"{DESK}/<uuid:record>/away", _away),
        ("POST", f"{DESK}/<uuid:record>/draft", _keep),
        ("POST", f"{DESK}/<uuid:record>/discard", _discard),
        ("POST", f"{DESK}/new/away", partial(_away, record=NEW)),
        ("POST", f"{DESK}/new/draft", partial(_keep, record=NEW)),
        ("POST", f"{DESK}/new/discard", partial(_discard, record=NEW)),
    )
    for method, path, answer in routes:
        blueprint.add_url_rule(
            path,
            endpoint=path.removeprefix(DESK).replace("/", "_").strip("_").replace("<uuid:", "<"),
            view_func=site.page(_view(answer)),
            methods=[method],
        )
    return blueprint


def _view(answer: Callable[..., Response]) -> Callable[..., Response]:
    @wraps(getattr(answer, "func", answer))
    def view(screen: Screen, **path: Any) -> Response:
        return answer(screen, **path)

    return view


def _here(screen: Screen, entity: str, record: UUID) -> Response:
    editing = bool(_sent().get("editing"))
    found = screen.services.desk.look(
        screen.ctx, entity_of(screen, entity), record, editing=editing, visit=_visit(_sent())
    )
    return jsonify({"people": people_here(screen, found)})


def _away(screen: Screen, entity: str, record: UUID) -> Response:
    target = entity_of(screen, entity)
    screen.services.desk.leave(screen.ctx, target, record, visit=_visit(request.form))
    return Response(status=204)


def _keep(screen: Screen, entity: str, record: UUID) -> Response:
    sent = _sent()
    typed, version = sent.get("draft"), sent.get("version")
    target = entity_of(screen, entity)
    if (
        record == NEW
        and not screen.services.access.decide(
            screen.ctx, "create", entity=target.key, record=None
        ).allowed
    ):
        raise NotFound(entity=entity)
    screen.services.desk.keep(
        screen.ctx, target, record,
        typed if isinstance(typed, dict) else {},
        version if type(version) is int and 0 < version < LAST_VERSION else None,
        _visit(sent),
    )  # fmt: skip
    return Response(status=204)


def _discard(screen: Screen, entity: str, record: UUID) -> Response:
    screen.services.desk.discard(screen.ctx, entity_of(screen, entity), record)
    return Response(status=204)


def _visit(sent: Mapping[str, Any]) -> str:
    """Return the page's own name for its being open, blank for what is none."""
    visit = sent.get("visit")
    return visit if isinstance(visit, str) and VISIT.fullmatch(visit) else ""


def _sent() -> dict[str, Any]:
    """Return what was sent. Any: JSON of every shape."""
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}
