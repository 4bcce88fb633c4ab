"""`audit`: the audit log as a file, and what is too old to be kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from boot.cli.failures import terminal_language
from boot.cli.options import with_settings, yes
from boot.settings import Settings
from boot.wiring import house
from engine.audit.asked import Question
from engine.audit.purge import purge, purge_installation
from engine.context import Cause

DAY = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def audit() -> None:
    """Who did what, when and from where."""


@audit.command("export")
@click.argument("tenant")
@click.option("--since", type=DAY, help="From this day on (UTC).")
@click.option("--until", type=DAY, help="Before this day (UTC).")
@click.option("--kind", "kinds", multiple=True, help="Only events of this kind; may be repeated.")
@click.option("--person", type=click.UUID, help="Only what they did, or what became of them.")
@click.option("--format", "format_", type=click.Choice(["csv", "xlsx", "jsonl"]), default="csv")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    required=True,
    help="The file to write.",
)
@with_settings
def audit_export(
    settings: Settings, tenant: str, format_: Any, out: Path, person: UUID | None, **asked: Any
) -> None:
    """Write the audit log of a tenant to a file; that it was taken is in the log, too."""
    question = Question(
        since=_instant(asked["since"]),
        until=_instant(asked["until"]),
        person=person,
        kinds=asked["kinds"],
    )
    with house(settings) as built:
        ctx = built.contexts.system(tenant, language=terminal_language(), cause=Cause("cli"))
        with out.open("wb") as file:
            file.writelines(built.services.audit_reader.export(ctx, question, format_))
    click.echo(f"The audit log of {tenant} is in {out}.")


@audit.command("purge")
@click.argument("tenant", required=False)
@click.option("--installation", is_flag=True, help="The log of sign-ins and accounts instead.")
@click.option("--before", type=DAY, required=True, help="Take away what is older (UTC).")
@yes
@with_settings
def audit_purge(
    settings: Settings, tenant: str | None, before: datetime, *, installation: bool, yes: bool
) -> None:
    """Take away what is older than a day, for good. That this was done stays in the log."""
    if (tenant is None) is not installation:
        raise click.UsageError("Name a tenant, or give --installation.")
    of = tenant or "the installation"
    if not yes:
        click.confirm(f"Take away the audit log of {of} from before {before:%Y-%m-%d}?", abort=True)
    instant = before.replace(tzinfo=UTC)
    with house(settings) as built:
        if tenant is None:
            gone = purge_installation(built.database, built.doors, instant)
        else:
            ctx = built.contexts.system(tenant, cause=Cause("cli"))
            gone = purge(built.database, built.audit, ctx, instant)
    click.echo(f"{gone} events of {of} from before {before:%Y-%m-%d} are gone.")


def _instant(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)
