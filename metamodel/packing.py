"""Packs a linked model into bytes and back: alike parts once, what few ask for unpacked late.

A model holds tens of thousands of small values, most of them equal to others. Packing keeps
one of each, which makes the bytes few and unpacking quick: a hundred entities in some twenty
milliseconds. Forms and views, which pages of their own entity ask for, and `scenarios`,
`origins` and `source`, which few ask for, stay packed until somebody reads them. Bytes are
pickle: unpack only what this product has packed itself.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from io import BytesIO
from typing import Any, TypeVar, cast

from formula.calendars import Calendar
from formula.errors import Span
from formula.scope import CollectionBinding, FieldBinding, Path, Scope
from metamodel.late import Late
from metamodel.model import Entity, Model
from metamodel.quickly import without_collection

K = TypeVar("K")
V = TypeVar("V")


class Packed(Late[K, V]):
    """A mapping that stays bytes until it is read."""

    __slots__ = ("_bytes",)

    def __init__(self, packed: bytes) -> None:
        super().__init__(lambda: cast(Mapping[K, V], _loaded(packed)))
        self._bytes = packed

    def __reduce__(self) -> tuple[type[Packed[K, V]], tuple[bytes]]:
        return type(self), (self._bytes,)


class Forgotten:
    """Stands for the scope of a collection in a packed formula, whose names are all resolved."""

    __slots__ = ()

    def lookup(self, path: Path) -> None:
        """Return nothing: no name is looked up after the check."""

    def suggestions(self, path: Path) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def calendars(self) -> Mapping[str, Calendar]:
        """Return none."""
        return {}

    def labels(self, binding: FieldBinding) -> Mapping[str, Mapping[str, str]]:
        """Return none."""
        return {}

    def name_of(self, label: Path) -> None:
        """Return nothing."""

    def __reduce__(self) -> str:
        return "_FORGOTTEN"


def pack(model: Model) -> bytes:
    """Return a model as bytes; raise `RecursionError` where a formula is nested too deep."""
    late = replace(
        model,
        entities={key: _with_late_screens(entity) for key, entity in model.entities.items()},
        scenarios=_late(model.scenarios),
        origins=_as_written(model.origins),
        source=_as_written(model.source),
    )
    return _dumped(_Sharing().shared(late))


def _with_late_screens(entity: Entity) -> Entity:
    return replace(entity, forms=_late(entity.forms), views=_late(entity.views))


def _late(values: Mapping[K, V]) -> Mapping[K, V]:
    return Packed(_dumped(_Sharing().shared(dict(values)))) if values else {}


def _as_written(values: Mapping[K, V]) -> Mapping[K, V]:
    """Return what is read of documents, packed: to look for what is alike in it does not pay."""
    return Packed(_dumped(dict(values))) if values else {}


def unpack(packed: bytes) -> Model:
    """Return the model that `pack` made these bytes of."""
    return cast(Model, _loaded(packed))


def _loaded(packed: bytes) -> object:
    with without_collection():
        return pickle.loads(packed)  # noqa: S301 - only what `pack` made, see the module


def _dumped(value: object) -> bytes:
    file = BytesIO()
    _Pickler(file, pickle.HIGHEST_PROTOCOL).dump(value)
    return file.getvalue()


class _Names(dict[type, tuple[str, ...] | None]):
    """The names of the fields of each dataclass; None of every other type."""

    def __missing__(self, kind: type) -> tuple[str, ...] | None:
        found = tuple(each.name for each in fields(kind)) if is_dataclass(kind) else None
        self[kind] = found
        return found


_NAMES = _Names()


class _Pickler(pickle.Pickler):
    """Writes dataclasses as calls of their class, which are read faster than their state."""

    def reducer_override(self, value: object) -> Any:  # Any: what pickle asks for
        names = _NAMES[type(value)]
        if names is None:
            return NotImplemented
        return type(value), tuple([getattr(value, name) for name in names])


class _Sharing:
    """Finds parts that are alike, and keeps one of each."""

    def __init__(self) -> None:
        self._by_id: dict[int, object] = {}
        self._by_parts: dict[object, object] = {}
        self._kept: list[object] = []

    def shared(self, value: Any) -> Any:  # Any: parts of a model are of any type
        """Return a value equal to `value`, of which alike parts are one object."""
        found = self._by_id.get(id(value))
        if found is None and value is not None:
            found = self._by_id[id(value)] = self._built(value)
            self._kept.append(value)  # an id is only good while its object lives
        return found

    def _built(self, value: Any) -> object:
        kind = type(value)
        if kind in _PLAIN:
            return self._by_parts.setdefault((kind, value), value)
        if kind is Span:
            return _NOWHERE
        names = _NAMES[kind]
        if names is not None:
            if kind is CollectionBinding and value.scope is not _FORGOTTEN:
                return self.shared(replace(value, scope=_FORGOTTEN))
            inner = tuple([self.shared(getattr(value, name)) for name in names])
            parts = (kind, *map(id, inner))
            found = self._by_parts.get(parts)
            return self._one(parts, inner, kind(*inner)) if found is None else found
        return self._container(value)

    def _container(self, value: Any) -> object:
        if isinstance(value, tuple):
            items = tuple([self.shared(item) for item in value])
            return self._one((tuple, *map(id, items)), items, items)
        if isinstance(value, Mapping) and not isinstance(value, Packed):
            pairs = tuple([(self.shared(key), self.shared(item)) for key, item in value.items()])
            parts = (dict, *[(id(key), id(item)) for key, item in pairs])
            return self._one(parts, pairs, dict(pairs))
        if isinstance(value, Decimal):
            return self._by_parts.setdefault((Decimal, str(value)), value)
        if isinstance(value, (str, int)):
            return self._by_parts.setdefault((type(value), value), value)
        return value

    def _one(self, parts: object, holding: object, made: object) -> object:
        self._kept.append(holding)
        return self._by_parts.setdefault(parts, made)


_FORGOTTEN: Scope = Forgotten()

_PLAIN = frozenset({str, int, bool, frozenset})
"""Types of which most parts are, which are compared as they stand."""

_NOWHERE = Span(0, 0)
"""The place of every part of a packed formula: places serve problems, and it has none."""
