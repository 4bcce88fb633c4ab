"""What automations, buttons and whatever else has steps are called on screens."""

from __future__ import annotations

from collections.abc import Mapping

from metamodel.approvals import Approval
from metamodel.automation import Automation
from metamodel.duties import ServiceLevel
from metamodel.model import Model
from ui.screen import Screen
from workflow.scripts import APPROVAL, BUTTON, LEVEL

Holder = Approval | Automation | ServiceLevel
"""What has steps and a label of its own."""


def script_label(screen: Screen, script: str) -> str:
    """Return what has steps is called; its key where it is not there any more."""
    model: Model = screen.ctx.model
    kind, _, rest = script.partition(":")
    outer, _, inner = rest.partition(":")
    if kind == BUTTON and rest:
        entity = model.entities.get(outer)
        button = entity.buttons.get(inner) if entity is not None else None
        return inner if button is None else screen.label(button.label, button.name)
    holders: Mapping[str, Mapping[str, Holder]] = {
        APPROVAL: model.approvals, LEVEL: model.service_levels,
    }  # fmt: skip
    found: Holder | None = (
        holders.get(kind, {}).get(outer) if rest else model.automations.get(script)
    )
    return (outer or script) if found is None else screen.label(found.label, found.name)
