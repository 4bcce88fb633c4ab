"""Where the steps of a run are written: an automation, a button, an approval, an escalation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from metamodel.actions import ActionStep, Branch, CallAutomation, Each
from metamodel.approvals import Approval
from metamodel.automation import Automation, Button
from metamodel.duties import ServiceLevel
from metamodel.label import Label
from metamodel.model import Entity, Model

BUTTON = "button"

APPROVAL = "approval"

LEVEL = "level"

Holder = Approval | Automation | Button | ServiceLevel
"""What has steps and a label of its own."""

Kind = Literal["automation", "button", "approval", "service_level"]


def script_of_button(entity: Entity, button: str) -> str:
    """Return how runs name the steps of a button, by its key."""
    return f"{BUTTON}:{entity.key}:{button}"


def script_of_approval(approval: str, event: str) -> str:
    """Return how runs name the steps that follow an event of an approval, by its key."""
    return f"{APPROVAL}:{approval}:{event}"


def script_of_escalation(level: str, escalation: str) -> str:
    """Return how runs name the steps of an escalation of a service level, both by key."""
    return f"{LEVEL}:{level}:{escalation}"


def steps_of(model: Model, script: str) -> tuple[ActionStep, ...] | None:
    """Return the steps that a run goes through; None where they are not there any more."""
    kind, _, rest = script.partition(":")
    if kind == BUTTON and rest:
        entity, _, key = rest.partition(":")
        found = model.entities.get(entity)
        button = found.buttons.get(key) if found is not None and not found.retired else None
        return None if button is None else button.steps
    if kind == APPROVAL and rest:
        return _steps_of_approval(model, rest)
    if kind == LEVEL and rest:
        return _steps_of_level(model, rest)
    automation = model.automations.get(script)
    return automation.steps if automation is not None and automation.active else None


def key_of_script(script: str) -> str:
    """Return the key of what has the steps of a run."""
    kind, _, rest = script.partition(":")
    outer, _, inner = rest.partition(":")
    return (inner if kind == BUTTON else outer) or script


def kind_of_script(script: str) -> Kind:
    """Return what kind of thing has the steps of a run."""
    kind, _, rest = script.partition(":")
    kinds: Mapping[str, Kind] = {
        BUTTON: "button", APPROVAL: "approval", LEVEL: "service_level",
    }  # fmt: skip
    return kinds.get(kind, "automation") if rest else "automation"


def holder_of_script(model: Model, script: str) -> Holder | None:
    """Return what has the steps of a run; None where it is not there any more."""
    kind, _, rest = script.partition(":")
    outer, _, inner = rest.partition(":")
    if kind == BUTTON and rest:
        entity = model.entities.get(outer)
        return entity.buttons.get(inner) if entity is not None else None
    holders: Mapping[str, Mapping[str, Holder]] = {
        APPROVAL: model.approvals, LEVEL: model.service_levels,
    }  # fmt: skip
    return holders.get(kind, {}).get(outer) if rest else model.automations.get(script)


def label_of_script(model: Model, script: str) -> Label | None:
    """Return what has the steps of a run is called; None where it is not there any more."""
    found = holder_of_script(model, script)
    return None if found is None else found.label


def step_at(model: Model, steps: Sequence[ActionStep], place: Sequence[str]) -> ActionStep | None:
    """Return the step at which a run waits; None where it is not there any more.

    A place names steps from the outside in: of a branch also the arm, of `each` the member.
    """
    step = next((each for each in steps if place[:1] == (each.key,)), None)
    rest = tuple(place[1:])
    if step is None or not rest:
        return step
    match step.act:
        case Branch():
            arm = next((each for each in step.act.arms if each.name == rest[0]), None)
            return None if arm is None else step_at(model, arm.steps, rest[1:])
        case Each():
            return step_at(model, step.act.steps, rest[1:])
        case CallAutomation():
            named = step.act.automation
            known = (each for each in model.automations.values() if each.active)
            called = next((each for each in known if each.name == named), None)
            return None if called is None else step_at(model, called.steps, rest)
        case _:
            return step


def _steps_of_approval(model: Model, rest: str) -> tuple[ActionStep, ...] | None:
    key, _, event = rest.partition(":")
    approval = model.approvals.get(key)
    if approval is None:
        return None
    known = {
        "on_submitted": approval.on_submitted,
        "on_approved": approval.on_approved,
        "on_rejected": approval.on_rejected,
        "on_returned": approval.on_returned,
        "on_withdrawn": approval.on_withdrawn,
    }
    return known.get(event, ())


def _steps_of_level(model: Model, rest: str) -> tuple[ActionStep, ...] | None:
    key, _, escalation = rest.partition(":")
    level = model.service_levels.get(key)
    if level is None or not level.active:
        return None
    return next((each.steps for each in level.escalation if each.key == escalation), None)
