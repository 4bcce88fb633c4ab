"""Reports and dashboards that people make: built, kept, shared, put together, taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from engine.context import Context
from engine.errors import NotFound
from engine.query.parse import parse_filter
from engine.values.identity import new_id
from engine.views import SavedView, Wanted
from ui.blueprints.dashboards import answered
from ui.blueprints.page import Site
from ui.blueprints.routing import Route, add_pages
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.dashboards.own import (
    MOST_WIDGETS,
    arranged,
    below,
    parts_of,
    shown_own,
)
from ui.viewmodels.dashboards.page import KIND as DASHBOARD
from ui.viewmodels.reports.deliveries import (
    deliveries_page,
    delivery_dialog,
    wanted_delivery,
)
from ui.viewmodels.reports.page import report_page, report_url, shown_report
from ui.viewmodels.reports.shelf import KIND, shelf_page
from ui.viewmodels.reports.spec import (
    ReportSpec,
    spec_of_address,
    spec_of_kept,
    uses_of,
    widget_of,
)

Made = TypeVar("Made")

SHARINGS = {"mine": "mine", "everyone": "everyone"}


def create_reports(site: Site) -> Blueprint:
    """Return the routes of reports and of dashboards that people make."""
    blueprint = Blueprint("reports", __name__)
    report, own = "/<tenant>/reports/<uuid:report>", "/<tenant>/dashboards/own/<uuid:board>"
    routes: tuple[Route, ...] = (
        ("GET", "/<tenant>/reports", _reports),
        ("POST", "/<tenant>/reports", _keep),
        ("GET", "/<tenant>/reports/new", _new),
        ("GET", report, _report),
        ("POST", report, _change),
        ("POST", f"{report}/delete", _drop),
        ("POST", "/<tenant>/dashboards/own", _make),
        ("POST", "/<tenant>/dashboards/own/put", _put),
        ("GET", "/<tenant>/deliveries", _deliveries),
        ("POST", "/<tenant>/deliveries", _deliver),
        ("POST", "/<tenant>/deliveries/<uuid:delivery>/delete", _end),
        ("GET", own, _own),
        ("POST", own, _arrange),
        ("POST", f"{own}/delete", _take_away),
    )
    add_pages(blueprint, site, routes)
    return blueprint


def _reports(site: Site, screen: Screen) -> Response:
    return site.show("pages/reports.html", shelf_page(screen), language=screen.language)


def _new(site: Site, screen: Screen) -> Response:
    spec = spec_of_address(dict(request.args.lists()))
    if request.args.get("widget"):
        return answered(site, screen, shown_report(screen, spec))
    return site.show("pages/report.html", report_page(screen, spec), language=screen.language)


def _report(site: Site, screen: Screen, report: UUID) -> Response:
    saved = _saved(screen, report, KIND)
    kept = spec_of_kept(saved.spec)
    asked = spec_of_address(dict(request.args.lists()))
    changed = "entity" in request.args and asked != kept
    spec = asked if changed else kept
    if request.args.get("widget"):
        return answered(site, screen, shown_report(screen, spec, saved))
    page = report_page(screen, spec, saved, changed=changed)
    return site.show("pages/report.html", page, language=screen.language)


def _keep(site: Site, screen: Screen) -> Response:
    wanted = _wanted(screen, _values())
    return _once(
        screen,
        lambda ctx: screen.services.saved_views.create(ctx, wanted),
        lambda made: {"location": report_url(screen, made)},
    )


def _change(site: Site, screen: Screen, report: UUID) -> Response:
    before, values = _saved(screen, report, KIND), _values()
    wanted = _wanted(screen, values, before)
    return _once(
        screen,
        lambda ctx: screen.services.saved_views.change(ctx, report, wanted, _version(values)),
        lambda made: {"location": report_url(screen, made)},
    )


def _drop(site: Site, screen: Screen, report: UUID) -> Response:
    _saved(screen, report, KIND)
    return _gone(screen, report)


def _deliveries(site: Site, screen: Screen) -> Response:
    what, title = request.args.get("what", ""), request.args.get("title", "")
    if request.headers.get("Sec-Fetch-Dest") == "document":
        # Somebody opened the address itself: a dialog alone would be no page.
        page = deliveries_page(screen, what, title)
        return site.show("pages/deliveries.html", page, language=screen.language)
    dialog = delivery_dialog(screen, what, title)
    return site.show("dialogs/delivery.html", dialog, language=screen.language)


def _deliver(site: Site, screen: Screen) -> Response:
    """Have somebody sent what they see here; nothing of another person's."""
    values = _values()
    wanted = wanted_delivery(screen, values)
    account = screen.signed_in.account.id
    title = _text(values, "title")[:120] or wanted.what
    return _once(
        screen,
        lambda ctx: screen.services.deliveries.subscribe(ctx, title, wanted, account),
        lambda _: {"message": screen.words.say("It will be sent to you.")},
    )


def _end(site: Site, screen: Screen, delivery: UUID) -> Response:
    def cancel(ctx: Context) -> None:
        screen.services.deliveries.cancel(ctx, delivery)

    message = {"message": screen.words.say("It is sent no more.")}
    return _once(screen, cancel, lambda _: message)


def _own(site: Site, screen: Screen, board: UUID) -> Response:
    return answered(site, screen, shown_own(screen, _saved(screen, board, DASHBOARD)))


def _make(site: Site, screen: Screen) -> Response:
    """Make an empty dashboard, or one of what another one shows."""
    wanted = Wanted(_text(_values(), "title"), {"widgets": []}, kind=DASHBOARD)
    return _once(
        screen,
        lambda ctx: screen.services.saved_views.create(ctx, wanted),
        lambda made: {"location": screen.url("dashboards", "own", str(made.id))},
    )


