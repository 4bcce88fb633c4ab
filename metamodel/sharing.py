"""Finds fields that all targets of a link to several entities share: `about.name`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from formula.conversions import common_type
from formula.scope import (
    CollectionBinding,
    EntityBinding,
    FieldBinding,
    Path,
    Scope,
    SharedBinding,
    TableBinding,
)
from formula.types import ValueType
from metamodel.model import Entity, Model


def shared_field(model: Model, scope: Scope, path: Path) -> SharedBinding | None:
    """Return what `path` means where it goes through a link to several without saying to which.

    None where a target has no such field, or one of another type.
    """
    for end in range(1, len(path)):
        through = scope.lookup(path[:end])
        targets = _targets(model, through) if isinstance(through, FieldBinding) else ()
        if targets:
            return _united(scope, path, end, targets)
    return None


def _targets(model: Model, binding: FieldBinding) -> tuple[Entity, ...]:
    """Return the entities that a link to several points to; nothing for other fields."""
    if not binding.steps:
        return ()
    last = binding.steps[-1]
    link = model.entities[last.entity].fields[last.field].link
    if link is None or link.many or len(link.to) < 2:
        return ()
    return tuple(model.entities[key] for key in link.to)


def _united(scope: Scope, path: Path, end: int, targets: Iterable[Entity]) -> SharedBinding | None:
    members: list[FieldBinding | TableBinding | EntityBinding] = []
    for target in targets:
        found = scope.lookup((*path[:end], f"as_{target.name}", *path[end:]))
        if found is None or isinstance(found, CollectionBinding):
            return None
        members.extend(found.members if isinstance(found, SharedBinding) else (found,))
    kind = _kind_of_all([member.type for member in members])
    return SharedBinding(path, kind, tuple(members)) if kind is not None else None


def _kind_of_all(kinds: Sequence[ValueType]) -> ValueType | None:
    """Return the type that holds values of all, if they are of one kind."""
    found: ValueType | None = kinds[0]
    for kind in kinds[1:]:
        found = common_type(found, kind) if found and type(found) is type(kind) else None
    return found
