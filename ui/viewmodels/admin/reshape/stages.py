"""The stages that a kind of record goes through, as an administrator changes them."""

from __future__ import annotations

from dataclasses import dataclass

from metamodel.flows import Pipeline, Stage
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.reshape.fields import split_url
from ui.viewmodels.admin.reshape.origins import Origins, Written
from ui.viewmodels.cells import mark


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage: its chance of success, what must be filled in, and how it ends."""

    name: str
    label: str
    tone: str
    chance: str
    must_fill: str
    ends: str
    written: Written
    url: str
    split_url: str


@dataclass(frozen=True, slots=True)
class PipelineView:
    """One process and its stages in order."""

    name: str
    label: str
    stages: tuple[StageLine, ...]
    add_url: str
    order_url: str


def pipelines_of(screen: Screen, entity: Entity, origins: Origins) -> tuple[PipelineView, ...]:
    """Return the processes of a kind of record."""
    return tuple(
        PipelineView(
            name=pipeline.name,
            label=screen.label(pipeline.label, pipeline.name),
            stages=tuple(
                _line(screen, entity, pipeline, stage, origins) for stage in live_stages(pipeline)
            ),
            add_url=stage_url(screen, entity, "add", pipeline.name),
            order_url=stage_url(screen, entity, "order", pipeline.name),
        )
        for pipeline in entity.pipelines.values()
    )


def live_stages(pipeline: Pipeline) -> tuple[Stage, ...]:
    """Return the stages that records can be in."""
    return tuple(stage for stage in pipeline.stages.values() if not stage.retired)


def stage_url(screen: Screen, entity: Entity, *parts: str) -> str:
    """Return an address about the stages of a kind of record."""
    return screen.url("admin", "forms", entity.name, "stages", *parts)


def ends_words(screen: Screen) -> dict[str, str]:
    """Return how a stage may end a record's way, by code."""
    say = screen.words.say
    return {
        "": say("goes on"),
        "won": say("ends: won"),
        "lost": say("ends: lost"),
        "done": say("ends: done"),
        "cancelled": say("ends: called off"),
    }


def _line(
    screen: Screen, entity: Entity, pipeline: Pipeline, stage: Stage, origins: Origins
) -> StageLine:
    fields = (entity.fields[key] for key in stage.must_fill if key in entity.fields)
    path = ("entities", entity.name, "pipelines", pipeline.name, "stages", stage.name)
    return StageLine(
        name=stage.name,
        label=screen.label(stage.label, stage.name),
        tone=stage.color or mark(screen, entity.fields[pipeline.field_key], stage.key).tone,
        chance=screen.formats.percent(stage.probability) if stage.probability is not None else "",
        must_fill=", ".join(screen.field_label(field) for field in fields),
        ends=ends_words(screen)[stage.ends] if stage.ends else "",
        written=origins.of(*path),
        url=stage_url(screen, entity, "of", pipeline.name, stage.name),
        split_url=split_url(screen, entity, entity.fields[pipeline.field_key], stage.name)
        if entity.fields[pipeline.field_key].pipeline == pipeline.key
        else "",
    )
