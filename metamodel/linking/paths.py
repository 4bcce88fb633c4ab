"""Resolves dotted paths of columns, sorts and groups."""

from __future__ import annotations

from difflib import get_close_matches

from formula.scope import CollectionBinding, FieldBinding, TableBinding
from formula.types import ListType
from metamodel.model import Collection
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.references import Path, Reference
from metamodel.scope import ModelScope
from metamodel.showing import shown
from metamodel.views import FieldPath


def field_path(scope: ModelScope, text: str) -> FieldPath | None:
    """Return what a dotted path shows, or None where it shows nothing."""
    binding = shown(scope, tuple(text.split(".")))
    if binding is not None and binding_steps(binding):
        return FieldPath(text, binding)
    return None


def binding_steps(binding: FieldBinding | TableBinding) -> int:
    """Return how many fields a binding reads on the way; 0 where it reads no record."""
    return len(binding.steps if isinstance(binding, FieldBinding) else binding.base.steps)


def read_path(node: Node, scope: ModelScope, text: str, *, at: str = "") -> FieldPath | None:
    """Return what a path shows; report one that shows nothing."""
    found = field_path(scope, text)
    refer_path(node, scope, text, at=at)
    if found is None:
        entity = scope.model.entities[scope.entity].name
        sentence = f"`{text}` shows nothing of `{entity}`."
        node.report("unknown_path", sentence, _hint(scope, text), at=at)
    return found


def refer_path(node: Node, scope: ModelScope, text: str, *, at: str = "") -> None:
    """Note that a dotted path stands here, or under `at`."""
    if node.merged.references is not None:
        path = (*node.path, at) if at else node.path
        named = Reference(path, text, scope=scope, key=not at and text == node.name)
        node.merged.references.append(named)


def refer_collection(node: Node, collection: Collection, *, at: str = "") -> None:
    """Note that this element, or what stands under `at`, names a collection."""
    node.refer(collection.name, *collection_path(collection), at=at)


def collection_path(collection: Collection) -> Path:
    """Return the path, of keys, of what names a collection: a link, or the entity of lines."""
    if collection.children:
        return "entities", collection.entity, "child_of", "collection"
    return "entities", collection.entity, "fields", collection.via, "inverse"


def _hint(scope: ModelScope, text: str) -> str:
    path = tuple(text.split("."))
    if isinstance(scope.lookup(path), CollectionBinding):
        return f"It is many records: count them in a computed field, such as `COUNT({text})`."
    known = scope.suggestions(path)
    close = get_close_matches(text, known, n=1)
    return f"Did you mean `{close[0]}`?" if close else nearest(text, known, "There are")


def read_order(node: Node, scope: ModelScope, text: str, *, at: str = "") -> FieldPath | None:
    """Return a path to sort or group by; report one that has several values in one row."""
    found = read_path(node, scope, text, at=at)
    if found is not None and isinstance(found.binding, FieldBinding) and found.binding.sealed:
        node.report(
            "encrypted_use",
            f"`{text}` is encrypted, so that no row comes before another by it.",
            "Name a field that is not encrypted.",
            at=at,
        )
        return None
    if found is None or not isinstance(found.binding.type, ListType):
        return found
    node.report(
        "not_sortable",
        f"`{text}` has several values in one row, so that no row comes before another by it.",
        "Name a field with one value.",
        at=at,
    )
    return None
