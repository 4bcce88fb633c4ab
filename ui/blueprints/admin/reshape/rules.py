"""Rules: written, changed, retired."""

from __future__ import annotations

from flask import Response

from engine.errors import NotFound
from metamodel.editing import Reset, Retire
from metamodel.flows import Rule
from metamodel.model import Entity
from ui.blueprints.admin.people import values
from ui.blueprints.admin.reshape.drafting import at_input, edit
from ui.blueprints.admin.reshape.fields import with_formula
from ui.blueprints.admin.reshape.kinds import kind_of
from ui.blueprints.page import Site
from ui.reshaping.rules import new_rule, rule_changes, rules_path
from ui.reshaping.sent import label_of, text_of
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import Drafted, drafted
from ui.viewmodels.admin.reshape.rules import rule_dialog


def _new_rule(site: Site, screen: Screen, entity: str) -> Response:
    made = drafted(screen)
    view = rule_dialog(made.screen, kind_of(made, entity), None)
    return site.show("admin/reshape/rule_dialog.html", view, language=screen.language)


def _add_rule(site: Site, screen: Screen, entity: str) -> Response:
    made = drafted(screen)
    kind = kind_of(made, entity)
    missing = _missing(screen, made)
    sent = with_formula(made, kind, values(), "refuse_when")
    return missing or edit(screen, new_rule(made.screen.ctx.model, kind, sent))


def _rule(site: Site, screen: Screen, entity: str, rule: str) -> Response:
    made = drafted(screen)
    kind = kind_of(made, entity)
    view = rule_dialog(made.screen, kind, _known(kind, rule))
    return site.show("admin/reshape/rule_dialog.html", view, language=screen.language)


def _change_rule(site: Site, screen: Screen, entity: str, rule: str) -> Response:
    made = drafted(screen)
    kind = kind_of(made, entity)
    found, missing = _known(kind, rule), _missing(screen, made)
    sent = with_formula(made, kind, values(), "refuse_when")
    return missing or edit(screen, rule_changes(made.screen.ctx.model, kind, found, sent))


def _retire_rule(site: Site, screen: Screen, entity: str, rule: str) -> Response:
    kind = kind_of(drafted(screen), entity)
    return edit(screen, [Retire(rules_path(kind, _known(kind, rule).name))])


def _reset_rule(site: Site, screen: Screen, entity: str, rule: str) -> Response:
    kind = kind_of(drafted(screen), entity)
    return edit(screen, [Reset(rules_path(kind, _known(kind, rule).name))])


RULES = (
    ("GET", "/forms/<entity>/rules/add", _new_rule),
    ("POST", "/forms/<entity>/rules/add", _add_rule),
    ("GET", "/forms/<entity>/rules/of/<rule>", _rule),
    ("POST", "/forms/<entity>/rules/of/<rule>", _change_rule),
    ("POST", "/forms/<entity>/rules/of/<rule>/retire", _retire_rule),
    ("POST", "/forms/<entity>/rules/of/<rule>/reset", _reset_rule),
)


def _known(entity: Entity, name: str) -> Rule:
    found = next((rule for rule in entity.rules.values() if rule.name == name), None)
    if found is None:
        raise NotFound(rule=name)
    return found


def _missing(screen: Screen, made: Drafted) -> Response | None:
    """Answer what a rule cannot do without."""
    sent, say = values(), screen.words.say
    if not text_of(sent, "refuse_when"):
        return at_input("refuse_when", say("Say when a record is refused."))
    if not label_of(sent, made.screen.ctx.model.app.languages, "message"):
        return at_input(f"message_{screen.language}", say("Say what the person is told."))
    return None
