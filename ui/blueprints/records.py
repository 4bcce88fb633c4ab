"""Records on screen: lists, boards, forms, a record's page, and what is done to records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.changes import Change
from engine.context import Context
from engine.desk import NEW
from engine.doors import Edit
from engine.errors import NotFound, RecordRefused, VersionConflict
from engine.query.spec import LinkValue, Record
from engine.views import MOST_GROUPS
from metamodel.flows import Pipeline, Stage
from metamodel.model import Entity
from ui.blueprints.drawing import show_view
from ui.blueprints.page import Answer, Site
from ui.blueprints.refusals import field_errors
from ui.blueprints.routing import Route, add_pages
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.asked import Asked
from ui.viewmodels.conflicts import conflict
from ui.viewmodels.history import Wanted, history_view
from ui.viewmodels.inputs import Given, enterable
from ui.viewmodels.lists import list_count, list_page, list_part, list_totals
from ui.viewmodels.looking import look
from ui.viewmodels.pages import form_page, form_view, record_page, trash_page
from ui.viewmodels.record import record_view
from ui.viewmodels.related import related_rows
from ui.viewmodels.shell import may
from ui.viewmodels.stages import move_dialog, stage_named

RECORDS = "/<tenant>/records/<entity>"
RECORD = f"{RECORDS}/<uuid:record>"


def create_records(site: Site) -> Blueprint:
    """Return the routes of records."""
    blueprint = Blueprint("records", __name__)
    routes: tuple[Route, ...] = (
        ("GET", RECORDS, _list),
        ("POST", RECORDS, _create),
        ("GET", f"{RECORDS}/count", _count),
        ("GET", f"{RECORDS}/totals", _totals),
        ("GET", f"{RECORDS}/new", _new),
        ("GET", f"{RECORDS}/trash", _trash),
        ("GET", RECORD, _read),
        ("POST", RECORD, _update),
        ("GET", f"{RECORD}/edit", _edit),
        ("GET", f"{RECORD}/history", _history),
        ("GET", f"{RECORD}/related/<collection>", _more_related),
        ("POST", f"{RECORD}/delete", _delete),
        ("POST", f"{RECORD}/restore", _restore),
        ("GET", f"{RECORD}/move/<pipeline>/<stage>", _ask_move),
        ("POST", f"{RECORD}/move/<pipeline>/<stage>", _move),
        ("POST", f"{RECORD}/convert/<name>", _convert),
    )
    add_pages(blueprint, site, routes, with_entity)
    return blueprint


def with_entity(site: Site, answer: Answer) -> Answer:
    """Hand an answer the entity of its path instead of the entity's name."""

    @wraps(answer)
    def view(screen: Screen, *, entity: str, **path: Any) -> Response:
        return answer(site, screen, entity_of(screen, entity), **path)

    return view


def entity_of(screen: Screen, name: str) -> Entity:
    """Return the live entity of this name; the engine's own tables are nobody's business."""
    entity = screen.ctx.model.entity_named(name)
    if entity is None or entity.system:
        raise NotFound(entity=name)
    return entity


def _list(site: Site, screen: Screen, entity: Entity) -> Response:
    if not may(screen, "read", entity.key):
        raise NotFound(entity=entity.name)
    asked = asked_of()
    looking = look(screen, entity, asked)
    if asked.cursor or asked.inside:
        part = list_part(screen, entity, looking, asked)
        return site.show("pages/list_rows.html", part, language=screen.language)
    shown = show_view(site, screen, entity, looking.view, asked)
    if shown is not None:
        return shown
    page = list_page(screen, entity, looking, asked)
    return site.show("pages/list.html", page, language=screen.language)


def _count(site: Site, screen: Screen, entity: Entity) -> Response:
    """Answer how many records a list holds: to a thousand, or with `exact=1` all of them."""
    if not may(screen, "read", entity.key):
        raise NotFound(entity=entity.name)
    count = list_count(screen, entity, asked_of(), exact=request.args.get("exact") == "1")
    return jsonify({"text": count.text, "more": bool(count.url)})


def _totals(site: Site, screen: Screen, entity: Entity) -> Response:
    """Answer what stands under the columns of a list, by path."""
    if not may(screen, "read", entity.key):
        raise NotFound(entity=entity.name)
    return jsonify(list_totals(screen, entity, asked_of()))


