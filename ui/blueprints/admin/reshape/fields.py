"""Fields: added, changed, retired, given back to the template."""

from __future__ import annotations

from flask import Response, jsonify

from engine.errors import NotFound
from metamodel.editing import Reset, Retire
from metamodel.model import Entity, Field
from ui.blueprints.admin.people import values
from ui.blueprints.admin.reshape.drafting import at_input, edit
from ui.blueprints.admin.reshape.kinds import kind_of
from ui.blueprints.page import Site
from ui.reshaping.fields import LINKS, field_changes, field_path, new_field, own_options
from ui.reshaping.sent import Sent, label_of, text_of
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import Drafted, drafted
from ui.viewmodels.admin.reshape.field_dialog import field_dialog, new_field_dialog
from ui.viewmodels.admin.reshape.formulas import canonical, checked, checked_answer


def _new_field(site: Site, screen: Screen, entity: str) -> Response:
    made = drafted(screen)
    view = new_field_dialog(made.screen, kind_of(made, entity))
    return site.show("admin/reshape/field_dialog.html", view, language=screen.language)


def _add_field(site: Site, screen: Screen, entity: str) -> Response:
    made = drafted(screen)
    kind, sent = kind_of(made, entity), _sent(made, entity)
    missing = _missing(screen, made, sent)
    return missing or edit(screen, new_field(made.screen.ctx.model, kind, sent, screen.language))


def _field(site: Site, screen: Screen, entity: str, field: str) -> Response:
    made = drafted(screen)
    kind = kind_of(made, entity)
    view = field_dialog(made.screen, kind, known_field(kind, field))
    return site.show("admin/reshape/field_dialog.html", view, language=screen.language)


def _change_field(site: Site, screen: Screen, entity: str, field: str) -> Response:
    made = drafted(screen)
    kind, sent = kind_of(made, entity), _sent(made, entity)
    missing = _missing(screen, made, sent)
    if missing is not None:
        return missing
    found = known_field(kind, field)
    return edit(screen, field_changes(made.screen.ctx.model, kind, found, sent, screen.language))


def _retire_field(site: Site, screen: Screen, entity: str, field: str) -> Response:
    kind = kind_of(drafted(screen), entity)
    return edit(screen, [Retire(field_path(kind, known_field(kind, field).name))])


def _reset_field(site: Site, screen: Screen, entity: str, field: str) -> Response:
    kind = kind_of(drafted(screen), entity)
    return edit(screen, [Reset(field_path(kind, known_field(kind, field).name))])


def _own_options(site: Site, screen: Screen, entity: str, field: str) -> Response:
    made = drafted(screen)
    kind = kind_of(made, entity)
    found = known_field(kind, field)
    if not found.choices:
        raise NotFound(field=field)
    return edit(screen, own_options(made.screen.ctx.model, kind, found))


def _check_formula(site: Site, screen: Screen, entity: str) -> Response:
    made, sent = drafted(screen), values()
    found = checked(
        screen, made.screen, kind_of(made, entity), text_of(sent, "formula"),
        text_of(sent, "expect"),
    )  # fmt: skip
    return jsonify(checked_answer(found))


FIELDS = (
    ("GET", "/forms/<entity>/add/field", _new_field),
    ("POST", "/forms/<entity>/add/field", _add_field),
    ("GET", "/forms/<entity>/fields/<field>", _field),
    ("POST", "/forms/<entity>/fields/<field>", _change_field),
    ("POST", "/forms/<entity>/fields/<field>/retire", _retire_field),
    ("POST", "/forms/<entity>/fields/<field>/reset", _reset_field),
    ("POST", "/forms/<entity>/fields/<field>/options", _own_options),
    ("POST", "/forms/<entity>/formula", _check_formula),
)


def with_formula(made: Drafted, entity: Entity, sent: Sent, name: str) -> Sent:
    """Return what was sent with a formula in the words in which it is kept."""
    if not text_of(sent, name):
        return sent
    return {**sent, name: canonical(made.screen, entity, text_of(sent, name))}


def _sent(made: Drafted, entity: str) -> Sent:
    return with_formula(made, kind_of(made, entity), values(), "formula")


def _missing(screen: Screen, made: Drafted, sent: Sent) -> Response | None:
    """Answer what has to be filled in before a field can be thought of."""
    say, languages = screen.words.say, made.screen.ctx.model.app.languages
    if not label_of(sent, languages):
        return at_input(f"label_{screen.language}", say("Give it a name."))
    if text_of(sent, "type") in LINKS and not text_of(sent, "to"):
        return at_input("to", say("Choose what it points to."))
    return None


def known_field(entity: Entity, name: str) -> Field:
    """Return a field by name; raise `NotFound` where there is none."""
    field = entity.field_named(name)
    if field is None:
        raise NotFound(field=name)
    return field
