"""Automations that set each other off for ever: found where nothing could end it.

Only what is certain counts: steps that are always done, that make a record or give a field a
value which differs from the one it had, and automations without a condition. What a condition
may end is stopped when it runs, by how deep a chain is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from formula.typed import Typed
from metamodel.actions import (
    Act,
    ActionStep,
    Branch,
    CallAutomation,
    CreateRecord,
    SendEmail,
    SetFields,
    StartApproval,
    Wait,
)
from metamodel.automation import Automation, Trigger

Named = Mapping[str, Automation]


def loop_among(automations: Mapping[str, Automation]) -> Iterator[tuple[str, ...]]:
    """Yield circles of automations by name, the first of each its last too; each once."""
    free = [each for each in automations.values() if each.active and each.when is None]
    named = {each.name: each for each in automations.values() if each.active}
    done = {each.name: [*_always(each.steps, named)] for each in free}
    leads = {one: [other.name for other in free if _sets_off(done[one], other)] for one in done}
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


def _sets_off(steps: Sequence[ActionStep], other: Automation) -> bool:
    """Return whether steps that are always done set another automation off."""
    return any(_wakes(step.act, other) for step in steps)


def _wakes(act: Act, other: Automation) -> bool:
    trigger = other.trigger
    match act:
        case CreateRecord():
            return trigger.on == "created" and act.entity == trigger.entity
        case SendEmail() if trigger.on == "updated":
            # What becomes of each message is shown, and that is a change.
            return _is_shown(act, trigger)
        case SetFields() if trigger.on == "updated" and act.entity == trigger.entity:
            moved = {key for key, typed in act.values.items() if _moves(act.entity, key, typed)}
            return bool(moved & (set(trigger.fields) or moved))
        case Branch():
            # One of its arms is taken, whatever the record holds.
            arms = [[step for step in arm.steps if step.when is None] for arm in act.arms]
            whole = any(arm.when is None for arm in act.arms)
            return whole and all(_sets_off(steps, other) for steps in arms)
        case _:
            return False


def _is_shown(act: SendEmail, trigger: Trigger) -> bool:
    shown = act.result
    if shown is None or shown.entity != trigger.entity:
        return False
    return not trigger.fields or shown.state in trigger.fields


def _always(steps: Sequence[ActionStep], named: Named) -> Iterator[ActionStep]:
    """Yield steps that are done whatever the record holds, up to the first that waits."""
    for step in steps:
        if _waits(step.act, named):
            return
        if step.when is not None:
            continue
        called = _called(step.act, named)
        if called is None:
            yield step
        else:
            yield from _always(called.steps, _without(called, named))


def _waits(act: Act, named: Named) -> bool:
    """Return whether what follows may come much later, or never."""
    match act:
        case Wait() | StartApproval():
            return True
        case Branch():
            return any(_waits(step.act, named) for arm in act.arms for step in arm.steps)
        case CallAutomation():
            called = _called(act, named)
            rest = {} if called is None else _without(called, named)
            return called is not None and any(_waits(step.act, rest) for step in called.steps)
        case _:
            return False


def _called(act: Act, named: Named) -> Automation | None:
    return named.get(act.automation) if isinstance(act, CallAutomation) else None


def _without(called: Automation, named: Named) -> Named:
    """Return what else may be called: a circle of calls is told of elsewhere."""
    return {name: each for name, each in named.items() if name != called.name}


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