def _put(site: Site, screen: Screen) -> Response:
    """Put a report onto a dashboard of one's own, a new one where none is chosen."""
    values = _values()
    spec = _spec(values)
    entity = screen.ctx.model.entity_named(spec.entity)
    if entity is None:
        raise NotFound(entity=spec.entity)
    widget = widget_of(screen, entity, spec)
    named = _text(values, "board")
    before = _saved(screen, _uuid(named), DASHBOARD) if named else None
    parts = parts_of(before) if before is not None else []
    part = {
        "key": f"w{new_id(screen.ctx.now).hex[-12:]}",
        "title": _text(values, "title")[:120] or screen.entity_label(entity, plural=True),
        "spec": dict(spec.kept()),
        "at": [0, below(parts), 6, 5] if spec.groups else [0, below(parts), 3, 2],
    }
    if len(parts) >= MOST_WIDGETS:
        raise NotFound(dashboard=named)
    spec_ = {"widgets": [*parts, part]}
    uses = (*(before.uses if before is not None else ()), *uses_of(widget))
    title = _text(values, "board_title") if before is None else before.title
    wanted = Wanted(title or screen.words.say("My dashboard"), spec_, kind=DASHBOARD,
                    uses=tuple(dict.fromkeys(uses)))  # fmt: skip
    return _once(
        screen,
        lambda ctx: _kept(screen, ctx, before, wanted),
        lambda made: {"location": screen.url("dashboards", "own", str(made.id))},
    )


def _arrange(site: Site, screen: Screen, board: UUID) -> Response:
    """Keep where the parts of a dashboard are, what it is called and who sees it."""
    before, values = _saved(screen, board, DASHBOARD), _values()
    sent = values.get("widgets")
    parts = parts_of(before)
    placed = arranged(parts, sent) if isinstance(sent, list) else parts
    sharing = SHARINGS.get(str(values.get("sharing", before.sharing)), "mine")
    title = _text(values, "title") if "title" in values else before.title
    wanted = Wanted(
        title, {"widgets": placed}, kind=DASHBOARD,
        sharing="everyone" if sharing == "everyone" else "mine",
        locked=_is_set(values.get("locked", before.locked)), uses=before.uses,
    )  # fmt: skip
    return _once(
        screen,
        lambda ctx: screen.services.saved_views.change(ctx, board, wanted, _version(values)),
        lambda made: {"location": screen.url("dashboards", "own", str(made.id))},
    )


def _take_away(site: Site, screen: Screen, board: UUID) -> Response:
    _saved(screen, board, DASHBOARD)
    return _gone(screen, board)


def _gone(screen: Screen, id_: UUID) -> Response:
    return _once(
        screen,
        lambda ctx: screen.services.saved_views.drop(ctx, id_),
        lambda _: {"location": screen.url("reports")},
    )


def _kept(screen: Screen, ctx: Context, before: SavedView | None, wanted: Wanted) -> SavedView:
    views = screen.services.saved_views
    if before is None:
        return views.create(ctx, wanted)
    same = replace(wanted, sharing=before.sharing, shared_with=before.shared_with,
                   locked=before.locked)  # fmt: skip
    return views.change(ctx, before.id, same, before.version)


def _saved(screen: Screen, id_: UUID, kind: str) -> SavedView:
    found = screen.services.saved_views.get(screen.ctx, id_)
    if found.kind != kind:
        raise NotFound(view=str(id_))
    return found


def _wanted(screen: Screen, values: Mapping[str, Any], before: SavedView | None = None) -> Wanted:
    """Return the report that was sent; raise for one that means nothing to the person."""
    spec = _spec(values) if "state" in values or before is None else spec_of_kept(before.spec)
    entity = screen.ctx.model.entity_named(spec.entity)
    if entity is None:
        raise NotFound(entity=spec.entity)
    if spec.filter:
        parse_filter(screen.ctx, entity.key, spec.filter)
    widget = widget_of(screen, entity, spec)
    said = str(values.get("sharing", before.sharing if before is not None else "mine"))
    return Wanted(
        title=_text(values, "title") if "title" in values or before is None else before.title,
        spec=spec.kept(),
        kind=KIND,
        entity=entity.key,
        sharing="everyone" if said == "everyone" else "mine",
        locked=_is_set(values.get("locked", before.locked if before is not None else False)),
        uses=uses_of(widget),
    )


def _spec(values: Mapping[str, Any]) -> ReportSpec:
    """Return a report that came as the query of its own address."""
    return spec_of_address(dict(_query(_text(values, "state")).lists()))


def _query(text: str) -> MultiDict[str, str]:

    return MultiDict(parse_qsl(text))


def _values() -> Mapping[str, Any]:
    body: Any = request.get_json()
    found = body.get("values") if isinstance(body, dict) else None
    return found if isinstance(found, Mapping) else {}


def _text(values: Mapping[str, Any], name: str) -> str:
    """Return a text that was sent, "" where none was. Any: JSON."""
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _version(values: Mapping[str, Any]) -> int | None:
    said = values.get("version")
    return int(said) if isinstance(said, int | str) and str(said).isdecimal() else None


def _is_set(value: object) -> bool:
    return value in (True, "true", "on", "yes", "1")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(dashboard=text) from None


def _once(
    screen: Screen, do: Callable[[Context], Made], answer: Callable[[Made], Mapping[str, Any]]
) -> Response:
    return once(screen.services, request, screen.ctx, do, lambda _, made: jsonify(answer(made)))
