"""What roles list by name: stages, buttons, conversions, views, dashboards, menu entries.

A list limits somebody only together with the lists of all their roles that reach the entity:
one role without a list opens everything, as several roles add up. A denial closes for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from engine.access.grants import changes, holds_everything, parents_of, reaches, roles_of
from engine.context import Context
from metamodel.access import Role
from metamodel.dashboards import Dashboard, MenuEntry
from metamodel.model import Entity

Part = Literal["buttons", "views"]


def may_enter(ctx: Context, entity: Entity, stage: str) -> bool:
    """Return whether the person may move records of an entity into a stage, both by key."""
    roles = roles_of(ctx)
    if holds_everything(ctx.actor, roles):
        return True
    if any(stage in role.barred.get(entity.key, ()) for role in roles):
        return False
    return _allows(ctx, entity, changes, lambda role: role.moves, stage)


def may_use(ctx: Context, entity: Entity, part: Part, key: str) -> bool:
    """Return whether the person may open a view, or press a button or conversion, by its key."""

    def lists(role: Role) -> Mapping[str, tuple[str, ...]]:
        return role.views if part == "views" else role.buttons

    if holds_everything(ctx.actor, roles_of(ctx)):
        return True
    return _allows(ctx, entity, reaches, lists, key)


def usable_dashboards(ctx: Context) -> list[Dashboard]:
    """Return the dashboards a person may open: as their roles list them, else as the app does."""
    everything = list(ctx.model.dashboards.values())
    roles = roles_of(ctx)
    if holds_everything(ctx.actor, roles):
        return everything
    held = set(ctx.actor.roles)
    allowed = [each for each in everything if not each.roles or held.intersection(each.roles)]
    named = _named(role.dashboards for role in roles)
    if named is None:
        return allowed
    kept = [each for each in allowed if each.key in named or each.name in named]
    places = {name: place for place, name in reversed(list(enumerate(named)))}
    return sorted(kept, key=lambda each: places.get(each.key, places.get(each.name, 0)))


def visible_entries(ctx: Context, entries: Iterable[MenuEntry]) -> list[MenuEntry]:
    """Return those of some menu entries that the person's roles let them see."""
    roles = roles_of(ctx)
    if holds_everything(ctx.actor, roles):
        return list(entries)
    held = set(ctx.actor.roles)
    named = _named(role.menu for role in roles)
    return [
        entry
        for entry in entries
        if (not entry.roles or held.intersection(entry.roles))
        and (named is None or bool(entry.entries) or entry.key in named)
    ]


def _allows(
    ctx: Context,
    entity: Entity,
    matters: Callable[[Role, Entity], bool],
    lists: Callable[[Role], Mapping[str, tuple[str, ...]]],
    key: str,
) -> bool:
    roles = roles_of(ctx)
    _, owner = parents_of(ctx.model, entity)
    asked = [role for role in roles if matters(role, owner)] or list(roles)
    limits = [lists(role).get(entity.key) for role in asked]
    return not limits or any(limit is None or key in limit for limit in limits)


def _named(lists: Iterable[tuple[str, ...] | None]) -> list[str] | None:
    """Return what lists name, in order; None where one of them, or none at all, limits nothing."""
    known = list(lists)
    if not known or any(each is None for each in known):
        return None
    return list(dict.fromkeys(name for each in known for name in each or ()))
