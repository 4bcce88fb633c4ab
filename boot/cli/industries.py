"""`template clone`, `export`, `from-tenant`: apps made of apps, and of tenants."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from boot.catalogue import template_documents, template_layers, template_names
from boot.cli.options import with_settings
from boot.errors import BootError
from boot.settings import Settings
from boot.wiring import house
from engine.schema.revisions import Document
from engine.store import layers_of
from engine.tenants.reshape import app_named
from metamodel import Layer, bundle, load, read_text
from metamodel.dump import dump
from metamodel.editing import minimal_layer
from metamodel.edits import apply
from metamodel.packs import is_pack, said_of_app

file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
label_option = click.option("--label", default="", help="What people call it.")


@click.command()
@click.argument("name")
@file_argument
@label_option
def clone(name: str, file: Path, *, label: str) -> None:
    """Begin an industry app in FILE that stands on the app NAME and says only what differs."""
    below = template_layers(name)
    model = load(below)
    written = _written(file, label, model.app.name, {})
    load([*below, read_text(written, file.name)])
    _save(file, written)


@click.command()
@click.argument("tenant")
@file_argument
@click.option("--layer", "kind", flag_value="layer", default="layer", help="Its own layer alone.")
@click.option("--flat", "kind", flag_value="flat", help="All that it is made of, as one app.")
@with_settings
def export(settings: Settings, tenant: str, file: Path, *, kind: str) -> None:
    """Write what a tenant is made of into FILE: its own layer, or all of it as one app."""
    with house(settings) as built:
        documents = built.publisher.documents(built.registry.get(tenant).tenant)
    own = documents[-1].text or "{}\n"
    _save(file, own if kind == "layer" else bundle(layers_of(documents)))


@click.command("from-tenant")
@click.argument("tenant")
@file_argument
@label_option
@with_settings
def from_tenant(settings: Settings, tenant: str, file: Path, *, label: str) -> None:
    """Make an industry app in FILE of what a tenant changed: a new tenant of it has the same."""
    with house(settings) as built:
        documents = built.publisher.documents(built.registry.get(tenant).tenant)
    apps = [each for each in layers_of(documents[:-1]) if not is_pack(each.document)]
    name = app_named(_top(documents))
    _require_present(name, apps)
    own: Mapping[str, object] = {}
    for layer in layers_of(documents)[len(apps) :]:
        said = {key: value for key, value in layer.document.items() if key not in ("app", "format")}
        own = apply(own, said)
    written = _written(file, label, name, minimal_layer(apps, own))
    load([*apps, read_text(written, file.name)])
    _save(file, written)


def _top(documents: tuple[Document, ...]) -> Document:
    """Return the highest app that a tenant stands on, packs aside."""
    layers = layers_of(documents[:-1])
    found = [
        document
        for document, layer in zip(documents, layers, strict=False)
        if not is_pack(layer.document)
    ]
    return found[-1]


def _require_present(name: str, apps: list[Layer]) -> None:
    """Refuse a tenant whose app is not the one that a new tenant would stand on."""
    if name not in template_names():
        raise BootError(
            f"The app {name!r} does not come along, so that nothing can extend it by name: "
            "export the tenant with --flat."
        )
    present = layers_of(template_documents(name)[:-1])
    if [each.document for each in present] != [each.document for each in apps]:
        raise BootError(
            f"The tenant stands on another version of {name!r} than the one that comes along: "
            f"upgrade it first (`joinery upgrade … --template {name}`)."
        )


def _written(file: Path, label: str, extends: str, says: Mapping[str, object]) -> str:
    """Return an app that extends another, named after its file."""
    name = file.stem.lower().replace("-", "_").replace(" ", "_")
    app = {
        **said_of_app(says),
        "name": name,
        "label": label or name.replace("_", " ").capitalize(),
        "version": "0.1.0",
        "extends": extends,
    }
    return dump({"format": 1, **says, "app": app})


def _save(file: Path, text: str) -> None:
    """Write a new file; what is there already is not overwritten."""
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise BootError(f"{file} is there already: choose another name.") from None
    except OSError as error:
        raise BootError(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"{file} is written.")
