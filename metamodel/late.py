"""A mapping that is made when somebody reads it for the first time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Late(Mapping[K, V]):
    """What `make` returns, made once; `make` is pure, so that two readers at once do no harm."""

    __slots__ = ("_found", "_make")

    def __init__(self, make: Callable[[], Mapping[K, V]]) -> None:
        self._make: Callable[[], Mapping[K, V]] | None = make
        self._found: Mapping[K, V] | None = None

    def __getitem__(self, key: K) -> V:
        return self._all()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Mapping[K, V]:
        found, make = self._found, self._make
        if found is None and make is not None:
            found = self._found = make()
            self._make = None
        return found if found is not None else self._found or {}
