"""Refuses an edit, as the loader refuses metadata: with a code, a place, and how to mend it."""

from __future__ import annotations

from metamodel.problems import DefinitionInvalid, Place, Problem


def refusal(code: str, path: tuple[str, ...], sentence: str, hint: str) -> DefinitionInvalid:
    """Return the refusal of one edit of what stands at a path."""
    return DefinitionInvalid([Problem(code, Place("", 1, 1, path), sentence, hint)])
