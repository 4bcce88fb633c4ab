"""What automations, buttons and whatever else has steps are called on screens."""

from __future__ import annotations

from metamodel.scripts import key_of_script, label_of_script
from ui.screen import Screen


def script_label(screen: Screen, script: str) -> str:
    """Return what has steps is called; its key where it is not there any more."""
    found = label_of_script(screen.ctx.model, script)
    key = key_of_script(script)
    return key if found is None else screen.label(found, key)
