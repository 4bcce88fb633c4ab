"""Reads an app together with the apps it extends: the lowest first, each a layer of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from metamodel.layers import Layer
from metamodel.loader import read_app
from metamodel.problems import Place, Problem

Find = Callable[[str, Path], Path | None]
"""From the name that an app extends, and the file that says so, to the other app's file."""


def read_stack(path: Path, find: Find) -> tuple[Layer, ...]:
    """Return the layers of an app, the one it extends at the bottom.

    An app that is not found, and a circle, are problems of the layer that extends.
    """
    layers: list[Layer] = []
    trail: list[Path] = []
    following: Path | None = path
    while following is not None:
        trail.append(following.resolve())
        layer = read_app(following)
        named = _extends(layer)
        below = find(named, following) if named else None
        if named and below is None:
            layer = _with(layer, "unknown_app", *_unknown(named))
        elif below is not None and below.resolve() in trail:
            names = [*(each.name for each in trail[trail.index(below.resolve()) :]), below.name]
            layer = _with(layer, "extends_cycle", *_circle(names))
            below = None
        layers.insert(0, layer)
        following = below
    return tuple(layers)


def beside(name: str, path: Path) -> Path | None:
    """Return the file of an app called `name` that lies beside another."""
    candidates = (f"{name}_template.yaml", f"{name}.yaml", name)
    found = (path.parent / candidate for candidate in candidates)
    return next((each for each in found if each.is_file()), None)


def _extends(layer: Layer) -> str:
    app = layer.document.get("app")
    named = app.get("extends") if isinstance(app, Mapping) else None
    return named if isinstance(named, str) else ""


def _unknown(name: str) -> tuple[str, str]:
    return (
        f"There is no app `{name}` to extend.",
        "Check the name, or put its file beside this one.",
    )


def _circle(names: list[str]) -> tuple[str, str]:
    return (
        f"Apps extend each other in a circle: {' → '.join(names)}.",
        "Take one `extends` out.",
    )


def _with(layer: Layer, code: str, sentence: str, hint: str) -> Layer:
    """Return a layer with a problem about what it extends."""
    path = ("app", "extends")
    position = layer.positions.get(path)
    place = Place(layer.name, 1, 1, path)
    if position is not None:
        place = Place(position.file, position.line, position.column, path)
    return replace(layer, problems=(*layer.problems, Problem(code, place, sentence, hint)))
