"""`template`: apps as files, checked, bundled, compared; their scenarios played."""

from __future__ import annotations

from dataclasses import asdict

import click

from boot.catalogue import template_documents, template_layers, template_names
from boot.cli.failures import terminal_language
from boot.cli.options import as_json, with_settings
from boot.cli.output import show_json, show_table
from boot.cli.plans import show_differences
from boot.settings import Settings
from boot.wiring import house
from engine.scenarios import ScenarioResult, rehearse, report, staged
from metamodel import DefinitionInvalid, bundle, load
from metamodel.diff import diff as differences_of
from metamodel.handbook import handbook
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
        app = load(template_layers(name)).app
        label = app.label.text(terminal_language())
        rows.append((name, label, app.version, ", ".join(app.languages), app.extends))
    if json_:
        show_json([dict(zip(_HEADERS, row, strict=True)) for row in rows])
    else:
        show_table(_HEADERS, rows)


_HEADERS = ("name", "label", "version", "languages", "extends")


@template.command("check")
@click.argument("file")
@click.option("--scenarios", is_flag=True, help="Play its scenarios too, on a throw-away tenant.")
@as_json
@with_settings
def check(settings: Settings, file: str, *, scenarios: bool, json_: bool) -> int:
    """Check an app: every problem at once, with its place and how to mend it."""
    try:
        model = load(template_layers(file))
    except DefinitionInvalid as error:
        if not json_:
            raise
        show_json({"valid": False, "problems": [asdict(each) for each in error.problems]})
        return 1
    found = _size(model)
    played = _played(settings, file) if scenarios else ()
    if json_:
        passed = {result.name: result.passed for result in played}
        show_json({"valid": True, **found, **({"passed": passed} if scenarios else {})})
    else:
        _show_checked(model, found)
        if scenarios:
            click.echo(report(played, terminal_language()))
    return 0 if all(result.passed for result in played) else 1


def _show_checked(model: Model, found: dict[str, object]) -> None:
    parts = ", ".join(f"{count} {name}" for name, count in found.items() if name != "declared")
    click.echo(f"{model.app.name} {model.app.version} is valid: {parts}.")
    for each in model.declared:
        place = f"{each.origin.file}:{each.origin.line}"
        click.echo(f"  declared, not yet active: {'.'.join(each.path)} ({place})")


def _played(settings: Settings, file: str) -> tuple[ScenarioResult, ...]:
    """Play an app's scenarios on a tenant of its own, which is gone afterwards."""
    documents = template_documents(file)
    with (
        house(settings) as built,
        staged(built.database, built.provisioning, documents, built.rehearsal.doors) as stage,
    ):
        return tuple(rehearse(stage))


@template.command("bundle")
@click.argument("file")
def bundle_(file: str) -> None:
    """Print an app and all it includes as one file."""
    click.echo(bundle(template_layers(file)), nl=False)


@template.command("docs")
@click.argument("file")
@click.option("--language", metavar="LANGUAGE", help="Which language; the terminal's if omitted.")
@as_json
def docs(file: str, *, language: str | None, json_: bool) -> None:
    """Print a data dictionary of an app, in Markdown."""
    model = load(template_layers(file))
    text = handbook(model, language or terminal_language())
    if json_:
        show_json({"app": model.app.name, "version": model.app.version, "markdown": text})
    else:
        click.echo(text, nl=False)


@template.command("diff")
@click.argument("a")
@click.argument("b")
@as_json
def diff(a: str, b: str, *, json_: bool) -> int:
    """Show what differs between two apps. Exit status 1 where anything does."""
    old, new = (load(template_layers(each)) for each in (a, b))
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
