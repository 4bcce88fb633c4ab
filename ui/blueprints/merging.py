"""Records that look like one another: said while one is typed, listed, merged, and parted again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.errors import Forbidden, NotFound
from engine.query.spec import Record
from engine.values.wire import field_to_wire
from metamodel.model import Entity
from ui.blueprints.page import Site
from ui.blueprints.records import RECORD, RECORDS, entity_of
from ui.blueprints.routing import Route, add_pages
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.alike import alike_lines, alike_page, merge_page
from ui.viewmodels.shell import may


def create_merging(site: Site) -> Blueprint:
    """Return the routes of duplicates."""
    blueprint = Blueprint("merging", __name__)
    routes: tuple[Route, ...] = (
        ("POST", "/<tenant>/alike/<entity>", _alike),
        ("GET", f"{RECORDS}/duplicates", _duplicates),
        ("GET", f"{RECORD}/merge", _ask),
        ("POST", f"{RECORD}/merge", _merge),
        ("POST", f"{RECORDS}/merges/<uuid:merge>/undo", _undo),
    )
    add_pages(blueprint, site, routes)
    return blueprint


def _alike(site: Site, screen: Screen, entity: str) -> Response:
    target, sent = entity_of(screen, entity), _sent()
    if not (may(screen, "create", target.key) or may(screen, "update", target.key)):
        raise NotFound(entity=entity)
    values = sent.get("values")
    found = screen.services.lookalikes.to(
        screen.ctx,
        target,
        values if isinstance(values, dict) else {},
        _id(str(sent.get("record") or "")),
    )
    return jsonify({"lines": alike_lines(screen, target, found)})


def _duplicates(site: Site, screen: Screen, entity: str) -> Response:
    target = entity_of(screen, entity)
    if not may(screen, "read", target.key):
        raise NotFound(entity=entity)
    page = alike_page(screen, target, screen.services.lookalikes.clusters(screen.ctx, target))
    return site.show("pages/duplicates.html", page, language=screen.language)


def _ask(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    target = entity_of(screen, entity)
    kept, gone = _both(screen, target, record)
    page = merge_page(screen, target, kept, gone)
    return site.show("pages/merge.html", page, language=screen.language)


def _merge(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    target = entity_of(screen, entity)
    kept, gone = _both(screen, target, record)
    for each, action in ((kept, "update"), (gone, "delete")):
        if not screen.services.access.decide(
            screen.ctx, action, entity=target.key, record=each.id
        ).allowed:
            raise Forbidden(action=action, entity=target.name, id=str(each.id))
    chosen = _sent().get("theirs")
    values = {
        field.name: _wire(target, field.key, gone)
        for field in target.fields.values()
        if isinstance(chosen, list) and field.name in chosen and field.key in gone.values
    }
    return once(
        screen.services,
        request,
        screen.ctx,
        lambda ctx: screen.services.merging.merge(ctx, target, kept.id, gone.id, values),
        lambda _, merge: jsonify(
            {
                "location": screen.record_url(target.name, kept.id),
                "message": screen.words.say("Merged into one"),
                "undo": screen.url("records", target.name, "merges", str(merge.id), "undo"),
            }
        ),
    )


def _undo(site: Site, screen: Screen, entity: str, merge: UUID) -> Response:
    target = entity_of(screen, entity)
    undone = screen.services.merging.undo(screen.ctx, merge)
    say = screen.words.say
    said = say("Parted again")
    if undone.kept:
        said = say("Parted again; {count} were changed since and stay.", count=len(undone.kept))
    return jsonify({"location": screen.url("records", target.name, "duplicates"), "message": said})


def _both(screen: Screen, entity: Entity, record: UUID) -> tuple[Record, Record]:
    other = _id(request.args.get("with", ""))
    if other is None:
        raise NotFound(record="")
    kept, gone = screen.services.reader.get(screen.ctx, entity.key, [record, other])
    return kept, gone


def _wire(entity: Entity, key: str, record: Record) -> Any:
    """Return a record's value as a payload takes it. Any: values of every type."""
    field, value = entity.fields[key], record.values[key]
    if field.link is None:
        return field_to_wire(field, value)
    if field.link.many:
        return [str(each.id) for each in value] if isinstance(value, tuple) else []
    found: Any = value
    if found is None:
        return None
    return {"entity": found.entity, "id": str(found.id)} if field.columns else str(found.id)


def _sent() -> dict[str, Any]:
    """Return what was sent. Any: JSON of every shape."""
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound(id=text) from None
