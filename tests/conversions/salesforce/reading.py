"""Salesforce's metadata files as plain dictionaries: every tag a list of its values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

Element = Mapping[str, list[Any]]


def read_xml(path: Path) -> dict[str, list[Any]]:
    """Return the root's children by tag; leaves are their text."""
    return _children(ElementTree.fromstring(path.read_bytes()))  # noqa: S314 - files of ours to test with


def _children(node: ElementTree.Element) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for child in node:
        tag = child.tag.partition("}")[2]
        found.setdefault(tag, []).append(_children(child) if len(child) else (child.text or ""))
    return found


def one(element: Element, tag: str, default: str = "") -> str:
    """Return the text of a tag that stands once."""
    value = element.get(tag, [default])[0]
    return value.strip() if isinstance(value, str) else default


def flag(element: Element, tag: str) -> bool:
    """Return whether a tag says true."""
    return one(element, tag) == "true"


def inner(element: Element, tag: str) -> dict[str, list[Any]]:
    """Return the children of a tag that stands once, empty where it is not there."""
    value = element.get(tag, [{}])[0]
    return value if isinstance(value, dict) else {}


def files_of(root: Path, kind: str) -> Iterator[tuple[Path, dict[str, list[Any]]]]:
    """Yield every file of a kind, such as `field-meta.xml`, in order of its path."""
    for path in sorted(root.rglob(f"*.{kind}")):
        yield path, read_xml(path)


RESERVED = {
    "user": "person", "setting": "set_up", "previous": "former", "this": "this_one",
    "input": "entry", "id": "number_id", "owner": "owned_by", "department": "unit",
    "in": "inside", "and": "both", "or": "either", "not": "none", "if": "whether",
    "else": "otherwise", "true": "yes", "false": "no", "null": "blank",
}  # fmt: skip
"""Names that mean something else in our language."""


def snake(name: str) -> str:
    """Return an API name in our spelling: `Event_Instance__c` is `event_instance`."""
    bare = re.sub(r"__(c|r|e|mdt|s|pc)$", "", name)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare)
    found = re.sub(r"\W+|_+", "_", words).strip("_").lower()
    if not found or found[0].isdigit():
        found = f"n{found}"
    return RESERVED.get(found, found)[:60]


def option_name(value: str) -> str:
    """Return a picklist value as the name of an option."""
    spelled = value.replace("+", " plus ").replace("<", " under ").replace(">", " over ")
    found = re.sub(r"[^0-9A-Za-z]+", "_", spelled).strip("_").lower()
    if not found or not found[0].isalpha():
        found = f"v_{found or 'blank'}"
    return found[:60]
