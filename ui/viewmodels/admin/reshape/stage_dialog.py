"""The dialog of one stage: its chance, what must be filled in, and where its records go."""

from __future__ import annotations

from dataclasses import dataclass

from engine.query.spec import ListQuery
from formula.types import BooleanType
from metamodel import uses_of
from metamodel.flows import Pipeline, Stage
from metamodel.formulas import parse_formula
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.reshape.colors import color_words
from ui.viewmodels.admin.reshape.field_dialog import Typed, typed
from ui.viewmodels.admin.reshape.origins import origins_below
from ui.viewmodels.admin.reshape.stages import ends_words, live_stages, stage_url
from ui.viewmodels.admin.reshape.used import Use, uses


@dataclass(frozen=True, slots=True)
class StageDialog:
    """A stage as it can be changed; without a `name` it is a new one.

    `others` are the stages that its records can go to; `records` is how many are in it now.
    """

    name: str
    heading: str
    labels: tuple[Typed, ...]
    color: str
    colors: tuple[tuple[str, str], ...]
    chance: str
    ends: str
    endings: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str, bool], ...]
    others: tuple[tuple[str, str], ...]
    records: int
    uses: tuple[Use, ...]
    url: str
    retire_url: str
    reset_url: str


def new_stage_dialog(screen: Screen, entity: Entity, pipeline: Pipeline) -> StageDialog:
    """Return the dialog of a new stage."""
    return StageDialog(
        name="",
        heading=screen.words.say("New stage"),
        labels=typed(screen, "label", {}),
        color="",
        colors=color_words(screen),
        chance="",
        ends="",
        endings=tuple(ends_words(screen).items()),
        fields=_fields(screen, entity, pipeline, ()),
        others=_others(screen, pipeline, ""),
        records=0,
        uses=(),
        url=stage_url(screen, entity, "add", pipeline.name),
        retire_url="",
        reset_url="",
    )


def stage_dialog(
    screen: Screen, published: Screen, entity: Entity, pipeline: Pipeline, stage: Stage
) -> StageDialog:
    """Return the dialog of a stage that is there."""
    path = ("entities", entity.name, "pipelines", pipeline.name, "stages", stage.name)
    keys = ("entities", entity.key, "pipelines", pipeline.key, "stages", stage.key)
    here = stage_url(screen, entity, "of", pipeline.name, stage.name)
    changed = origins_below(screen.ctx.model, *path).of(*path) == "changed"
    return StageDialog(
        name=stage.name,
        heading=screen.label(stage.label, stage.name),
        labels=typed(screen, "label", stage.label.texts),
        color=stage.color,
        colors=color_words(screen),
        chance=""
        if stage.probability is None
        else screen.formats.percent(stage.probability).rstrip("%"),
        ends=stage.ends,
        endings=tuple(ends_words(screen).items()),
        fields=_fields(screen, entity, pipeline, stage.must_fill),
        others=_others(screen, pipeline, stage.name),
        records=_records(published, entity, pipeline, stage),
        uses=uses(screen, uses_of(screen.ctx.model, keys)),
        url=here,
        retire_url=f"{here}/retire" if len(live_stages(pipeline)) > 1 else "",
        reset_url=f"{here}/reset" if changed else "",
    )


def _fields(
    screen: Screen, entity: Entity, pipeline: Pipeline, chosen: tuple[str, ...]
) -> tuple[tuple[str, str, bool], ...]:
    """Return the fields that a stage can ask for: name, label, whether it does."""
    return tuple(
        (field.name, screen.field_label(field), field.key in chosen)
        for field in entity.fields.values()
        if field.key in chosen
        or not (field.retired or field.builtin or field.formula or field.pipeline == pipeline.key)
    )


def _others(screen: Screen, pipeline: Pipeline, name: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (stage.name, screen.label(stage.label, stage.name))
        for stage in live_stages(pipeline)
        if stage.name != name
    )


def _records(published: Screen, entity: Entity, pipeline: Pipeline, stage: Stage) -> int:
    """Return how many records are in a stage, as far as it is published."""
    live = published.ctx.model.entities.get(entity.key)
    known = live.pipelines.get(pipeline.key) if live else None
    if live is None or known is None or stage.key not in known.stages:
        return 0
    name = live.fields[known.field_key].name
    text = f'{name} == "{known.stages[stage.key].name}"'
    only = parse_formula(published.ctx.model, live.key, text, BooleanType())
    query = ListQuery(live.key, filter=only, limit=1, count="exact")
    return published.services.reader.find(published.ctx, query).total or 0
