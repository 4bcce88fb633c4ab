"""Automations that set each other off for ever: found where nothing could end it.

Only what is certain counts: steps that are always done, that make a record or give a field a
value which differs from the one it had, and automations without a condition. What a condition
may end is stopped when it runs, by how deep a chain is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from formula.typed import Typed
from metamodel.actions import ActionStep, CreateRecord, SendEmail, SetFields, Wait
from metamodel.automation import Automation, Trigger


def loop_among(automations: Mapping[str, Automation]) -> Iterator[tuple[str, ...]]:
    """Yield circles of automations by name, the first of each its last too; each once."""
    free = [each for each in automations.values() if each.active and each.when is None]
    leads = {one.name: [o.name for o in free if _sets_off(one, o)] for one in free}
    reported: set[str] = set()
    for name in leads:
        trail = circle(name, leads)
        if trail and not reported.intersection(trail):
            reported.update(trail)
            yield trail


def circle(start: str, leads: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the first way from `start` back to itself, or nothing."""
    waiting: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while waiting:
        trail = waiting.pop()
        for led in leads.get(trail[-1], ()):
            if led == start:
                return (*trail, led)
            if led not in seen:
                seen.add(led)
                waiting.append((*trail, led))
    return ()


def _sets_off(one: Automation, other: Automation) -> bool:
    """Return whether one automation always sets another off."""
    trigger = other.trigger
    for step in _always(one.steps):
        act = step.act
        if isinstance(act, CreateRecord) and trigger.on == "created":
            if act.entity == trigger.entity:
                return True
        elif isinstance(act, SendEmail) and trigger.on == "updated":
            # What becomes of each message is shown, and that is a change.
            if _is_shown(act, trigger):
                return True
        elif isinstance(act, SetFields) and trigger.on == "updated":
            moved = {key for key, typed in act.values.items() if _moves(act.entity, key, typed)}
            named = set(trigger.fields) or moved
            if act.entity == trigger.entity and moved & named:
                return True
    return False


def _is_shown(act: SendEmail, trigger: Trigger) -> bool:
    shown = act.result
    if shown is None or shown.entity != trigger.entity:
        return False
    return not trigger.fields or shown.state in trigger.fields


def _always(steps: Sequence[ActionStep]) -> Iterator[ActionStep]:
    """Yield steps that are done whatever the record holds, up to the first that waits."""
    for step in steps:
        if isinstance(step.act, Wait):
            return
        if step.when is None:
            yield step


def _moves(entity: str, key: str, typed: Typed) -> bool:
    """Return whether a formula gives a field another value each time: it is worked out of it."""
    own = any(
        len(chain) == 1 and (chain[0].entity, chain[0].field) == (entity, key)
        for chain in typed.dependencies.reads
    )
    return own and typed.text != key and not _settles(typed)


def _settles(typed: Typed) -> bool:
    """Return whether a formula may give what it is given: only adding to a number never does."""
    return not any(sign in typed.text for sign in (" + ", " - ", " & "))
