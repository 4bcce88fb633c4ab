"""Values of the bind parameters that statements read their surroundings through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from engine.context import Actor, Context


def binds(ctx: Context) -> dict[str, object]:
    """Return every fixed bind: the moment, the acting person, the tenant's settings.

    Names are `today`, `now`, `zone`, `user__<name>`, `setting__<name>`; a statement takes
    those it uses.
    """
    return bound(ctx, (*_MOMENT, *_ACTOR, *(_SETTING + name for name in ctx.model.settings)))


def bound(ctx: Context, names: Iterable[str]) -> dict[str, object]:
    """Return those of the fixed binds that are named; None for what there is none of.

    Somebody may have hundreds of departments: they are only listed where they are asked for.
    """
    return {name: _bind(ctx, name) for name in names}


def _bind(ctx: Context, name: str) -> object:
    of_actor = _ACTOR.get(name)
    if of_actor is not None:
        return of_actor(ctx.actor)
    of_context = _MOMENT.get(name)
    if of_context is not None:
        return of_context(ctx)
    setting = name.removeprefix(_SETTING)
    declared = ctx.model.settings.get(setting) if setting != name else None
    return None if declared is None else ctx.settings.get(setting, declared.default)


_SETTING = "setting__"

_MOMENT: Mapping[str, Callable[[Context], object]] = {
    "today": lambda ctx: ctx.moment.today,
    "now": lambda ctx: ctx.moment.now,
    "zone": lambda ctx: ctx.moment.zone,
    "user__language": lambda ctx: ctx.language,
}

_ACTOR: Mapping[str, Callable[[Actor], object]] = {
    "user__id": lambda actor: actor.user,
    "user__name": lambda actor: actor.name,
    "user__roles": lambda actor: list(actor.roles),
    "user__department": lambda actor: actor.department,
    "user__departments": lambda actor: list(actor.departments),
    "user__home_departments": lambda actor: list(actor.home_departments),
    "user__team": lambda actor: list(actor.teams),
    "user__position": lambda actor: actor.position,
    "user__level": lambda actor: None if actor.level is None else Decimal(actor.level),
    "user__manager": lambda actor: actor.manager,
    "user__managers": lambda actor: list(actor.managers),
    "user__represents": lambda actor: list(actor.represents),
    "user__acting_for": lambda actor: list(actor.acting_for),
    "user__grantees": lambda actor: list(actor.grantees),
}
