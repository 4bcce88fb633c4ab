"""Who wrote an element: the template, the tenant, or both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.tenants.reshape import OWN
from metamodel.model import Model

Path = tuple[str, ...]

Written = Literal["template", "changed", "own"]
"""As the template has it; the template's, with changes of the tenant; the tenant's alone."""


@dataclass(frozen=True, slots=True)
class Origins:
    """Which layers wrote the leaves of each element below one path."""

    layers: Mapping[Path, frozenset[str]]

    def of(self, *path: str) -> Written:
        """Return who wrote the element at a path of names."""
        found = self.layers.get(path, frozenset())
        if OWN not in found:
            return "template"
        return "own" if found == {OWN} else "changed"


def origins_below(model: Model, *path: str) -> Origins:
    """Return who wrote what is below a path of names."""
    below = {each: origin.layer for each, origin in model.origins.items() if _is_in(each, path)}
    inner = {each[:-1] for each in below}
    layers: dict[Path, set[str]] = {}
    for each, layer in below.items():
        if each not in inner:
            for part in _prefixes(each):
                layers.setdefault(part, set()).add(layer)
    return Origins({each: frozenset(found) for each, found in layers.items()})


def _is_in(each: Path, path: Path) -> bool:
    return each[: len(path)] == path


def _prefixes(path: Path) -> Iterator[Path]:
    return (path[:end] for end in range(1, len(path) + 1))
