"""The default form and the lists: items and columns moved, hidden, shown; sections named."""

from __future__ import annotations

from flask import Response

from engine.errors import NotFound
from metamodel.model import Entity
from metamodel.views import View
from ui.blueprints.admin.people import values
from ui.blueprints.admin.reshape.drafting import at_input, edit
from ui.blueprints.admin.reshape.kinds import kind_of
from ui.blueprints.page import Site
from ui.reshaping.layout import form_edits, list_edits, section_at, section_edits
from ui.reshaping.sent import Sent, label_of, text_of
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import drafted
from ui.viewmodels.admin.reshape.layout import section_dialog


def _arrange_form(site: Site, screen: Screen, entity: str) -> Response:
    made = drafted(screen)
    kind, sent = kind_of(made, entity), values()
    _require_item(kind, sent)
    return edit(screen, form_edits(made.screen.ctx.model, kind, sent))


def _new_section(site: Site, screen: Screen, entity: str) -> Response:
    made = drafted(screen)
    view = section_dialog(made.screen, kind_of(made, entity), "")
    return site.show("admin/reshape/section_dialog.html", view, language=screen.language)


def _add_section(site: Site, screen: Screen, entity: str) -> Response:
    return _named(screen, entity, "")


def _section(site: Site, screen: Screen, entity: str, tab: str, section: str) -> Response:
    made = drafted(screen)
    view = section_dialog(made.screen, kind_of(made, entity), f"{tab}/{section}")
    return site.show("admin/reshape/section_dialog.html", view, language=screen.language)


def _change_section(site: Site, screen: Screen, entity: str, tab: str, section: str) -> Response:
    return _named(screen, entity, f"{tab}/{section}")


def _arrange_list(site: Site, screen: Screen, entity: str, view: str) -> Response:
    made = drafted(screen)
    kind, sent = kind_of(made, entity), values()
    found = _view(kind, view)
    shown = {column.path.text for column in found.columns}
    name = text_of(sent, "name")
    known = name in shown if text_of(sent, "do") not in ("show", "sort") else _is_path(kind, name)
    if not known:
        raise NotFound(column=name)
    return edit(screen, list_edits(made.screen.ctx.model, kind, found, sent))


LAYOUT = (
    ("POST", "/forms/<entity>/form", _arrange_form),
    ("GET", "/forms/<entity>/form/add", _new_section),
    ("POST", "/forms/<entity>/form/add", _add_section),
    ("GET", "/forms/<entity>/form/<tab>/<section>", _section),
    ("POST", "/forms/<entity>/form/<tab>/<section>", _change_section),
    ("POST", "/forms/<entity>/lists/<view>", _arrange_list),
)


def _named(screen: Screen, entity: str, place: str) -> Response:
    made = drafted(screen)
    kind, model = kind_of(made, entity), made.screen.ctx.model
    if place and section_at(kind, place) is None:
        raise NotFound(section=place)
    if not label_of(values(), model.app.languages):
        return at_input(f"label_{screen.language}", screen.words.say("Give it a name."))
    return edit(screen, section_edits(model, kind, place, values()))


def _require_item(entity: Entity, sent: Sent) -> None:
    """Refuse what speaks of a field or a part of the form that is not there."""
    if entity.field_named(text_of(sent, "name")) is None:
        raise NotFound(field=text_of(sent, "name"))
    for part in ("place", "to"):
        if text_of(sent, part) and section_at(entity, text_of(sent, part)) is None:
            raise NotFound(section=text_of(sent, part))


def _view(entity: Entity, name: str) -> View:
    found = next((view for view in entity.views.values() if view.name == name), None)
    if found is None:
        raise NotFound(view=name)
    return found


def _is_path(entity: Entity, name: str) -> bool:
    """Return whether a column can be of this name; none at all means no order."""
    return not name or entity.field_named(name) is not None or "." in name
