"""`key`: turning the keys that tenants' encrypted values are under, and wrapping them anew."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from boot.cli.options import with_settings
from boot.errors import BootError
from boot.settings import Settings
from boot.wiring import house
from engine.context import Cause
from engine.sealing import MasterKey, Unsealable
from engine.vault.rotation import due, turn


@click.group()
def key() -> None:
    """Keys: each tenant has its own, under the installation's master key."""


@key.command("rotate")
@click.argument("tenant")
@click.option("--resume", is_flag=True, help="Go on with what was stopped; make no new version.")
@with_settings
def rotate(settings: Settings, tenant: str, *, resume: bool) -> None:
    """Make the next version of a tenant's key, and encrypt every value under it.

    People go on working. Stopped half-way, it goes on with --resume.
    """
    with house(settings) as built:
        ctx = built.contexts.system(tenant, cause=Cause("cli"))
        if not resume:
            built.vault.rotate(ctx.tenant)
        ahead = due(built.database, ctx)
        with click.progressbar(length=ahead, label=tenant, file=sys.stderr) as bar:
            done = turn(
                built.database,
                built.vault,
                ctx,
                progress=lambda done: bar.update(done - bar.pos),
            )
        version = built.vault.ring(ctx.tenant).current
    click.echo(f"{done} values of {tenant} are encrypted under version {version} of its key.")


@key.command("rewrap")
@click.argument("tenant")
@click.option(
    "--former",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that holds the master key which the tenant's keys are under now.",
)
@with_settings
def rewrap(settings: Settings, tenant: str, *, former: Path) -> None:
    """Put a tenant's keys, as those of a backup from elsewhere, under this master key."""
    try:
        other = MasterKey.read(former.read_text("ascii"))
    except ValueError as error:
        raise BootError(f"{former} holds no master key: {error}.") from None
    with house(settings) as built:
        place = built.registry.get(tenant).tenant
        try:
            moved = built.vault.rewrap(place, other)
        except Unsealable:
            raise BootError(_OTHER.format(tenant=tenant)) from None
    click.echo(f"{moved} keys of {tenant} are under this installation's master key now.")


_OTHER = (
    "The keys of {tenant} are under another master key: put them under this installation's with "
    "`joinery key rewrap {tenant} --former FILE`."
)
