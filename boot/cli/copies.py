"""`tenant clone`, `backup`, `restore` and `move`: a tenant as a whole, to another place."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from boot.cli.options import with_settings
from boot.errors import BootError
from boot.migration import migrate
from boot.settings import Settings
from boot.tenancy import Wanted, make_alike, seat
from boot.transfers import transfers
from boot.wiring import house
from engine.tenants.registry import require_name
from metamodel import builtin_digest

passphrase_stdin = click.option(
    "--passphrase-stdin", is_flag=True, help="Read a passphrase from standard input."
)
database_option = click.option(
    "--database-name", "place", default="", metavar="NAME", help="Place it on this database."
)


@click.command()
@click.argument("name")
@click.argument("to")
@click.option("--without-data", is_flag=True, help="Its shape and roles, and starter records.")
@click.option("--mask", is_flag=True, help="Put made-up values in place of personal data.")
@click.option("--admin", default="", metavar="EMAIL", help="Make this person its administrator.")
@database_option
@with_settings
def clone(
    settings: Settings,
    name: str,
    to: str,
    admin: str,
    place: str,
    *,
    without_data: bool,
    mask: bool,
) -> None:
    """Make the tenant TO like NAME. Run again after a failure, it goes on."""
    if without_data and mask:
        raise click.UsageError("--without-data copies nothing that --mask could mask.")
    require_name(to)
    with house(settings) as built:
        if without_data:
            make_alike(built, name, Wanted(to, "", administrator=admin, database=place))
        else:
            cloning = transfers(built).cloning
            cloning.clone(name, to, mask=mask, database=place, progress=_show)
            if admin:
                seat(built, to, admin)
    click.echo(f"The tenant {to} is like {name} now.")


@click.command()
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@passphrase_stdin
@with_settings
def backup(settings: Settings, name: str, file: Path, *, passphrase_stdin: bool) -> None:
    """Back the tenant NAME up to FILE, while people work in it."""
    passphrase = _passphrase() if passphrase_stdin else ""
    with house(settings) as built:
        transfers(built).backups.back_up(name, file, passphrase=passphrase, progress=_show)
    click.echo(f"The tenant {name} is in {file}.")
    if not passphrase:
        click.echo(
            "It can be restored only where the master key is the same: keep a copy of that, or "
            "back up with --passphrase-stdin.",
            err=True,
        )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "name", default="", metavar="NAME", help="Under another name.")
@database_option
@passphrase_stdin
@with_settings
def restore(
    settings: Settings, file: Path, name: str, place: str, *, passphrase_stdin: bool
) -> None:
    """Make a tenant of the backup in FILE. Run again after a failure, it goes on."""
    passphrase = _passphrase() if passphrase_stdin else ""
    with house(settings) as built, file.open("rb") as content:
        record = transfers(built).restoring.restore(
            content, name=name, database=place, passphrase=passphrase, progress=_show
        )
        if record.builtin != builtin_digest():
            for _ in migrate(built, [record]):
                pass
    click.echo(f"The tenant {record.tenant.name} is back.")


@click.command()
@click.argument("name")
@click.argument("database")
@with_settings
def move(settings: Settings, name: str, database: str) -> None:
    """Move the tenant NAME to another database; people read on, and wait with writing."""
    with house(settings) as built:
        transfers(built).moving.move(name, database, progress=_show)
    click.echo(f"The tenant {name} lives on {database} now.")


def _show(what: str, done: int, steps: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done * 100 // steps:3d} %  {what:<50.50}", nl=done == steps, err=True)


def _passphrase() -> str:
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise BootError("--passphrase-stdin was given and nothing came on standard input.")
    return given
