"""Values of the bind parameters that statements read their surroundings through."""

from __future__ import annotations

from decimal import Decimal

from engine.context import Context


def binds(ctx: Context) -> dict[str, object]:
    """Return every fixed bind: the moment, the acting person, the tenant's settings.

    Names are `today`, `now`, `zone`, `user__<name>`, `setting__<name>`; a statement takes
    those it uses.
    """
    actor, moment = ctx.actor, ctx.moment
    found: dict[str, object] = {
        "today": moment.today,
        "now": moment.now,
        "zone": moment.zone,
        "user__id": actor.user,
        "user__name": actor.name,
        "user__roles": list(actor.roles),
        "user__language": ctx.language,
        "user__department": actor.department,
        "user__departments": list(actor.departments),
        "user__home_departments": list(actor.home_departments),
        "user__team": list(actor.teams),
        "user__position": actor.position,
        "user__level": None if actor.level is None else Decimal(actor.level),
        "user__manager": actor.manager,
        "user__managers": list(actor.managers),
        "user__represents": list(actor.represents),
        "user__acting_for": list(actor.acting_for),
        "user__grantees": list(actor.grantees),
    }
    for name, setting in ctx.model.settings.items():
        found[f"setting__{name}"] = ctx.settings.get(name, setting.default)
    return found
