"""How the service levels of a record stand: what is left of each target, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from engine.query.spec import Record
from metamodel.duties import due_field, state_field
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.cells import Cell, cell
from workflow.service_levels.business import Business
from workflow.service_levels.clock import Clock
from workflow.service_levels.promises import levels_of
from workflow.service_levels.remaining import Remaining, remaining

NEARLY = 80
"""Hundredths of a time after which it is about to be up."""

Tone = Literal["calm", "near", "late", "paused", "over"]


@dataclass(frozen=True, slots=True)
class ClockView:
    """One target: how it stands, what is left, until when, and how much of its time is used."""

    label: str
    state: Cell
    tone: Tone
    left: str
    until: str
    used: int


def clock_views(screen: Screen, entity: Entity, record: Record) -> tuple[ClockView, ...]:
    """Return the clocks of a record, of which the person may read how they stand."""
    if not levels_of(screen.ctx.compiled, entity.key):
        return ()
    return tuple(_views(screen, entity, record))


def _views(screen: Screen, entity: Entity, record: Record) -> Iterator[ClockView]:
    found = screen.services.pools.clocks(screen.ctx, entity.key, record.id)
    for group, clock in found.items():
        level = screen.ctx.model.service_levels.get(clock.level)
        target = level.targets.get(clock.target) if level is not None else None
        field = entity.fields.get(state_field(group))
        if level is None or target is None or field is None or field.name not in record.values:
            continue
        left = remaining(clock, Business(screen.ctx.model, level.calendar), screen.ctx.now)
        told = due_field(group) in record.values
        yield ClockView(
            label=screen.label(target.label, target.name),
            state=cell(screen, field, clock.state),
            tone=_tone(clock, left),
            left=_left(screen, left) if told else "",
            until=_until(screen, clock, left) if told else "",
            used=left.used if left is not None and told else 0,
        )


def _tone(clock: Clock, left: Remaining | None) -> Tone:
    if not clock.is_open or left is None:
        return "over"
    if left.left < timedelta():
        return "late"
    if clock.paused_at is not None:
        return "paused"
    return "near" if left.used >= NEARLY else "calm"


def _left(screen: Screen, left: Remaining | None) -> str:
    say = screen.words.say
    if left is None:
        return ""
    span = _span(screen, abs(left.left), worked=left.worked)
    if left.left < timedelta():
        return (
            say("{time} of working time over", time=span)
            if left.worked
            else say("{time} over", time=span)
        )
    return (
        say("{time} of working time left", time=span)
        if left.worked
        else say("{time} left", time=span)
    )


def _until(screen: Screen, clock: Clock, left: Remaining | None) -> str:
    say, formats = screen.words.say, screen.formats
    if clock.paused_at is not None:
        return say("paused since {when}", when=formats.instant(clock.paused_at))
    if left is None:
        return _ended(screen, clock.ended_at)
    return say("due {when}", when=formats.instant(clock.due)) if clock.due else ""


def _ended(screen: Screen, at: datetime | None) -> str:
    return screen.words.say("ended {when}", when=screen.formats.instant(at)) if at else ""


def _span(screen: Screen, length: timedelta, *, worked: bool) -> str:
    """Return a length in two units: a day of working time has no length that all would know."""
    say, minutes = screen.words.say, int(length.total_seconds()) // 60
    hours, days = minutes // 60, minutes // 1440
    if days >= 2 and not worked:
        return say("{days} d {hours} h", days=days, hours=hours % 24)
    if hours:
        return say("{hours} h {minutes} min", hours=hours, minutes=minutes % 60)
    return say("{minutes} min", minutes=minutes)
