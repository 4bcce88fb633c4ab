"""Public pools on screen: looking, claiming one or many, giving back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.errors import FieldError, NotFound, RecordRefused
from metamodel.duties import Pool
from metamodel.model import Entity
from ui.blueprints.page import Site
from ui.blueprints.records import RECORD, entity_of
from ui.blueprints.routing import Route, add_pages
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.asked import Asked
from ui.viewmodels.pools import give_back_dialog, pool_page, pool_record, pool_rows, told
from workflow.pools.taking import Claimed

POOL = "/<tenant>/pools/<pool>"


def create_pools(site: Site) -> Blueprint:
    """Return the routes of public pools."""
    blueprint = Blueprint("pools", __name__)
    routes: tuple[Route, ...] = (
        ("GET", POOL, _list),
        ("POST", f"{POOL}/claim", _claim_many),
        ("POST", f"{POOL}/claim/next", _claim_next),
        ("GET", f"{POOL}/<uuid:record>", _look),
        ("POST", f"{POOL}/<uuid:record>/claim", _claim),
        ("GET", f"{RECORD}/give-back/<pool>", _ask_why),
        ("POST", f"{RECORD}/give-back/<pool>", _give_back),
    )
    add_pages(blueprint, site, routes)
    return blueprint


def _list(site: Site, screen: Screen, pool: str) -> Response:
    found = screen.services.pools.pool(screen.ctx, pool)
    args = request.args
    asked = Asked(text=args.get("q", "").strip(), cursor=args.get("cursor", ""))
    if asked.cursor:
        rows = pool_rows(screen, found, asked)
        return site.show("pages/pool_rows.html", rows, language=screen.language)
    page = pool_page(screen, found, asked)
    return site.show("pages/pool.html", page, language=screen.language)


def _look(site: Site, screen: Screen, pool: str, record: UUID) -> Response:
    found = screen.services.pools.pool(screen.ctx, pool)
    seen = screen.services.pools.look(screen.ctx, found, record)
    page = pool_record(screen, found, seen)
    return site.show("pages/pool_record.html", page, language=screen.language)


def _claim(site: Site, screen: Screen, pool: str, record: UUID) -> Response:
    found = screen.services.pools.pool(screen.ctx, pool)
    return _claimed(screen, found, [record])


def _claim_next(site: Site, screen: Screen, pool: str) -> Response:
    return _claimed(screen, screen.services.pools.pool(screen.ctx, pool), 1)


def _claim_many(site: Site, screen: Screen, pool: str) -> Response:
    body: Any = request.get_json()
    values = body.get("values", {}) if isinstance(body, dict) else {}
    ids = values.get("ids") if isinstance(values, dict) else None
    found = screen.services.pools.pool(screen.ctx, pool)
    return _claimed(screen, found, _ids(ids))


def _claimed(screen: Screen, pool: Pool, wanted: Sequence[UUID] | int) -> Response:
    """Claim once, and answer where to go: to the record, or back where there were several."""
    several = not isinstance(wanted, int) and len(wanted) > 1

    def answer(done: Claimed) -> Response:
        said = told(screen, done)
        if not done.got:
            response = jsonify({"message": said})
            response.status_code = 409
            return response
        entity = screen.ctx.model.entities[pool.entity].name
        location = (
            screen.url("pools", pool.name) if several else screen.record_url(entity, done.got[0])
        )
        return jsonify({"location": location, "message": said})

    return once(
        screen.services,
        request,
        screen.ctx,
        lambda ctx: screen.services.pools.claim(ctx, pool, wanted),
        lambda _, done: answer(done),
    )


def _ask_why(site: Site, screen: Screen, entity: str, record: UUID, pool: str) -> Response:
    target = entity_of(screen, entity)
    found = _pool_for(screen, target, record, pool)
    dialog = give_back_dialog(screen, found, target, record)
    return site.show("dialogs/give_back.html", dialog, language=screen.language)


def _give_back(site: Site, screen: Screen, entity: str, record: UUID, pool: str) -> Response:
    target = entity_of(screen, entity)
    found = _pool_for(screen, target, record, pool)
    body: Any = request.get_json()
    values = body.get("values", {}) if isinstance(body, dict) else {}
    reason = str(values.get("reason") or "") if isinstance(values, dict) else ""
    said = screen.words.say("Given back to “{pool}”", pool=screen.label(found.label))
    location = screen.url("records", target.name)
    return once(
        screen.services,
        request,
        screen.ctx,
        lambda ctx: screen.services.pools.give_back(ctx, found, record, reason),
        lambda _, done: jsonify({"location": location, "message": said}),
    )


def _pool_for(screen: Screen, entity: Entity, record: UUID, name: str) -> Pool:
    """Return a pool that the person may give a record back to."""
    screen.services.reader.get(screen.ctx, entity.key, [record])
    pools = screen.services.pools.takes(screen.ctx, entity.key, record)
    found = next((each for each in pools if each.name == name), None)
    if found is None:
        raise NotFound(pool=name)
    return found


def _ids(sent: object) -> list[UUID]:
    """Return the records that are named; raise `RecordRefused` for what is no id, or none."""
    named = sent if isinstance(sent, list) else []
    if not named:
        raise RecordRefused([FieldError("required", ("ids",))])
    try:
        return [UUID(str(each)) for each in named]
    except ValueError:
        wrong = next(each for each in named if not _is_id(each))
        raise RecordRefused([FieldError("invalid_id", ("ids",), {"value": str(wrong)})]) from None


def _is_id(text: object) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True
