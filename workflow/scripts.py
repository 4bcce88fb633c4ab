"""Where the steps of a run are written: an automation, a button, an approval, an escalation."""

from __future__ import annotations

from metamodel.actions import ActionStep
from metamodel.model import Entity, Model

BUTTON = "button"

APPROVAL = "approval"

LEVEL = "level"


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
