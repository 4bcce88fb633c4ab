"""What automations and buttons are called on screens."""

from __future__ import annotations

from metamodel.model import Model
from ui.screen import Screen
from workflow.scripts import BUTTON


def script_label(screen: Screen, script: str) -> str:
    """Return what an automation or a button is called, its key where it is not there any more."""
    model: Model = screen.ctx.model
    kind, _, rest = script.partition(":")
    if kind == BUTTON and rest:
        entity, _, key = rest.partition(":")
        found = model.entities.get(entity)
        button = found.buttons.get(key) if found is not None else None
        return key if button is None else screen.label(button.label, button.name)
    automation = model.automations.get(script)
    return script if automation is None else screen.label(automation.label, automation.name)
