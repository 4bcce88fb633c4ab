"""How long a step waits, and whether it has waited long enough."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from metamodel.actions import Wait
from metamodel.model import Model
from workflow.doing import Here, Pause
from workflow.lapses import after
from workflow.runs import Run

AGAIN = timedelta(minutes=1)
"""How long a wait for a condition lasts before the condition is looked at again."""


def pause_at(here: Here, act: Wait, *, resumed: bool) -> Pause | None:
    """Return when a step goes on at the earliest; None: at once."""
    if act.when is not None and bool(here.value(act.when, "until it holds")):
        return None
    due = _moment(here, act, resumed=resumed)
    if act.when is not None:
        again = here.ctx.now + AGAIN
        return Pause(again if due is None else min(due, again))
    return None if due is None or due <= here.ctx.now else Pause(due)


def is_over(here: Here, act: Wait) -> bool:
    """Return whether a step that has waited goes on: its time came, or its condition holds."""
    if act.when is None:
        return True
    return bool(here.value(act.when, "until it holds")) or _is_late(here, act)


def _is_late(here: Here, act: Wait) -> bool:
    """Return whether the time is up that a condition was waited for, if there is one."""
    if act.lapse is None and act.until is None:
        return False
    due = _moment(here, act, resumed=True)
    return due is not None and due <= here.ctx.now


def _moment(here: Here, act: Wait, *, resumed: bool) -> datetime | None:
    """Return the moment that a step names; a lapse counts from when the run came to it."""
    if act.lapse is not None:
        return after(here.ctx.model, _met(here) if resumed else here.ctx.now, act.lapse)
    if act.until is None:
        return None
    found = here.value(act.until, "until")
    if isinstance(found, datetime):
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    if isinstance(found, date):
        zone = ZoneInfo(here.ctx.model.app.timezone)
        return datetime.combine(found, time(), tzinfo=zone).astimezone(UTC)
    return here.ctx.now


def _met(here: Here) -> datetime:
    """Return when a run came to the step that it waits at."""
    return _told(here.run, "/".join(here.path[1:])) or here.ctx.now


def is_over_by(model: Model, run: Run, act: Wait, now: datetime) -> bool:
    """Return whether the length of time is up for which a run waits outside of other steps."""
    if act.lapse is None:
        return False
    met = _told(run, run.place[0])
    due = None if met is None else after(model, met, act.lapse)
    return met is None or (due is not None and due <= now)


def _told(run: Run, step: str) -> datetime | None:
    """Return when a run says that it came to a step."""
    told = (each.words["met"] for each in reversed(run.steps)
            if each.step == step and "met" in each.words)  # fmt: skip
    met = next(told, None)
    return None if met is None else datetime.fromisoformat(str(met))