def asked_of() -> Asked:
    """Return what the address of a list asks for."""
    inside = request.args.get("inside", "")
    return Asked(
        view=request.args.get("view", ""),
        text=request.args.get("q", "").strip(),
        filter=request.args.get("filter", "").strip(),
        sort=request.args.get("sort", ""),
        cursor=request.args.get("cursor", ""),
        of=request.args.get("of", ""),
        unconverted=request.args.get("unconverted", ""),
        mark=request.args.get("mark", ""),
        group=request.args.get("group", ""),
        inside=min(int(inside), MOST_GROUPS) if inside.isdecimal() else 0,
    )


def _new(site: Site, screen: Screen, entity: Entity) -> Response:
    decision = screen.services.access.decide(screen.ctx, "create", entity=entity.key, record=None)
    if not decision.allowed:
        raise NotFound(entity=entity.name)
    return _form(site, screen, entity, None)


def _given(screen: Screen, entity: Entity) -> Mapping[str, Given]:
    """Return what the address already fills in, as `?customer=<id>&name=Acme`.

    Plain values stand as inputs hold them; what the person may not enter is left out.
    """
    writable = screen.services.access.writable(screen.ctx, entity.key)
    found: dict[str, Given] = {}
    for name, text in request.args.items():
        field = entity.field_named(name)
        if field is None or not enterable(field, writable):
            continue
        if field.link is None:
            found[name] = text
        elif len(field.link.to) == 1:
            target = screen.ctx.model.entities[field.link.to[0]]
            record = screen.services.reader.get(screen.ctx, target.key, [_uuid(text)])[0]
            found[name] = LinkValue(target.name, record.id, record.title)
    return found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(id=text) from None


def _get(screen: Screen, entity: Entity, record: UUID) -> Record:
    return screen.services.reader.get(screen.ctx, entity.key, [record])[0]


