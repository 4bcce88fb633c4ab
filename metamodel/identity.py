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


def key_of(name: str, element: object) -> str:
    """Return the identity of an element: `key`, else the name it was first written under."""
    key = element.get("key") if isinstance(element, Mapping) else None
    return key if isinstance(key, str) and key else first_name(element) or name


def first_name(element: object) -> str:
    """Return the name that an element was first published under, as far as it says so itself.

    `renamed_from` gives former names, the oldest first; blank where there is none.
    """
    former = element.get("renamed_from") if isinstance(element, Mapping) else None
    if isinstance(former, list):
        return str(former[0]) if former else ""
    return former if isinstance(former, str) else ""


def oldest_first(base: object, over: object) -> list[str]:
    """Return the former names that two layers give one element, each once, the oldest first."""
    first = [name for name in (first_name(base), first_name(over)) if name]
    return list(dict.fromkeys((*first, *sorted(former_names(base) | former_names(over)))))
