"""The apps that come along, and apps in files, as documents that a tenant stands on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from boot.errors import BootError
from engine.schema.revisions import Document
from metamodel import DefinitionInvalid, Layer, bundle, read_text
from metamodel.cache import fingerprint
from metamodel.keeping import is_private, put_whole, state_of
from metamodel.packs import is_pack
from metamodel.stack import beside, read_stack

_ENDING = "_template.yaml"

INDUSTRIES, PACKS = "industries", "packs"
"""The folders of apps that stand on others, and of packs that stand beside them."""


def template_names() -> tuple[str, ...]:
    """Return the names of the apps that come along, those of industries after what they extend."""
    return tuple(_templates())


def pack_names() -> tuple[str, ...]:
    """Return the names of the packs that come along."""
    return tuple(_named(PACKS))


@lru_cache
def template_versions() -> Mapping[str, str]:
    """Return the version of every app and pack that comes along, by name."""
    files = {**_named(PACKS), **_templates()}
    return {name: _version(path) for name, path in files.items()}


def _version(path: Path) -> str:
    """Return the version that a file says, without reading all of a large app."""
    found = _SAID_OF_APP.search(path.read_text("utf-8"))
    app = read_text(found[0], path.name).document.get("app") if found else None
    return str(app.get("version", "")) if isinstance(app, Mapping) else ""


_SAID_OF_APP = re.compile(r"^app:.*\n(?:[ #].*\n)*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ComingAlong:
    """The apps and packs that come along, for tenants that stand on an older version of one."""

    shelf: Path

    def versions(self) -> Mapping[str, str]:
        """Return the version of each, by name."""
        return template_versions()

    def documents(self, name: str) -> tuple[Document, ...]:
        """Return the chain of an app, lowest first, or one pack."""
        if name in pack_names():
            return (pack_document(name),)
        return template_documents(name, self.shelf)[:-1]


def template_path(name_or_file: str) -> Path:
    """Return the file of an app or pack, by the name it comes along under or by path."""
    path = {**_named(PACKS), **_templates()}.get(name_or_file, Path(name_or_file))
    if path.is_file():
        return path
    raise BootError(
        f"There is no template {name_or_file!r}, and no such file. Joinery brings "
        f"{', '.join(template_names())}, and the packs {', '.join(pack_names())}."
    )


def pack_document(name_or_file: str) -> Document:
    """Return a pack as one document; raises `DefinitionInvalid`, or where it is none."""
    layer = template_layers(name_or_file)[-1]
    if layer.problems:
        raise DefinitionInvalid(layer.problems)
    if not is_pack(layer.document):
        raise BootError(
            f"{name_or_file} is an app of its own: a pack says `kind: pack` under `app:`."
        )
    return Document(f"{layer.name}.yaml", bundle([layer]))


def template_documents(name_or_file: str, shelf: Path | None = None) -> tuple[Document, ...]:
    """Return the documents of a new tenant: apps, each flattened, and a layer that says nothing.

    Flattening takes seconds of a large app, so the apps that come along are kept on the `shelf`,
    a folder, once they were.
    """
    if shelf is None or name_or_file not in template_names():
        return _flattened(name_or_file)
    path = shelf / f"{_state_of_apps(name_or_file)}.json"
    kept = _kept(path)
    if kept is not None:
        return kept
    documents = _flattened(name_or_file)
    _keep(path, json.dumps([(each.name, each.text) for each in documents]))
    return documents


def _state_of_apps(name: str) -> str:
    """Return what tells the apps that come along, as they are now, from any other state."""
    files = ((path.name, path) for path in sorted(_folder().rglob("*.yaml")))
    return state_of(f"{name} {fingerprint()}", files)


def _kept(path: Path) -> tuple[Document, ...] | None:
    """Return the documents of a file that is whole and that nobody else may have written."""
    try:
        if not is_private(path.parent):
            return None
        return tuple(Document(name, text) for name, text in json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return None


def _keep(path: Path, text: str) -> None:
    """Put a file in its place whole; where that fails it is made again next time."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if is_private(path.parent):
            put_whole(path, text.encode())


def _flattened(name_or_file: str) -> tuple[Document, ...]:
    layers = template_layers(name_or_file)
    for layer in layers:
        if layer.problems:
            raise DefinitionInvalid(layer.problems)
    *below, top = layers
    apps = [Document(f"{layer.name}.yaml", bundle([layer])) for layer in below]
    apps.append(Document(template_path(name_or_file).name, bundle([top])))
    return (*apps, Document("tenant", ""))


def template_layers(name_or_file: str) -> tuple[Layer, ...]:
    """Return an app as layers, those that it extends below it."""
    return read_stack(template_path(name_or_file), _extended)


def _extended(name: str, path: Path) -> Path | None:
    """Return the file of the app that another extends: beside it, or one that comes along."""
    return beside(name, path) or _templates().get(name)


def _templates() -> dict[str, Path]:
    """Return the files of the apps that come along, by name."""
    found = sorted(_folder().glob(f"*{_ENDING}"))
    return {path.name.removesuffix(_ENDING): path for path in found} | _named(INDUSTRIES)


def _named(folder: str) -> dict[str, Path]:
    return {path.stem: path for path in sorted((_folder() / folder).glob("*.yaml"))}


def _folder() -> Path:
    spec = find_spec("apps")
    places = list(spec.submodule_search_locations or ()) if spec else []
    for place in places:
        if (Path(place) / f"crm{_ENDING}").exists():
            return Path(place)
    raise BootError("The apps that belong to Joinery are not installed: install it again.")
