"""Lets forms and views follow fields that another version of the layers below has renamed."""

from __future__ import annotations

from collections.abc import Mapping

from metamodel.editing.smallest import pairs
from metamodel.edits import Document
from metamodel.layers import SCREENS

Names = Mapping[str, str]

BY_FIELD = frozenset({"items", "figures", "columns", "card", "sums"})
"""Parts of forms and views whose elements are called after the field that they show."""


def renamed_fields(base: Document, theirs: Document) -> dict[str, dict[str, str]]:
    """Return what the newer version calls fields that it renamed, by entity of the base."""
    found: dict[str, dict[str, str]] = {}
    there, here = _map(theirs, "entities"), _map(base, "entities")
    for name, old in pairs(here, there).items():
        fields = _map(here[old], "fields"), _map(there[name], "fields")
        called = {was: now for now, was in pairs(*fields).items() if was != now}
        if called:
            found[old] = called
    return found


def following(base: Document, document: Document, called: Mapping[str, Names]) -> Document:
    """Return a document whose forms and views call renamed fields as the newer version does."""
    entities = _map(document, "entities")
    result = dict(entities)
    for name, old in pairs(_map(base, "entities"), entities).items():
        element = entities[name]
        if old in called and isinstance(element, Mapping):
            parts = {
                part: _members(element[part], called[old]) for part in SCREENS if part in element
            }
            result[name] = {**element, **parts}
    return {**document, "entities": result}


def _members(value: object, called: Names, *, named: bool = False) -> object:
    """Rename the members of a form or view that stand for renamed fields."""
    if not isinstance(value, Mapping):
        return value
    return {
        called.get(name, name) if named else name: _members(each, called, named=name in BY_FIELD)
        for name, each in value.items()
    }


def _map(element: object, name: str) -> Mapping[str, object]:
    found = element.get(name) if isinstance(element, Mapping) else None
    return found if isinstance(found, Mapping) else {}
