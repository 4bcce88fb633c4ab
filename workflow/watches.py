"""Which automations changes of records may set off, worked out from the model once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.changes import RecordChange
from engine.compiled import CompiledModel
from metamodel.automation import Automation, Event
from metamodel.model import Entity, Model

OF_RECORDS: frozenset[Event] = frozenset({"created", "updated", "deleted", "stage"})
"""What a change of a record may set off."""

FOLLOWING: frozenset[Event] = frozenset({"updated"})
"""What a change that followed from another record's may set off, too."""

Watches = Mapping[str, tuple[Automation, ...]]
"""Automations by the key of the entity whose changes set them off."""


def watches_of(compiled: CompiledModel) -> Watches:
    """Return the automations that changes of records may set off, kept with the model."""
    return compiled.keep("watches", lambda: _watches(compiled.model))


def concerns(compiled: CompiledModel, entity: str) -> bool:
    """Return whether a change of records of an entity may set an automation off.

    That may be one over its lines, or over records whose stored values follow.
    """
    return entity in compiled.keep("watched", lambda: _watched(compiled))


def sets_off(automation: Automation, entity: Entity, change: RecordChange) -> bool:
    """Return whether a change is of the kind that an automation waits for."""
    trigger = automation.trigger
    if change.computed and trigger.on not in FOLLOWING:
        return False
    match trigger.on:
        case "created":
            return change.operation == "create"
        case "deleted":
            return change.operation == "delete"
        case "updated":
            wanted = set(trigger.fields)
            changed = change.after.keys()
            return _is_edit(change) and (not wanted or not wanted.isdisjoint(changed))
        case "stage":
            return _enters(automation, entity, change)
        case _:
            return False


def _is_edit(change: RecordChange) -> bool:
    return change.operation in ("update", "move") and bool(change.after)


def _enters(automation: Automation, entity: Entity, change: RecordChange) -> bool:
    """Return whether a record enters a stage; a new one enters its first, and leaves none."""
    trigger = automation.trigger
    pipelines = (
        [entity.pipelines[trigger.pipeline]] if trigger.pipeline else entity.pipelines.values()
    )
    for pipeline in pipelines:
        key = pipeline.field_key
        if change.operation not in ("create", "update", "move") or key not in change.after:
            continue
        left, entered = change.before.get(key), change.after[key]
        if trigger.left and left not in trigger.left:
            continue
        if entered is not None and (not trigger.entered or entered in trigger.entered):
            return True
    return False


def _watches(model: Model) -> Watches:
    found: dict[str, list[Automation]] = {}
    for each in model.automations.values():
        if each.active and each.trigger.on in OF_RECORDS:
            found.setdefault(each.trigger.entity, []).append(each)
    return {key: tuple(automations) for key, automations in found.items()}


def _watched(compiled: CompiledModel) -> frozenset[str]:
    model, watches = compiled.model, watches_of(compiled)
    following = [
        key
        for key, automations in watches.items()
        if any(_follows(model.entities[key], each) for each in automations)
    ]
    if following:
        return frozenset(model.entities)
    return frozenset(
        key for key in model.entities if any(each in watches for each in _whole(model, key))
    )


def _follows(entity: Entity, automation: Automation) -> bool:
    """Return whether an automation waits for values that follow from other records."""
    if automation.trigger.on not in FOLLOWING:
        return False
    named = automation.trigger.fields or tuple(entity.fields)
    return any(entity.fields[key].stored and entity.fields[key].formula for key in named)


def _whole(model: Model, entity: str) -> Iterator[str]:
    """Yield an entity and those of its lines, lines of lines included."""
    yield entity
    for collection in model.entities[entity].collections.values():
        if collection.children and collection.entity != entity:
            yield from _whole(model, collection.entity)


def merged(changes: Sequence[RecordChange]) -> list[RecordChange]:
    """Return changes with what followed on a record joined to what was entered on it.

    A new record is new as a whole: what followed on it is no edit.
    """
    entered = {(each.entity, each.id): each for each in changes if not each.computed}
    found = list(entered.values())
    at = {(each.entity, each.id): index for index, each in enumerate(found)}
    for each in changes:
        place = (each.entity, each.id)
        if not each.computed:
            continue
        if place not in at:
            found.append(each)
        elif found[at[place]].operation in ("update", "move"):
            found[at[place]] = _joined(found[at[place]], each)
    return found


def _joined(entered: RecordChange, followed: RecordChange) -> RecordChange:
    return RecordChange(
        entered.entity,
        entered.id,
        entered.operation,
        {**followed.before, **entered.before},
        {**entered.after, **followed.after},
    )
