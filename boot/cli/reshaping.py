"""`plan`, `apply`, `revisions`, `diff` and `rollback`: changing what a tenant is made of."""

from __future__ import annotations

from pathlib import Path

import click

from boot.cli.options import as_json, with_settings, yes
from boot.cli.output import show_json, show_table
from boot.cli.plans import keep_rows, show_differences, show_plan, status_of
from boot.cli.publishing import despite_red, message_option, publish_shown, reported
from boot.errors import BootError
from boot.settings import Settings
from boot.wiring import House, house
from engine.context import Tenant
from engine.planning import report_facts
from engine.planning.rows import rows_csv
from engine.publish import Proposal
from engine.store import model_of
from engine.tenants.reshape import with_changes, with_layer
from metamodel.diff import diff as differences_of

layer_file = click.argument("layer", type=click.Path(exists=True, dir_okay=False, path_type=Path))
whole_option = click.option("--whole", is_flag=True, help="The file is the tenant's whole layer.")


@click.command()
@click.argument("tenant")
@layer_file
@whole_option
@as_json
@click.option("--sql", is_flag=True, help="Print the statements.")
@click.option(
    "--rows",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write every record that the change does something to into a CSV file.",
)
@with_settings
def plan(
    settings: Settings,
    tenant: str,
    layer: Path,
    *,
    whole: bool,
    json_: bool,
    sql: bool,
    rows: Path | None,
) -> int:
    """Show what a change would do, and run nothing. Exit status 2 where it would lose data."""
    with house(settings) as built:
        place = built.registry.get(tenant).tenant
        proposal = _proposal(built, place, layer, whole=whole)
        found = reported(built, place, proposal)
        if rows is not None:
            keep_rows(rows, rows_csv(built.publisher, place, proposal, found))
    if json_:
        show_json(report_facts(found))
    elif sql:
        click.echo(proposal.plan.sql(), nl=False)
    else:
        show_plan(found)
    return status_of(found)


@click.command()
@click.argument("tenant")
@layer_file
@whole_option
@message_option
@yes
@despite_red
@with_settings
def apply(
    settings: Settings,
    tenant: str,
    layer: Path,
    *,
    whole: bool,
    message: str,
    yes: bool,
    despite: bool,
) -> int:
    """Publish a change as the tenant's next revision."""
    with house(settings) as built:
        place = built.registry.get(tenant).tenant
        proposal = _proposal(built, place, layer, whole=whole)
        return publish_shown(built, place, proposal, message=message, yes=yes, despite=despite)


@click.command()
@click.argument("tenant")
@as_json
@with_settings
def revisions(settings: Settings, tenant: str, *, json_: bool) -> None:
    """List a tenant's revisions, the newest first."""
    with house(settings) as built:
        found = built.publisher.revisions(built.registry.get(tenant).tenant)
    facts = [
        {"number": each.number, "at": each.at, "author": each.author.name, "message": each.message}
        for each in found
    ]
    if json_:
        show_json(
            [{**fact, "summary": each.summary} for fact, each in zip(facts, found, strict=True)]
        )
    else:
        show_table(tuple(facts[0]), [tuple(fact.values()) for fact in facts])


@click.command()
@click.argument("tenant")
@click.argument("a", type=int)
@click.argument("b", type=int)
@as_json
@with_settings
def diff(settings: Settings, tenant: str, a: int, b: int, *, json_: bool) -> int:
    """Show what differs between two revisions. Exit status 1 where anything does."""
    with house(settings) as built:
        place = built.registry.get(tenant).tenant
        old, new = (model_of(built.publisher.documents(place, number)) for number in (a, b))
    return show_differences(differences_of(old, new).differences, json_=json_)


@click.command()
@click.argument("tenant")
@click.argument("number", type=int)
@message_option
@yes
@despite_red
@with_settings
def rollback(
    settings: Settings, tenant: str, number: int, *, message: str, yes: bool, despite: bool
) -> int:
    """Publish revision NUMBER again; records stay as they are."""
    with house(settings) as built:
        place = built.registry.get(tenant).tenant
        proposal = built.publisher.propose(place, built.publisher.documents(place, number))
        said = message or f"Back to revision {number}"
        return publish_shown(built, place, proposal, message=said, yes=yes, despite=despite)


def _proposal(built: House, place: Tenant, layer: Path, *, whole: bool) -> Proposal:
    try:
        text = layer.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BootError(f"{layer} is not UTF-8 text: save it as UTF-8 and try again.") from None
    documents = built.publisher.documents(place)
    merged = with_layer if whole else with_changes
    return built.publisher.propose(place, merged(documents, text, layer.name))
