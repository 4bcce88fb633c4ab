"""Stages: added, changed, moved, merged, taken out of use."""

from __future__ import annotations

from flask import Response

from engine.errors import NotFound
from metamodel.editing import Reset
from metamodel.flows import Pipeline, Stage
from metamodel.model import Entity
from ui.blueprints.admin.people import values
from ui.blueprints.admin.reshape.drafting import at_input, edit
from ui.blueprints.admin.reshape.kinds import kind_of
from ui.blueprints.page import Site
from ui.reshaping.options import RETIRE, ended
from ui.reshaping.sent import label_of, text_of
from ui.reshaping.stages import new_stage, stage_changes, stage_order, stages_path
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import drafted
from ui.viewmodels.admin.reshape.stage_dialog import new_stage_dialog, stage_dialog
from ui.viewmodels.admin.reshape.stages import live_stages


def _new_stage(site: Site, screen: Screen, entity: str, pipeline: str) -> Response:
    made = drafted(screen)
    kind = kind_of(made, entity)
    view = new_stage_dialog(made.screen, kind, _flow(kind, pipeline))
    return site.show("admin/reshape/stage_dialog.html", view, language=screen.language)


def _add_stage(site: Site, screen: Screen, entity: str, pipeline: str) -> Response:
    made = drafted(screen)
    kind, model = kind_of(made, entity), made.screen.ctx.model
    if not label_of(values(), model.app.languages):
        return _unnamed(screen)
    return edit(screen, new_stage(model, kind, _flow(kind, pipeline), values()))


def _stage(site: Site, screen: Screen, entity: str, pipeline: str, stage: str) -> Response:
    made = drafted(screen)
    kind = kind_of(made, entity)
    flow, found = _known(kind, pipeline, stage)
    view = stage_dialog(made.screen, screen, kind, flow, found)
    return site.show("admin/reshape/stage_dialog.html", view, language=screen.language)


def _change_stage(site: Site, screen: Screen, entity: str, pipeline: str, stage: str) -> Response:
    made = drafted(screen)
    kind, model = kind_of(made, entity), made.screen.ctx.model
    flow, found = _known(kind, pipeline, stage)
    if not label_of(values(), model.app.languages):
        return _unnamed(screen)
    return edit(screen, stage_changes(model, kind, flow, found, values()))


def _order_stages(site: Site, screen: Screen, entity: str, pipeline: str) -> Response:
    kind = kind_of(drafted(screen), entity)
    flow, _ = _known(kind, pipeline, text_of(values(), "name"))
    return edit(screen, stage_order(kind, flow, values()))


def _end_stage(site: Site, screen: Screen, entity: str, pipeline: str, stage: str) -> Response:
    kind = kind_of(drafted(screen), entity)
    flow, found = _known(kind, pipeline, stage)
    fate = text_of(values(), "into") or RETIRE
    if fate != RETIRE:
        _known(kind, pipeline, fate)
    return edit(screen, ended(stages_path(kind, flow, found.name), fate))


def _reset_stage(site: Site, screen: Screen, entity: str, pipeline: str, stage: str) -> Response:
    kind = kind_of(drafted(screen), entity)
    flow, found = _known(kind, pipeline, stage)
    return edit(screen, [Reset(stages_path(kind, flow, found.name))])


STAGES = (
    ("GET", "/forms/<entity>/stages/add/<pipeline>", _new_stage),
    ("POST", "/forms/<entity>/stages/add/<pipeline>", _add_stage),
    ("POST", "/forms/<entity>/stages/order/<pipeline>", _order_stages),
    ("GET", "/forms/<entity>/stages/of/<pipeline>/<stage>", _stage),
    ("POST", "/forms/<entity>/stages/of/<pipeline>/<stage>", _change_stage),
    ("POST", "/forms/<entity>/stages/of/<pipeline>/<stage>/retire", _end_stage),
    ("POST", "/forms/<entity>/stages/of/<pipeline>/<stage>/reset", _reset_stage),
)


def _flow(entity: Entity, name: str) -> Pipeline:
    found = next((each for each in entity.pipelines.values() if each.name == name), None)
    if found is None:
        raise NotFound(pipeline=name)
    return found


def _known(entity: Entity, pipeline: str, stage: str) -> tuple[Pipeline, Stage]:
    flow = _flow(entity, pipeline)
    found = next((each for each in live_stages(flow) if each.name == stage), None)
    if found is None:
        raise NotFound(stage=stage)
    return flow, found


def _unnamed(screen: Screen) -> Response:
    return at_input(f"label_{screen.language}", screen.words.say("Give it a name."))
