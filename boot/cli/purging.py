"""`purge`: deleting for good what has been out of use for long enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

from boot.cli.failures import terminal_language
from boot.cli.options import as_json, with_settings, yes
from boot.cli.output import show_json, show_table
from boot.cli.plans import show_plan
from boot.errors import BootError, WouldLoseData
from boot.settings import Settings
from boot.wiring import House, house
from engine.audit.event import Event
from engine.context import Cause, Context
from engine.planning import report
from engine.purging import Purges
from engine.retired import Retired
from engine.schema.revisions import Author


@click.command()
@click.argument("tenant")
@click.argument("element", required=False)
@yes
@as_json
@with_settings
def purge(settings: Settings, tenant: str, element: str | None, *, yes: bool, json_: bool) -> int:
    """Delete the data of a retired ELEMENT for good; without ELEMENT, list what is retired.

    ELEMENT is `entity` or `entity.field`. Exit status 2 where --yes is missing.
    """
    with house(settings) as built:
        place = built.registry.get(tenant).tenant
        ctx = built.contexts.system(place.name, cause=Cause("cli"))
        grace = timedelta(days=settings.purge_after)
        purges = Purges(built.publisher, built.services.retired, grace)
        if element is None:
            _list(purges, purges.list(ctx), json_=json_)
            return 0
        return _purge(built, ctx, purges, element, yes=yes)


def _list(purges: Purges, found: Sequence[Retired], *, json_: bool) -> None:
    facts = [
        {
            "element": element_of(each),
            "version": each.version.number,
            "at": each.version.at,
            "author": each.version.author.name,
            "values": each.values,
            "from": purges.due(each).date(),
        }
        for each in found
    ]
    if json_:
        show_json(facts)
    elif facts:
        show_table(tuple(facts[0]), [tuple(fact.values()) for fact in facts])
    else:
        click.echo("Nothing is retired.")


def _purge(built: House, ctx: Context, purges: Purges, element: str, *, yes: bool) -> int:
    found = next((each for each in purges.list(ctx) if element_of(each) == element), None)
    if found is None:
        raise BootError(
            f"{element} is not retired: `joinery purge {ctx.tenant.name}` lists what is."
        )
    if ctx.now < purges.due(found):
        raise BootError(
            f"{element} went with version {found.version.number} on "
            f"{found.version.at:%Y-%m-%d}: it may be deleted from {purges.due(found):%Y-%m-%d} on."
        )
    proposal = purges.propose(ctx, found.path)
    show_plan(report(proposal, None, terminal_language()))
    if not yes:
        raise WouldLoseData("Nothing was deleted. Say --yes if this may go for good.")
    published = built.publisher.publish(
        ctx.tenant, proposal, author=Author("joinery purge"), message=f"Purged {element}",
        allow_loss=True,
    )  # fmt: skip
    built.audit.note(ctx, Event("purged", found.path[1], detail={"element": element}))
    click.echo(f"{element} is deleted; {ctx.tenant.name} is at revision {published.revision}.")
    return 0


def element_of(each: Retired) -> str:
    """Return what the command calls an element: `entity` or `entity.field`."""
    return ".".join(each.path[1::2])
