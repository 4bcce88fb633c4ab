"""`template`: apps as files, checked, bundled and compared without a database."""

from __future__ import annotations

import click

from boot.catalogue import template_names, template_path
from boot.cli.options import as_json
from boot.cli.output import show_json, show_table
from boot.cli.plans import show_differences
from metamodel import bundle, load, read_app
from metamodel.diff import diff as differences_of
from metamodel.model import Model


@click.group()
def template() -> None:
    """Apps: what tenants are made from."""


@template.command("list")
@as_json
def list_(*, json_: bool) -> None:
    """List the apps that come along."""
    rows = []
    for name in template_names():
        app = load([read_app(template_path(name))]).app
        rows.append((name, app.label.text("en"), app.version, ", ".join(app.languages)))
    if json_:
        show_json([dict(zip(_HEADERS, row, strict=True)) for row in rows])
    else:
        show_table(_HEADERS, rows)


_HEADERS = ("name", "label", "version", "languages")


@template.command("check")
@click.argument("file")
@as_json
def check(file: str, *, json_: bool) -> None:
    """Check an app: every problem at once, with its place and how to mend it."""
    model = load([read_app(template_path(file))])
    found = _size(model)
    if json_:
        show_json({"valid": True, **found})
        return
    parts = ", ".join(f"{count} {name}" for name, count in found.items() if name != "declared")
    click.echo(f"{model.app.name} {model.app.version} is valid: {parts}.")
    for each in model.declared:
        place = f"{each.origin.file}:{each.origin.line}"
        click.echo(f"  declared, not yet active: {'.'.join(each.path)} ({place})")


@template.command("bundle")
@click.argument("file")
def bundle_(file: str) -> None:
    """Print an app and all it includes as one file."""
    click.echo(bundle([read_app(template_path(file))]), nl=False)


@template.command("diff")
@click.argument("a")
@click.argument("b")
@as_json
def diff(a: str, b: str, *, json_: bool) -> int:
    """Show what differs between two apps. Exit status 1 where anything does."""
    old, new = (load([read_app(template_path(each))]) for each in (a, b))
    return show_differences(differences_of(old, new).differences, json_=json_)


def _size(model: Model) -> dict[str, object]:
    live = [each for each in model.entities.values() if not each.system and not each.retired]
    return {
        "entities": len(live),
        "fields": sum(len(each.fields) for each in live),
        "roles": len(model.roles),
        "dashboards": len(model.dashboards),
        "scenarios": len(model.scenarios),
        "declared": [".".join(each.path) for each in model.declared],
    }
