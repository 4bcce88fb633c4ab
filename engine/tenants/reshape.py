"""From a file of changes to the documents that a tenant's next model is linked from."""

from __future__ import annotations

from collections.abc import Sequence

from engine.schema.revisions import Document
from engine.store import layers_of
from metamodel import load, read_text
from metamodel.dump import dump
from metamodel.edits import apply

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
