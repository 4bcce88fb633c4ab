"""Options and stages that are split by a condition."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, jsonify

from engine.errors import NotFound
from metamodel.editing import Path
from metamodel.fields import Field, Option
from metamodel.flows import Stage
from metamodel.linking.splitting import TAKES
from metamodel.model import Entity
from ui.blueprints.admin.people import values
from ui.blueprints.admin.reshape.drafting import at_input, edit
from ui.blueprints.admin.reshape.fields import known_field, with_formula
from ui.blueprints.admin.reshape.kinds import kind_of
from ui.blueprints.page import Site
from ui.reshaping.fields import options_path
from ui.reshaping.sent import label_of, text_of
from ui.reshaping.splitting import split_off
from ui.reshaping.stages import stages_path
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import drafted
from ui.viewmodels.admin.reshape.split_dialog import counted, split_dialog


def _asked(site: Site, screen: Screen, entity: str, field: str, giver: str) -> Response:
    made = drafted(screen)
    kind = kind_of(made, entity)
    found = known_field(kind, field)
    _, parts = _parts(kind, found)
    view = split_dialog(made.screen, screen, kind, found, _known(parts, giver))
    return site.show("admin/reshape/split_dialog.html", view, language=screen.language)


def _counted(site: Site, screen: Screen, entity: str, field: str, giver: str) -> Response:
    made = drafted(screen)
    kind = kind_of(made, entity)
    found = known_field(kind, field)
    _, parts = _parts(kind, found)
    when = text_of(with_formula(made, kind, values(), TAKES), TAKES)
    answer = counted(screen, made.screen, kind, found, _known(parts, giver), when)
    errors = [{"path": [TAKES], "code": "", "message": each} for each in answer.errors]
    return jsonify({"errors": errors, "said": answer.said})


def _split(site: Site, screen: Screen, entity: str, field: str, giver: str) -> Response:
    made, say = drafted(screen), screen.words.say
    kind, model = kind_of(made, entity), made.screen.ctx.model
    path, parts = _parts(kind, known_field(kind, field))
    sent = with_formula(made, kind, values(), TAKES)
    if not label_of(sent, model.app.languages):
        return at_input(f"label_{screen.language}", say("Give it a name."))
    if not text_of(sent, TAKES):
        return at_input(TAKES, say("Say which records it gets."))
    return edit(screen, split_off(model, path, parts, _known(parts, giver), sent))


SPLITTING = (
    ("GET", "/forms/<entity>/split/<field>/<giver>", _asked),
    ("POST", "/forms/<entity>/split/<field>/<giver>", _split),
    ("POST", "/forms/<entity>/split/<field>/<giver>/count", _counted),
)


def _parts(entity: Entity, field: Field) -> tuple[Path, Mapping[str, Option] | Mapping[str, Stage]]:
    """Return where the options of a field stand, and they; what many fields share is not split."""
    if field.pipeline:
        pipeline = entity.pipelines[field.pipeline]
        return stages_path(entity, pipeline), pipeline.stages
    if not field.options or field.choices:
        raise NotFound(field=field.name)
    return options_path(entity, field), field.options


def _known(parts: Mapping[str, Option] | Mapping[str, Stage], name: str) -> Option | Stage:
    live = (each for each in parts.values() if each.name == name and not each.retired)
    found = next(live, None)
    if found is None:
        raise NotFound(option=name)
    return found
