"""`joinery`: every command, its exit status, and every refusal as a sentence.

Exit status: 0 done, 1 refused or differences found, 2 would lose data, 64 wrong usage.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from boot.cli.audits import audit
from boot.cli.copies import backup, clone, move, restore
from boot.cli.databases import database
from boot.cli.failures import sentences
from boot.cli.industries import clone as clone_template
from boot.cli.industries import export as export_template
from boot.cli.industries import from_tenant
from boot.cli.keys import key
from boot.cli.leaving import transfer
from boot.cli.packs import pack
from boot.cli.people import proofs, token, user
from boot.cli.personal import person
from boot.cli.purging import purge
from boot.cli.records import export, import_, recompute
from boot.cli.reshaping import apply, diff, plan, revisions, rollback
from boot.cli.serving import serve, worker
from boot.cli.setting_up import doctor, init, migrate, version
from boot.cli.templates import template
from boot.cli.tenants import tenant
from boot.cli.upgrading import upgrade
from boot.embedded import EmbeddedError
from boot.errors import BootError, WouldLoseData
from engine.errors import EngineError
from metamodel.problems import DefinitionInvalid

DONE, REFUSED, LOSES_DATA, USAGE, INTERRUPTED = 0, 1, 2, 64, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def joinery() -> None:
    """A CRM that its owners reshape."""


COMMANDS = (
    (serve, worker, init, migrate, doctor, version)
    + (template, pack, database, tenant, user, token, key, person, audit)
    + (plan, apply, revisions, diff, rollback, upgrade, purge)
    + (import_, export, recompute)
)

for _command in COMMANDS:
    joinery.add_command(_command)

for _command in (clone, backup, restore, move):
    tenant.add_command(_command)

for _command in (clone_template, export_template, from_tenant):
    template.add_command(_command)

user.add_command(transfer)
tenant.add_command(proofs)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line and end the process with its exit status."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run a command line; return its exit status."""
    try:
        status = joinery.main(list(arguments), prog_name="joinery", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return REFUSED
    except WouldLoseData as error:
        click.echo(str(error), err=True)
        return LOSES_DATA
    except (BootError, EmbeddedError, EngineError, DefinitionInvalid) as error:
        for line in sentences(error):
            click.echo(line, err=True)
        return REFUSED
    return status if isinstance(status, int) else DONE


if __name__ == "__main__":
    main()
