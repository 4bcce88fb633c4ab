"""`person`: giving somebody what is known of them, and erasing it."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from boot.cli.options import as_json, with_settings, yes
from boot.cli.output import show_facts, show_json
from boot.errors import BootError
from boot.settings import Settings
from boot.wiring import House, house
from engine.context import Cause, Context
from engine.personal.subject import Subject


@click.group()
def person() -> None:
    """What is known of one person: a customer, a contact, a lead, a colleague who left."""


@person.command("export")
@click.argument("tenant")
@click.argument("entity")
@click.argument("record", type=click.UUID)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Where the ZIP goes.",
)
@with_settings
def export(settings: Settings, tenant: str, entity: str, record: UUID, *, out: Path) -> None:
    """Write everything that is known of a person into one file, to give to them."""
    with house(settings) as built:
        ctx, key = _place(built, tenant, entity)
        pieces = built.services.person_files.export(ctx, key, record)
        with out.open("wb") as file:
            file.writelines(pieces)
    click.echo(f"What is known of {entity} {record} is in {out}.")


@person.command("erase")
@click.argument("tenant")
@click.argument("entity")
@click.argument("record", type=click.UUID)
@click.option("--dry-run", is_flag=True, help="Say what would be erased, and do nothing.")
@yes
@as_json
@with_settings
def erase(  # noqa: PLR0913 - one for each flag
    settings: Settings, tenant: str, entity: str, record: UUID, *,
    dry_run: bool, yes: bool, json_: bool,
) -> None:  # fmt: skip
    """Take everything personal of a person away, for good. Stopped half-way, call it again."""
    with house(settings) as built:
        ctx, key = _place(built, tenant, entity)
        facts = _facts(ctx, built.services.erasures.preview(ctx, key, record))
        if not dry_run:
            if not yes and not json_:
                show_facts(facts)
                click.confirm("Erase this person for good?", abort=True)
            begun = built.services.erasures.begin(ctx, key, record)
            done = built.services.erasures.run(ctx, begun.id)
            told = {name: done.report[name] for name in _TOLD if name in done.report}
            facts = {"person": done.pseudonym, **told}
    if json_:
        show_json(facts)
    else:
        show_facts(facts)


_TOLD = ("records", "values", "comments", "history")
"""Numbers of a report that people are told."""


def _place(built: House, tenant: str, entity: str) -> tuple[Context, str]:
    """Return the system's context, and an entity's key by its name."""
    ctx = built.contexts.system(tenant, cause=Cause("cli"))
    kind = ctx.model.entity_named(entity)
    if kind is None or kind.system:
        raise BootError(f"The tenant {tenant} has no entity {entity!r}.")
    return ctx, kind.key


def _facts(ctx: Context, subject: Subject) -> dict[str, object]:
    """Return what an erasure would be about: how many records of which entity, and who stays."""
    names = {key: ctx.model.entities[key].name for key in (*subject.about, *subject.others)}
    about = {f"erases {names[key]}": len(ids) for key, ids in subject.about.items()}
    return {**about, **{f"keeps {names[key]}": len(ids) for key, ids in subject.others.items()}}
