"""`pack`: packs put beside a tenant's app, and taken away again."""

from __future__ import annotations

import click

from boot.catalogue import pack_document, pack_names, template_layers
from boot.cli.failures import terminal_language
from boot.cli.options import as_json, with_settings, yes
from boot.cli.output import show_json, show_table
from boot.cli.publishing import despite_red, message_option, publish_shown
from boot.settings import Settings
from boot.wiring import house
from engine.tenants.reshape import with_pack, without_pack
from metamodel import load


@click.group()
def pack() -> None:
    """Packs: entities and fields that stand beside an app."""


@pack.command("list")
@as_json
def list_(*, json_: bool) -> None:
    """List the packs that come along."""
    rows = []
    for name in pack_names():
        said = load(template_layers(name)).packs[name]
        rows.append((name, said.label.text(terminal_language()), said.version, said.extends))
    headers = ("name", "label", "version", "extends")
    if json_:
        show_json([dict(zip(headers, row, strict=True)) for row in rows])
    else:
        show_table(headers, rows)


@pack.command("add")
@click.argument("tenant")
@click.argument("name")
@message_option
@yes
@despite_red
@with_settings
def add(
    settings: Settings, tenant: str, name: str, *, message: str, yes: bool, despite: bool
) -> int:
    """Put a pack beside a tenant's app, by its name or as a file; a newer one takes its place."""
    document = pack_document(name)
    with house(settings) as built:
        place = built.registry.get(tenant).tenant
        documents = with_pack(built.publisher.documents(place), document)
        proposal = built.publisher.propose(place, documents)
        said = message or f"With the pack {name}"
        return publish_shown(built, place, proposal, message=said, yes=yes, despite=despite)


@pack.command("drop")
@click.argument("tenant")
@click.argument("name")
@message_option
@yes
@despite_red
@with_settings
def drop(
    settings: Settings, tenant: str, name: str, *, message: str, yes: bool, despite: bool
) -> int:
    """Take a pack away from a tenant; its data are kept, and come back with it."""
    with house(settings) as built:
        place = built.registry.get(tenant).tenant
        documents = without_pack(built.publisher.documents(place), name)
        proposal = built.publisher.propose(place, documents)
        said = message or f"Without the pack {name}"
        return publish_shown(built, place, proposal, message=said, yes=yes, despite=despite)
