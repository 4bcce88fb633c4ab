"""Puts what a layer says of a generated form or view over what is generated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from metamodel.layers import Layer, merge
from metamodel.reader import Node


def over_generated(node: Node, document: Mapping[str, object], changes: Node | None) -> Node:
    """Return the generated `document` at the place of `node`, with `changes` merged into it.

    Elements are changed, moved and retired by the names that generated ones have.
    """
    if changes is None:
        return replace(node, value=document)
    start = len(changes.path)
    positions = {
        path[start:]: position
        for path, position in node.merged.positions.items()
        if path[:start] == changes.path
    }
    written = changes.value if isinstance(changes.value, Mapping) else {}
    merged = merge([Layer("generated", document), Layer(changes.name, written, positions)])
    for problem in merged.problems:
        place = replace(problem.place, path=(*changes.path, *problem.place.path))
        node.merged.problems.append(replace(problem, place=place))
    return replace(node, value=merged.document)
