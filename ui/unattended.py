"""The screen of somebody who is not there: for what is made, or said, while nobody looks."""

from __future__ import annotations

from urllib.parse import quote

from engine.context import Context
from engine.errors import NotFound
from ui.choices import choices_of
from ui.formats import Formats
from ui.screen import Screen
from ui.services import Services, SignedIn
from ui.words import words_of


def screen_of(services: Services, ctx: Context) -> Screen:
    """Return the screen of the person of a context; raise `NotFound` for one without an account."""
    account = services.accounts.works_as(ctx.tenant.name, ctx.actor.user)
    if account is None:
        raise NotFound(user=str(ctx.actor.user))
    words = words_of(ctx.language)
    choices = choices_of(services.preferences.of(ctx), f"/{quote(ctx.tenant.name)}")
    zone = choices.zone or ctx.moment.zone
    return Screen(
        ctx=ctx,
        services=services,
        signed_in=SignedIn(account, "", ""),
        words=words,
        formats=Formats(words.language, zone, ctx.model.app.currency),
        choices=choices,
    )
