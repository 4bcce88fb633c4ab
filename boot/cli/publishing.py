"""Publishing from the terminal: the plan is shown, the scenarios played, then it is done."""

from __future__ import annotations

import click

from boot.cli.failures import terminal_language
from boot.cli.plans import show_plan, status_of
from boot.errors import BootError, WouldLoseData
from boot.wiring import House
from engine.context import Cause, Tenant
from engine.errors import ModelChanged, ScenariosRed
from engine.planning import PlanReport, report
from engine.publish import Proposal
from engine.scenarios import ScenarioResult
from engine.scenarios import report as told
from engine.schema.revisions import Author

message_option = click.option("--message", default="", help="What the revision is about.")
despite_red = click.option(
    "--despite-red", "despite", is_flag=True, help="Publish although scenarios fail."
)


def reported(built: House, place: Tenant, proposal: Proposal) -> PlanReport:
    """Return the plan in words, with who would gain and who would lose what."""
    system = built.contexts.system(place.name, cause=Cause("cli"))
    access = built.services.comparer.models(system, proposal.new)
    return report(proposal, access, terminal_language())


def publish_shown(
    built: House,
    place: Tenant,
    proposal: Proposal,
    *,
    message: str,
    yes: bool,
    despite: bool = False,
) -> int:
    """Show a proposal and publish it, unless it does nothing, loses data or a scenario is red.

    With `despite`, and with a yes to everything, red scenarios stop nothing.
    """
    if proposal.old is proposal.new:
        return _unchanged(place, proposal)
    found = reported(built, place, proposal)
    show_plan(found)
    if found.risk == "blocked":
        return status_of(found)
    if found.risk == "loses" and not yes:
        raise WouldLoseData("Nothing was done. Say --yes if these values may go out of sight.")
    try:
        proposal = _rehearsed(built, place, proposal, despite=despite or yes)
        published = built.publisher.publish(
            place, proposal, author=Author("joinery apply"), message=message, allow_loss=yes
        )
    except ScenariosRed as error:
        raise _stopped(error) from None
    except ModelChanged:
        raise BootError(
            f"Somebody else published {place.name} meanwhile, and nothing was applied: "
            "run this again, to see what it changes now."
        ) from None
    click.echo(f"{place.name} is at revision {published.revision}.")
    return 0


def _rehearsed(built: House, place: Tenant, proposal: Proposal, *, despite: bool) -> Proposal:
    """Play the scenarios that a change can touch; raise `ScenariosRed`, or say which fail."""
    played = built.rehearsal.require(place, proposal, despite=despite)
    if played.red:
        click.echo(f"Published although these scenarios fail: {', '.join(played.red)}.")
    return played


def _unchanged(place: Tenant, proposal: Proposal) -> int:
    click.echo(f"Nothing changes: {place.name} stays at revision {proposal.over}.")
    return 0


def _stopped(error: ScenariosRed) -> BootError:
    """Show which scenarios fail; return the refusal."""
    red = [each for each in error.results if isinstance(each, ScenarioResult)]
    click.echo(told(red, terminal_language()))
    return BootError("Nothing was done. Say --despite-red, or --yes, to publish all the same.")