def _read(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    found = _get(screen, entity, record)
    if _in_drawer():
        view = record_view(screen, entity, found)
        return site.show("pages/record_drawer.html", view, language=screen.language)
    page = record_page(screen, entity, found)
    return site.show("pages/record.html", page, language=screen.language)


def _edit(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    return _form(site, screen, entity, _get(screen, entity, record))


def _form(site: Site, screen: Screen, entity: Entity, record: Record | None) -> Response:
    """Answer the form of a record, or of a new one with what the address chooses for it."""
    named = "quick_create" if request.args.get("form") == "quick_create" else "default"
    given = {} if record else _given(screen, entity)
    form = form_view(screen, entity, record, given, form=named)
    if _in_drawer():
        return site.show("pages/form_drawer.html", form, language=screen.language)
    return site.show("pages/form.html", form_page(screen, form), language=screen.language)


def _in_drawer() -> bool:
    """Return whether only the part is wanted that a drawer beside a list shows."""
    return "drawer" in request.args


def _create(site: Site, screen: Screen, entity: Entity) -> Response:
    values = _values()
    answer = _once(
        screen,
        lambda ctx: screen.services.writer.create(ctx, entity.key, [values]),
        lambda change: {"location": screen.record_url(entity.name, change.ids[0])},
    )
    return _saved(screen, entity, NEW, answer)


def _update(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    body = request.get_json()
    values = _values()
    edit = Edit(record, values, body.get("version") if isinstance(body, dict) else None)
    try:
        answer = _once(
            screen,
            lambda ctx: screen.services.writer.update(ctx, entity.key, [edit]),
            lambda _: {"location": screen.record_url(entity.name, record)},
        )
        return _saved(screen, entity, record, answer)
    except VersionConflict:
        current = _get(screen, entity, record)
        response = jsonify(conflict(screen, entity, current, values))
        response.status_code = 409
        return response


def _saved(screen: Screen, entity: Entity, record: UUID, answer: Response) -> Response:
    """Forget the draft of what was saved."""
    if answer.status_code == 200:
        screen.services.desk.discard(screen.ctx, entity, record)
    return answer


def _once(
    screen: Screen,
    do: Callable[[Context], Change],
    answer: Callable[[Change], Mapping[str, str]],
) -> Response:
    """Write once, however often the form is sent, and answer where to go."""
    try:
        return once(
            screen.services, request, screen.ctx, do, lambda _, change: jsonify(answer(change))
        )
    except RecordRefused as refused:
        if _form_is_current(screen):
            raise
        return _changed_form(screen, refused)


def _form_is_current(screen: Screen) -> bool:
    """Return whether what was sent comes from a form of the present revision."""
    body = request.get_json()
    revision = body.get("revision") if isinstance(body, dict) else None
    return revision is None or revision == screen.ctx.revision


def _changed_form(screen: Screen, refused: RecordRefused) -> Response:
    """Answer that the app was reshaped while somebody filled in its form."""
    said = screen.words.say("The form has changed since you opened it; what you typed is kept.")
    errors = field_errors(refused.errors, screen.language)
    response = jsonify({"message": said, "errors": errors, "reload": True})
    response.status_code = 422
    return response


def _values() -> Mapping[str, Any]:
    body = request.get_json()
    values = body.get("values", {}) if isinstance(body, dict) else {}
    return values if isinstance(values, dict) else {}


def _delete(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    return _once(
        screen,
        lambda ctx: screen.services.writer.delete(ctx, entity.key, [record]),
        lambda _: {
            "location": screen.url("records", entity.name),
            "undo": screen.record_url(entity.name, record, "restore"),
            "message": screen.words.say("Moved to the trash"),
        },
    )


def _restore(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    return _once(
        screen,
        lambda ctx: screen.services.writer.restore(ctx, entity.key, [record]),
        lambda _: {"location": screen.record_url(entity.name, record)},
    )


def _trash(site: Site, screen: Screen, entity: Entity) -> Response:
    return site.show("pages/trash.html", trash_page(screen, entity), language=screen.language)


def _history(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    before = request.args.get("before", "")
    wanted = Wanted(request.args.get("kind", ""), _uuid(before) if before else None)
    view = history_view(screen, entity, record, wanted)
    # Older events join those that are there; everything else is there already.
    template = "pages/history_older.html" if before else "pages/history.html"
    return site.show(template, view, language=screen.language)


def _more_related(
    site: Site, screen: Screen, entity: Entity, record: UUID, collection: str
) -> Response:
    view, cursor = request.args.get("view", ""), request.args.get("cursor", "")
    found = _get(screen, entity, record)
    rows = related_rows(screen, entity, found, collection, view=view, cursor=cursor)
    return site.show("pages/related_rows.html", rows, language=screen.language)


def _stage(entity: Entity, pipeline: str, stage: str) -> tuple[Pipeline, Stage]:
    found = next((p for p in entity.pipelines.values() if p.name == pipeline), None)
    entered = stage_named(found, stage) if found is not None else None
    if found is None or entered is None:
        raise NotFound(stage=stage)
    return found, entered


def _ask_move(
    site: Site, screen: Screen, entity: Entity, record: UUID, pipeline: str, stage: str
) -> Response:
    flow, entered = _stage(entity, pipeline, stage)
    dialog = move_dialog(screen, entity, _get(screen, entity, record), flow, entered)
    if dialog is None:
        return Response(status=204)
    return site.show("pages/move_dialog.html", dialog, language=screen.language)


def _move(
    site: Site, screen: Screen, entity: Entity, record: UUID, pipeline: str, stage: str
) -> Response:
    flow, entered = _stage(entity, pipeline, stage)
    values = _values()
    return _once(
        screen,
        lambda ctx: screen.services.writer.move(
            ctx, entity.key, [record], pipeline=flow.name, to=entered.name, values=values
        ),
        lambda _: {"location": screen.record_url(entity.name, record)},
    )


def _convert(site: Site, screen: Screen, entity: Entity, record: UUID, name: str) -> Response:
    return _once(
        screen,
        lambda ctx: screen.services.writer.convert(ctx, entity.key, record, name),
        lambda change: {
            "location": _made(screen, change) or screen.record_url(entity.name, record)
        },
    )


def _made(screen: Screen, change: Change) -> str:
    """Return the page of the first record that a conversion made, "" where none has one."""
    for entry in change.records:
        if entry.operation == "create" and _own_page(screen, entry.entity):
            return screen.record_url(screen.ctx.model.entities[entry.entity].name, entry.id)
    return ""


def _own_page(screen: Screen, entity: str) -> bool:
    made = screen.ctx.model.entities[entity]
    return made.child_of is None and not made.system
