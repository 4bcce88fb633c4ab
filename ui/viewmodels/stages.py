"""Stages on a record's page, and the dialog that asks what a stage requires."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from engine.access.listed import may_enter
from engine.query.spec import Record
from metamodel.flows import Pipeline, Stage
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.cells import mark
from ui.viewmodels.fitting import unmet
from ui.viewmodels.inputs import Input, inputs_of


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a stage asks for; `filled`: a field that it requires holds something."""

    label: str
    filled: bool | None = None


@dataclass(frozen=True, slots=True)
class StageStep:
    """One stage on the path. `url` asks for the move; "" where it may not be made.

    `needs` is what the stage requires and has done in it, `who` the roles that see to it.
    """

    name: str
    label: str
    state: Literal["done", "current", "ahead"]
    tone: str
    url: str
    probability: str
    ends: str
    needs: tuple[Need, ...] = ()
    who: str = ""
    guide: str = ""


@dataclass(frozen=True, slots=True)
class StagePath:
    """A pipeline as a record goes through it."""

    label: str
    current: str
    tone: str
    guide: str
    steps: tuple[StageStep, ...]

    @property
    def told(self) -> tuple[StageStep, ...]:
        """The stages of which there is something to tell."""
        return tuple(each for each in self.steps if each.needs or each.who or each.guide)


@dataclass(frozen=True, slots=True)
class MoveDialog:
    """What a stage asks to be filled before a record may enter it."""

    heading: str
    title: str
    move_url: str
    inputs: tuple[Input, ...]


def stage_paths(
    screen: Screen, entity: Entity, record: Record, *, changeable: bool,
    locked: frozenset[str] = frozenset(),
) -> tuple[StagePath, ...]:  # fmt: skip
    """Return the path of each pipeline that is for the record, the first of those over a field.

    Nobody moves along those over `locked` fields, by key.
    """
    found = []
    for pipeline in _followed(screen, entity, record):
        current = stage_named(pipeline, record.values.get(pipeline.field_key))
        if current is not None:
            free = changeable and pipeline.field_key not in locked
            found.append(_path(screen, entity, record, pipeline, current, changeable=free))
    return tuple(found)


def _followed(screen: Screen, entity: Entity, record: Record) -> Iterable[Pipeline]:
    conditions = [each.when for each in entity.pipelines.values() if each.when is not None]
    not_so = unmet(screen, entity, record, conditions) if conditions else frozenset()
    followed: dict[str, Pipeline] = {}
    for each in entity.pipelines.values():
        if each.when is None or each.when.text not in not_so:
            followed.setdefault(each.field_key, each)
    return followed.values()


def stage_named(pipeline: Pipeline, code: object) -> Stage | None:
    """Return the stage of a stored code, which is its key or its name."""
    if not isinstance(code, str):
        return None
    found = pipeline.stages.get(code)
    return found or next((s for s in pipeline.stages.values() if s.name == code), None)


def _path(
    screen: Screen, entity: Entity, record: Record, pipeline: Pipeline, current: Stage,
    *, changeable: bool,
) -> StagePath:  # fmt: skip
    field = entity.fields[pipeline.field_key]
    order = list(pipeline.stages)
    here = order.index(current.key)
    allowed = pipeline.moves.get(current.key, tuple(order))
    steps = []
    for index, stage in enumerate(pipeline.stages.values()):
        state: Literal["done", "current", "ahead"] = "ahead"
        if stage.key == current.key:
            state = "current"
        elif index < here and not stage.ends and current.ends not in ("lost", "cancelled"):
            state = "done"
        elsewhere = stage.key in allowed and stage.key != current.key
        movable = changeable and elsewhere and may_enter(screen.ctx, entity, stage.key)
        shown = mark(screen, field, stage.key)
        steps.append(
            StageStep(
                name=stage.name,
                label=screen.label(stage.label, stage.name),
                state=state,
                tone=shown.tone,
                url=move_url(screen, entity, record, pipeline, stage) if movable else "",
                probability=_probability(screen, stage),
                ends=stage.ends,
                needs=_needs(screen, entity, record, stage),
                who=_who(screen, stage),
                guide=screen.label(stage.guide),
            )
        )
    return StagePath(
        label=screen.label(pipeline.label, pipeline.name),
        current=screen.label(current.label, current.name),
        tone=mark(screen, field, current.key).tone,
        guide=screen.label(current.guide),
        steps=tuple(steps),
    )


def _probability(screen: Screen, stage: Stage) -> str:
    return screen.formats.percent(stage.probability) if stage.probability is not None else ""


def _needs(screen: Screen, entity: Entity, record: Record, stage: Stage) -> tuple[Need, ...]:
    """Return what a stage requires of the record, and what is to be done in it."""
    readable = screen.services.access.readable(screen.ctx, entity.key)
    fields = (
        Need(screen.field_label(entity.fields[key]), record.values.get(key) not in (None, "", ()))
        for key in stage.must_fill
        if key in readable
    )
    works = (
        Need(_within(screen, screen.label(work.label, work.key), work.within_days))
        for work in stage.works.values()
    )
    return (*fields, *works)


def _within(screen: Screen, label: str, days: int | None) -> str:
    if days is None:
        return label
    return screen.words.say("{work}, within {days} days", work=label, days=days)


def _who(screen: Screen, stage: Stage) -> str:
    roles = screen.ctx.model.roles
    return "、".join(screen.label(roles[name].label, name) for name in stage.roles if name in roles)


def move_url(
    screen: Screen, entity: Entity, record: Record, pipeline: Pipeline, stage: Stage
) -> str:
    """Return the address that moves a record to a stage."""
    return screen.record_url(entity.name, record.id, "move", pipeline.name, stage.name)


def move_dialog(
    screen: Screen, entity: Entity, record: Record, pipeline: Pipeline, stage: Stage
) -> MoveDialog | None:
    """Return what the move must ask for; None where everything is filled already."""
    blank = tuple(
        key for key in stage.must_fill if record.values.get(key) in (None, "", ())
        and entity.fields[key].formula is None
    )  # fmt: skip
    if not blank:
        return None
    label = screen.label(stage.label, stage.name)
    return MoveDialog(
        heading=screen.words.say("Move to “{stage}”", stage=label),
        title=record.title,
        move_url=move_url(screen, entity, record, pipeline, stage),
        inputs=tuple(
            replace(each, required=True) for each in inputs_of(screen, entity, blank, record)
        ),
    )
