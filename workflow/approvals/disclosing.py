"""What of an approval somebody may see: of what was frozen, the fields that they may read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.context import Context
from engine.doors import Access
from metamodel.model import Entity, Field
from workflow.approvals.keeping import Case


def values_shown(ctx: Context, access: Access, case: Case) -> dict[str, Any]:
    """Return the record as it was decided on, by field name. Any: JSON of every shape."""
    values = case.snapshot.get("values")
    entity = ctx.model.entities.get(case.entity)
    return _shown(ctx, access, entity, values) if entity is not None and values else {}


def changes_shown(ctx: Context, access: Access, case: Case) -> dict[str, Any]:
    """Return the change that waits, by field name. Any: JSON of every shape."""
    entity = ctx.model.entities.get(case.entity)
    if entity is None or not case.changes:
        return {}
    clear = _clear(ctx, access, entity)
    return {entity.fields[key].name: value for key, value in case.changes.items() if key in clear}


def before_shown(ctx: Context, access: Access, case: Case) -> dict[str, Any]:
    """Return what a change found when it was submitted, by field name. Any: JSON."""
    return {field.name: before for field, before, _ in sides_shown(ctx, access, case)}


def sides_shown(ctx: Context, access: Access, case: Case) -> Iterator[tuple[Field, Any, Any]]:
    """Yield each field that waits to be changed, with its value before and after.

    Values are as history keeps them; the one before is that when it was submitted. Any: JSON.
    """
    entity = ctx.model.entities.get(case.entity)
    before, after = (case.snapshot.get(side) or {} for side in ("before", "after"))
    if entity is not None:
        clear = _clear(ctx, access, entity)
        for key in (each for each in entity.fields if each in after and each in clear):
            yield entity.fields[key], before.get(key), after[key]


def page_shown(ctx: Context, access: Access, case: Case) -> str:
    """Return the document that was decided on, for whoever may read all that a record holds."""
    entity = ctx.model.entities.get(case.entity)
    page = case.snapshot.get("page")
    whole = entity is not None and _reads_all(ctx, access, entity)
    return str(page) if page and whole else ""


def _shown(
    ctx: Context, access: Access, entity: Entity, values: Mapping[str, Any]
) -> dict[str, Any]:
    names = {entity.fields[key].name for key in _clear(ctx, access, entity)}
    found = {name: value for name, value in values.items() if name in names or name == "id"}
    for name, each in entity.collections.items():
        lines, child = values.get(name), ctx.model.entities[each.entity]
        if each.children and isinstance(lines, list):
            found[name] = [_shown(ctx, access, child, line) for line in lines]
    return found


def _clear(ctx: Context, access: Access, entity: Entity) -> frozenset[str]:
    """Return the fields, by key, that somebody reads as they are."""
    clear = access.readable(ctx, entity.key) - access.masked(ctx, entity.key)
    return frozenset(key for key in clear if key in entity.fields)


def _reads_all(ctx: Context, access: Access, entity: Entity) -> bool:
    if access.masked(ctx, entity.key):
        return False
    live = {key for key, each in entity.fields.items() if not each.retired and not each.builtin}
    if not live <= access.readable(ctx, entity.key):
        return False
    children = [ctx.model.entities[each.entity] for each in entity.collections.values()
                if each.children and each.entity != entity.key]  # fmt: skip
    return all(_reads_all(ctx, access, child) for child in children)
