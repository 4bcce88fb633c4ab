"""What automations, buttons and whatever else has steps are called on screens."""

from __future__ import annotations

from metamodel.duties import Escalation
from metamodel.scripts import LEVEL, key_of_script, label_of_script
from ui.screen import Screen
from ui.viewmodels.lapses import lapse_words


def script_label(screen: Screen, script: str) -> str:
    """Return what has steps is called; its key where it is not there any more."""
    found = label_of_script(screen.ctx.model, script)
    key = key_of_script(script)
    if found is None:
        return key
    told = _escalation_label(screen, script)
    return " · ".join(each for each in (screen.label(found, key), told) if each)


def _escalation_label(screen: Screen, script: str) -> str:
    """Return which escalation of a service level steps are of; blank for those of others."""
    kind, _, rest = script.partition(":")
    key, _, name = rest.partition(":")
    level = screen.ctx.model.service_levels.get(key) if kind == LEVEL else None
    steps = level.escalation if level is not None else ()
    found = next((each for each in steps if each.key == name), None)
    return "" if found is None else _when(screen, found)


def _when(screen: Screen, escalation: Escalation) -> str:
    say = screen.words.say
    if escalation.share is not None:
        return say("{share} of the time used", share=f"{escalation.share * 100:.0f} %")
    if escalation.after is not None:
        return say("{lapse} too late", lapse=lapse_words(screen, escalation.after))
    return ""
