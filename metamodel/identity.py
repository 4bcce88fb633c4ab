"""The names that an element answers to: its own, its key, and those it had before."""

from __future__ import annotations

from collections.abc import Mapping


def former_names(element: object) -> set[str]:
    """Return the names that `renamed_from` gives an element."""
    former = element.get("renamed_from") if isinstance(element, Mapping) else None
    if isinstance(former, str):
        return {former}
    return {str(name) for name in former} if isinstance(former, list) else set()


def identities(name: str, element: object) -> set[str]:
    """Return every name that an element answers to: its own, its key and its former names."""
    names = {name} | former_names(element)
    if isinstance(element, Mapping) and isinstance(element.get("key"), str):
        names.add(str(element["key"]))
    return names
