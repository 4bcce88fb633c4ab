"""Compares two models by key: what was added, changed, renamed, retired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from metamodel.model import Entity, Model
from metamodel.parts import NAMED

Kind = Literal["added", "changed", "renamed", "retired", "restored"]

Path = tuple[str, ...]

ENTITY_PARTS = (
    "fields",
    "pipelines",
    "rules",
    "unique",
    "duplicates",
    "indexes",
    "converts",
    "buttons",
    "forms",
    "views",
)
OWN = (
    "label", "plural", "help", "note", "icon", "module", "owned", "track", "timeline", "title",
    "child_of",
)  # fmt: skip
DERIVED = ("rank", "table", "put_away")


@dataclass(frozen=True, slots=True)
class Difference:
    """One element that differs, by its path of keys.

    `attributes` maps what differs in it to its values before and after; formulas and labels
    are compared by what they say, not by where they stand.
    """

    kind: Kind
    path: Path
    attributes: Mapping[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class ModelDiff:
    """All differences between two models, in the order of the new one."""

    differences: tuple[Difference, ...]

    def __bool__(self) -> bool:
        return bool(self.differences)

    def under(self, *path: str) -> tuple[Difference, ...]:
        """Return the differences at or below a path."""
        return tuple(each for each in self.differences if each.path[: len(path)] == path)


def diff(old: Model, new: Model) -> ModelDiff:
    """Return what differs between two models."""
    return ModelDiff(tuple(_differences(old, new)))


def _differences(old: Model, new: Model) -> Iterator[Difference]:
    yield from _changed(("app",), old.app, new.app)
    for key, before, after in _pairs(_said_entities(old), _said_entities(new)):
        path = ("entities", key)
        yield from _element(path, before, after, OWN)
        if isinstance(before, Entity) and isinstance(after, Entity):
            for part in ENTITY_PARTS:
                for name, left, right in _pairs(getattr(before, part), getattr(after, part)):
                    yield from _element((*path, part, name), left, right)
    for part in NAMED:
        for name, left, right in _pairs(getattr(old, part), getattr(new, part)):
            yield from _element((part, name), left, right)
    yield from _changed(("menu",), old.menu, new.menu)
    starters = ({each.key: each for each in model.starter_records} for model in (old, new))
    for name, left, right in _pairs(*starters):
        yield from _element(("starter_records", name), left, right)


def _said_entities(model: Model) -> Mapping[str, Entity]:
    """Return the entities that somebody wrote: a link table follows from its field."""
    return {key: each for key, each in model.entities.items() if each.pair is None}


def _pairs(
    old: Mapping[str, object], new: Mapping[str, object]
) -> Iterator[tuple[str, object, object]]:
    for key in dict.fromkeys((*new, *old)):
        yield key, old.get(key), new.get(key)


def _element(
    path: Path, before: object, after: object, only: tuple[str, ...] | None = None
) -> Iterator[Difference]:
    """Compare one element; one that vanished counts as retired, its data is kept."""
    was, now = _live(before), _live(after)
    if was and not now:
        yield Difference("retired", path, {})
    elif now and not was:
        yield Difference("added" if before is None else "restored", path, {})
    elif was and now:
        yield from _renamed(path, before, after)
        yield from _changed(path, before, after, only)


def _live(element: object) -> bool:
    return element is not None and not getattr(element, "retired", False)


def _renamed(path: Path, before: object, after: object) -> Iterator[Difference]:
    names = getattr(before, "name", None), getattr(after, "name", None)
    if names[0] != names[1]:
        yield Difference("renamed", path, {"name": names})


def _changed(
    path: Path, before: object, after: object, only: tuple[str, ...] | None = None
) -> Iterator[Difference]:
    names = only or tuple(n for n in type(after).__dataclass_fields__ if n not in DERIVED)  # type: ignore[attr-defined]
    attributes = {}
    for name in names:
        left, right = getattr(before, name), getattr(after, name)
        if name not in ("name", "former", "key") and said(left) != said(right):
            attributes[name] = (left, right)
    if attributes:
        yield Difference("changed", path, attributes)


def said(value: object) -> object:
    """Return what a value says, for comparing: a formula's canonical text in place of its tree."""
    text = getattr(value, "text", None)
    if isinstance(text, str):
        return text
    if isinstance(value, Mapping):
        return tuple((key, said(item)) for key, item in value.items())
    if isinstance(value, tuple):
        return tuple(said(item) for item in value)
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        return (type(value).__name__, *(said(getattr(value, name)) for name in fields))
    return value
