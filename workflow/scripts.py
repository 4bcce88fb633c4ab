"""Where the steps of a run are written: in an automation, or in a button of an entity."""

from __future__ import annotations

from metamodel.actions import ActionStep
from metamodel.model import Entity, Model

BUTTON = "button"


def script_of_button(entity: Entity, button: str) -> str:
    """Return how runs name the steps of a button, by its key."""
    return f"{BUTTON}:{entity.key}:{button}"


def steps_of(model: Model, script: str) -> tuple[ActionStep, ...] | None:
    """Return the steps that a run goes through; None where they are not there any more."""
    kind, _, rest = script.partition(":")
    if kind == BUTTON and rest:
        entity, _, key = rest.partition(":")
        found = model.entities.get(entity)
        button = found.buttons.get(key) if found is not None and not found.retired else None
        return None if button is None else button.steps
    automation = model.automations.get(script)
    return automation.steps if automation is not None and automation.active else None
