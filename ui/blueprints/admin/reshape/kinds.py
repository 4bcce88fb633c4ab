"""Every kind of record, and the page of one."""

from __future__ import annotations

from flask import Response, jsonify

from engine.errors import NotFound
from metamodel.editing import Retire
from metamodel.model import Entity
from ui.blueprints.admin.people import values
from ui.blueprints.admin.reshape.drafting import at_input, edit
from ui.blueprints.page import Site
from ui.reshaping.kinds import kind_name, new_kind
from ui.reshaping.sent import label_of
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import Drafted, drafted
from ui.viewmodels.admin.reshape.kind import kind_page
from ui.viewmodels.admin.reshape.kind_dialog import kind_dialog
from ui.viewmodels.admin.reshape.kinds import changeable, kinds_page
from ui.viewmodels.admin.reshape.used import used_view


def _kinds(site: Site, screen: Screen) -> Response:
    page = kinds_page(screen, drafted(screen))
    return site.show("admin/reshape/kinds.html", page, language=screen.language)


def _new_kind(site: Site, screen: Screen) -> Response:
    view = kind_dialog(drafted(screen).screen)
    return site.show("admin/reshape/kind_dialog.html", view, language=screen.language)


def _add_kind(site: Site, screen: Screen) -> Response:
    model, sent = drafted(screen).screen.ctx.model, values()
    if not label_of(sent, model.app.languages):
        return at_input(f"label_{screen.language}", screen.words.say("Give it a name."))
    answer = edit(screen, new_kind(model, sent))
    if answer.status_code != 200:
        return answer
    said = screen.words.say("The form is part of your changes. Add its fields, then publish.")
    here = screen.url("admin", "forms", kind_name(model, sent))
    return jsonify({"location": here, "message": said})


def _retire_kind(site: Site, screen: Screen, entity: str) -> Response:
    kind = kind_of(drafted(screen), entity)
    if kind.builtin:
        raise NotFound(entity=entity)
    live = screen.ctx.model.entities.get(kind.key)
    answer = edit(screen, [Retire(("entities", kind.name))])
    if answer.status_code != 200:
        return answer
    said = screen.words.say("Its records stay, and come back with it.") if live else ""
    return jsonify({"location": screen.url("admin", "forms"), "message": said})


def _kind(site: Site, screen: Screen, entity: str) -> Response:
    made = drafted(screen)
    page = kind_page(screen, made, kind_of(made, entity))
    return site.show("admin/reshape/kind.html", page, language=screen.language)


def _kind_used(site: Site, screen: Screen, entity: str) -> Response:
    made = drafted(screen)
    view = used_view(made.screen, kind_of(made, entity))
    return site.show("admin/reshape/used.html", view, language=screen.language)


KINDS = (
    ("GET", "/forms", _kinds),
    ("GET", "/forms/add/kind", _new_kind),
    ("POST", "/forms/add/kind", _add_kind),
    ("GET", "/forms/<entity>", _kind),
    ("GET", "/forms/<entity>/used", _kind_used),
    ("POST", "/forms/<entity>/retire", _retire_kind),
)


def kind_of(made: Drafted, name: str) -> Entity:
    """Return the kind of record of a name, as the draft has it."""
    entity = made.screen.ctx.model.entity_named(name)
    if entity is None or not changeable(entity):
        raise NotFound(entity=name)
    return entity
