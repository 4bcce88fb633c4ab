"""What service levels promise of records, worked out from the conditions that hold of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from engine.compiled import CompiledModel
from engine.records.conditions import Written, hold
from engine.records.formed import Stand, values_of
from engine.records.work import Work
from formula.typed import Typed
from metamodel.duties import ServiceLevel, Target
from metamodel.model import Model
from workflow.service_levels.business import Business
from workflow.service_levels.clock import Mark, Promise

Promises = Mapping[str, Promise | None]
"""What counts of a record by group of targets; None where nothing does."""


def levels_of(compiled: CompiledModel, entity: str) -> tuple[ServiceLevel, ...]:
    """Return the active service levels over an entity, kept with the model."""
    return compiled.keep("service levels", lambda: _by_entity(compiled.model)).get(entity, ())


def _by_entity(model: Model) -> Mapping[str, tuple[ServiceLevel, ...]]:
    found: dict[str, list[ServiceLevel]] = {}
    for each in model.service_levels.values():
        if each.active:
            found.setdefault(each.entity, []).append(each)
    return {entity: tuple(levels) for entity, levels in found.items()}


def groups_of(levels: Sequence[ServiceLevel]) -> Sequence[str]:
    """Return the groups of targets of some service levels, in the order of the app."""
    return list(dict.fromkeys(t.group for level in levels for t in level.targets.values()))


def promises_of(work: Work, entity: str, records: Sequence[Written]) -> Mapping[UUID, Promises]:
    """Return what is promised of each of some records of one entity, as they are now."""
    levels = levels_of(work.ctx.compiled, entity)
    named = dict(_conditions(levels))
    holding = hold(work, work.entity(entity), named, records) if named else {}
    hours = _hours(work, entity, levels, [each.id for each in records])
    groups = groups_of(levels)
    found: dict[UUID, dict[str, Promise | None]] = {}
    for each in records:
        holds = holding.get(each.id, frozenset())
        found[each.id] = {
            group: _promise(work.model, levels, group, holds, hours.get(each.id, {}))
            for group in groups
        }
    return found


def _conditions(levels: Sequence[ServiceLevel]) -> Iterator[tuple[str, Typed]]:
    for level in levels:
        for name, typed in (
            ("when", level.when), ("start", level.start_when),
            ("pause", level.pause_when), ("stop", level.stop_when),
        ):  # fmt: skip
            if typed is not None:
                yield f"{level.key}:{name}", typed
        for target in level.targets.values():
            for name, typed in (("when", target.when), ("stop", target.stop_when)):
                if typed is not None:
                    yield f"{level.key}:{target.key}:{name}", typed


def conditions_of(levels: Sequence[ServiceLevel]) -> Iterator[Typed]:
    """Yield all formulas that service levels look at."""
    yield from (typed for _, typed in _conditions(levels))
    for level in levels:
        yield from (each.hours for each in level.targets.values() if each.hours is not None)


def _hours(
    work: Work, entity: str, levels: Sequence[ServiceLevel], ids: Sequence[UUID]
) -> Mapping[UUID, Mapping[str, Decimal]]:
    """Return the working hours that formulas of targets come to, by `level:target`."""
    formulas = {
        f"{level.key}:{each.key}": each.hours
        for level in levels
        for each in level.targets.values()
        if each.hours is not None
    }
    if not formulas or not ids:
        return {}
    key = ("hours of targets", *formulas)
    rows = values_of(work, Stand(entity), ids, list(formulas.values()), key)
    return {
        id_: {name: value for name, value in zip(formulas, row, strict=True) if value is not None}
        for id_, row in rows.items()
    }


def _promise(
    model: Model, levels: Sequence[ServiceLevel], group: str,
    holds: frozenset[str], hours: Mapping[str, Decimal],
) -> Promise | None:  # fmt: skip
    """Return what the first level, and its first target, say that the record is one for."""
    for level in levels:
        if level.when is not None and f"{level.key}:when" not in holds:
            continue
        for target in level.targets.values():
            name = f"{level.key}:{target.key}"
            if target.group == group and (target.when is None or f"{name}:when" in holds):
                return Promise(
                    level=level.key,
                    target=target.key,
                    length=target.within or hours.get(name),
                    business=Business(model, level.calendar),
                    marks=tuple(_marks(level, target)),
                    started=level.start_when is None or f"{level.key}:start" in holds,
                    paused=f"{level.key}:pause" in holds,
                    stopped=f"{name}:stop" in holds,
                    over=f"{level.key}:stop" in holds,
                )
    return None


def _marks(level: ServiceLevel, target: Target) -> Iterator[Mark]:
    for each in level.escalation:
        if each.target in ("", target.name, target.group):
            yield Mark(each.key, each.share, each.after)
