"""What stood in the way of a run, in sentences, with fields as they are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import FieldError
from engine.messages import phrase, sentence
from metamodel.actions import (
    ActionStep,
    Assign,
    ConvertRecord,
    CreateRecord,
    DeleteRecords,
    SetFields,
    UpdateRecords,
)
from metamodel.label import Label
from metamodel.scripts import steps_of
from ui.screen import Screen
from ui.viewmodels.admin.acting.cards import step_at
from ui.viewmodels.approval_told import comma
from workflow.runs import Run

KEPT_APART = ("code", "refused")


def stood_in_the_way(screen: Screen, run: Run, error: Mapping[str, Any]) -> str:
    """Return what stood in the way of a run, or of a member of it. Any: JSON of every shape."""
    known = {name: value for name, value in error.items() if name not in KEPT_APART}
    refused = error.get("refused", ())
    if not refused:
        return phrase(str(error.get("code", "engine_error")), screen.language, **known)
    entity = _written(screen, run, str(error.get("step", "")))
    return " ".join(_refusal(screen, entity, each) for each in refused)


def field_names(screen: Screen, run: Run, step: str, names: Sequence[object]) -> str:
    """Return fields that a step filled in as they are called; what is gone, by its name."""
    entity = _written(screen, run, step)
    return comma(screen).join(_called(screen, entity, str(each)) for each in names)


def _written(screen: Screen, run: Run, step: str) -> str:
    """Return what a step writes records of, by key; the record at hand where it says nothing."""
    steps = steps_of(screen.ctx.model, run.automation) or ()
    match step_at(screen, steps, step.split("/")):
        case ActionStep(
            act=(SetFields() | CreateRecord() | UpdateRecords() | DeleteRecords() | Assign()
                 | ConvertRecord()) as act
        ):  # fmt: skip
            return act.entity
        case _:
            return run.stand.entity


def _refusal(screen: Screen, entity: str, kept: Mapping[str, Any]) -> str:
    """Return one refusal and where it stands. Any: JSON of every shape."""
    words = {name: Label(texts) for name, texts in kept.get("words", {}).items()}
    said = sentence(FieldError(kept["code"], tuple(kept["path"]), words), screen.language)
    if not kept["path"]:
        return said
    first, *rest = kept["path"]
    where = ".".join((_called(screen, entity, first), *rest))
    return screen.words.say("{done}: {line}", done=where, line=said)


def _called(screen: Screen, entity: str, name: str) -> str:
    found = screen.ctx.model.entities.get(entity)
    fields = found.fields.values() if found is not None else ()
    field = next((each for each in fields if each.name == name), None)
    return screen.field_label(field) if field is not None else name
