"""What an automation would do on a record, as a dialog."""

from __future__ import annotations

from dataclasses import dataclass

from metamodel.automation import Automation
from ui.screen import Screen
from ui.viewmodels.admin.acting.kept import kept_text
from ui.viewmodels.admin.acting.runs import STATE_WORDS, TONES, StepLine, step_lines
from ui.viewmodels.history import DONE
from workflow.trying import Trial, WouldChange


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What would become of one record: field, before, after."""

    what: str
    values: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class TrialView:
    """A trial."""

    heading: str
    holds: bool
    state: str
    tone: str
    steps: tuple[StepLine, ...]
    changes: tuple[ChangeLine, ...]


def trial_view(screen: Screen, automation: Automation, trial: Trial) -> TrialView:
    """Return a trial as it is shown."""
    return TrialView(
        heading=screen.label(automation.label, automation.name),
        holds=trial.holds,
        state=screen.words.say(STATE_WORDS[trial.run.state]),
        tone=TONES[trial.run.state],
        steps=tuple(step_lines(screen, trial.run)),
        changes=tuple(
            _change(screen, each) for each in trial.changes if each.entity in _shown(screen)
        ),
    )


def _shown(screen: Screen) -> frozenset[str]:
    return frozenset(key for key, each in screen.ctx.model.entities.items() if not each.system)


def _change(screen: Screen, change: WouldChange) -> ChangeLine:
    entity = screen.ctx.model.entities[change.entity]
    done = screen.words.say(DONE.get(change.operation, "changed it"))
    if change.computed:
        done = screen.words.say("was worked out anew")
    values = tuple(
        (screen.field_label(entity.fields[key]), _said(screen, change, key, change.before),
         _said(screen, change, key, change.after))
        for key in change.after
        if key in entity.fields and not entity.fields[key].builtin
    )  # fmt: skip
    return ChangeLine(f"{screen.entity_label(entity)}: {done}", values)


def _said(screen: Screen, change: WouldChange, key: str, values: object) -> str:
    field = screen.ctx.model.entities[change.entity].fields[key]
    kept = values.get(key) if isinstance(values, dict) else None
    return kept_text(screen, field, kept)
