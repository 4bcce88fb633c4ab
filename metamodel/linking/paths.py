"""Resolves dotted paths of columns, sorts and groups."""

from __future__ import annotations

from difflib import get_close_matches

from formula.scope import FieldBinding, TableBinding
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import ModelScope
from metamodel.views import FieldPath


def field_path(scope: ModelScope, text: str) -> FieldPath | None:
    """Return what a dotted path shows, or None where it shows nothing."""
    binding = scope.shown(tuple(text.split(".")))
    if binding is not None and binding_steps(binding):
        return FieldPath(text, binding)
    return None


def binding_steps(binding: FieldBinding | TableBinding) -> int:
    """Return how many fields a binding reads on the way; 0 where it reads no record."""
    return len(binding.steps if isinstance(binding, FieldBinding) else binding.base.steps)


def read_path(node: Node, scope: ModelScope, text: str, *, at: str = "") -> FieldPath | None:
    """Return what a path shows; report one that shows nothing."""
    found = field_path(scope, text)
    if found is None:
        known = scope.suggestions(tuple(text.split(".")))
        close = get_close_matches(text, known, n=1)
        hint = f"Did you mean `{close[0]}`?" if close else nearest(text, known, "There are")
        entity = scope.model.entities[scope.entity].name
        node.report("unknown_path", f"`{text}` shows nothing of `{entity}`.", hint, at=at)
    return found
