"""From a file of changes to the documents that a tenant's next model is linked from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.errors import NotFound
from engine.schema.revisions import Document
from engine.store import layers_of
from metamodel import load, read_text
from metamodel.dump import dump
from metamodel.edits import apply
from metamodel.packs import is_pack, said_of_app

OWN = "tenant"
"""What the tenant's own layer is called in errors and origins."""


def with_changes(documents: Sequence[Document], text: str, name: str) -> tuple[Document, ...]:
    """Return a tenant's documents with a partial layer merged into its own, the last.

    Raises `DefinitionInvalid` with places in the file that was given.
    """
    changes = read_text(text, name)
    # Checked as a layer of its own first: in the merged text its places would be lost.
    load([*layers_of(documents), changes])
    own = read_text(documents[-1].text, OWN)
    merged = dump(apply(own.document, changes.document))
    return (*documents[:-1], Document(OWN, merged))


def with_layer(documents: Sequence[Document], text: str, name: str) -> tuple[Document, ...]:
    """Return a tenant's documents with `text` as the whole of its own layer."""
    below = documents[:-1]
    load([*layers_of(below), read_text(text, name)])
    return (*below, Document(OWN, text))


def with_pack(documents: Sequence[Document], pack: Document) -> tuple[Document, ...]:
    """Return a tenant's documents with a pack under its own layer, or in place of itself."""
    name = app_named(pack)
    packs = {app_named(each) for each in documents[:-1] if is_pack(_said(each))}
    if name in packs:
        return tuple(pack if app_named(each) == name else each for each in documents)
    return (*documents[:-1], pack, documents[-1])


def without_pack(documents: Sequence[Document], name: str) -> tuple[Document, ...]:
    """Return a tenant's documents without a pack; raise `NotFound` where it has none such."""
    found = [each for each in documents if is_pack(_said(each)) and app_named(each) == name]
    if not found:
        raise NotFound(f"There is no pack {name!r} here.", pack=name)
    return tuple(each for each in documents if each not in found)


def app_named(document: Document) -> str:
    """Return the name of the app or pack that a document holds; blank for a tenant's own layer."""
    name = said_of_app(_said(document)).get("name")
    return name if isinstance(name, str) else ""


def _said(document: Document) -> Mapping[str, object]:
    return read_text(document.text, document.name).document if document.text.strip() else {}
