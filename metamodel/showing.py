"""What a dotted path shows in a list, also where no formula reads it: links to many, files."""

from __future__ import annotations

from formula.scope import FieldBinding, Path, Step, TableBinding
from formula.types import ListType, TextType
from metamodel.scope import ModelScope, find_field

SEVERAL = ListType(TextType())
"""Stands for the type of what has no order and no one value."""


def shown(scope: ModelScope, path: Path) -> FieldBinding | TableBinding | None:
    """Return what a path shows, or None where it shows nothing."""
    found = scope.lookup(path)
    if isinstance(found, FieldBinding | TableBinding):
        return found
    steps: tuple[Step, ...] = ()
    entity = scope.model.entities.get(scope.entity)
    if len(path) > 1:
        before = scope.lookup(path[:-1])
        if not isinstance(before, FieldBinding) or before.root != "record" or not before.steps:
            return None
        steps, last = before.steps, before.steps[-1]
        link = scope.model.entities[last.entity].fields[last.field].link
        entity = scope.model.entities.get(link.to[0]) if link and len(link.to) == 1 else None
    chosen = find_field(entity, path[-1]) if entity is not None and path else None
    if entity is None or chosen is None or chosen.value_type is not None:
        return None
    return FieldBinding(path, SEVERAL, (*steps, Step(entity.key, chosen.key)))
