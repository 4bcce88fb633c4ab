"""Stages as an administrator fills in their form, as edits of the app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from metamodel.editing import Add, Edit, Move, Path, name_for
from metamodel.flows import Pipeline, Stage
from metamodel.model import Entity, Model
from ui.reshaping.layout import neighbour
from ui.reshaping.sent import Sent, label_changes, label_of, leaf_changes, text_of


def stages_path(entity: Entity, pipeline: Pipeline, *names: str) -> Path:
    """Return the path of a pipeline's stages, or of one."""
    return ("entities", entity.name, "pipelines", pipeline.name, "stages", *names)


def new_stage(model: Model, entity: Entity, pipeline: Pipeline, sent: Sent) -> Iterator[Edit]:
    """Yield a new stage behind the one that was chosen."""
    label = label_of(sent, model.app.languages)
    taken = {
        name
        for stage in pipeline.stages.values()
        for name in (stage.key, stage.name, *stage.former)
    }
    spoken = label.get("en") or next(iter(label.values()), "")
    said = {key: each for key, each in _wanted(sent).items() if each not in (None, "", [])}
    name = name_for(spoken, taken, fallback="stage")
    value = {"label": label, **said}
    yield Add(stages_path(entity, pipeline), name, value, after=text_of(sent, "after"))


def stage_changes(
    model: Model, entity: Entity, pipeline: Pipeline, stage: Stage, sent: Sent
) -> Iterator[Edit]:
    """Yield what differs between a stage and what was filled in."""
    path = stages_path(entity, pipeline, stage.name)
    yield from label_changes(path, "label", stage.label, label_of(sent, model.app.languages))
    wanted = _wanted(sent)
    filled = [entity.fields[key].name for key in stage.must_fill if key in entity.fields]
    if sorted(wanted.get("must_fill") or []) == sorted(filled):
        wanted.pop("must_fill", None)
    yield from leaf_changes(model.source, path, wanted)


def stage_order(entity: Entity, pipeline: Pipeline, sent: Sent) -> Iterator[Edit]:
    """Yield a stage's other place."""
    names = [stage.name for stage in pipeline.stages.values() if not stage.retired]
    name, way = text_of(sent, "name"), text_of(sent, "do")
    after = text_of(sent, "after") if way == "move" else neighbour(names, name, way)
    yield Move(stages_path(entity, pipeline, name), after=after, first=not after)


def _wanted(sent: Sent) -> dict[str, Any]:
    """Return what was filled in, by the keys of the language. Any: scalars of YAML."""
    chance = text_of(sent, "probability").rstrip("%")
    fill = sent.get("must_fill")
    return {
        "color": text_of(sent, "color") or None,
        "probability": f"{chance}%" if chance else None,
        "ends": text_of(sent, "ends") or None,
        "must_fill": [str(name) for name in fill] if isinstance(fill, list) and fill else None,
    }
