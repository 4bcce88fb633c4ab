"""Puts what a layer says of a generated form or view over what is generated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from metamodel.layers import SHOWN, Layer, merge
from metamodel.model import Entity
from metamodel.reader import Node


def over_generated(
    node: Node, document: Mapping[str, object], changes: Node | None, entity: Entity
) -> Node:
    """Return the generated `document` at the place of `node`, with `changes` merged into it.

    Elements are changed, moved and retired by the names that generated ones have; those of
    fields answer to what they were called before, too.
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
    written = present_items(written, former_fields(entity))
    merged = merge([Layer("generated", document), Layer(changes.name, written, positions)])
    fields = {name for each in entity.fields.values() for name in (each.name, *each.former)}
    for problem in merged.problems:
        shown = problem.place.path[-1].partition(".")[0] if problem.place.path else ""
        if problem.code == "retire_unknown" and shown in fields:
            continue  # it shows a field that is not generated there, or is retired itself
        place = replace(problem.place, path=(*changes.path, *problem.place.path))
        node.merged.problems.append(replace(problem, place=place))
    return replace(node, value=merged.document)


def former_fields(entity: Entity) -> Mapping[str, str]:
    """Return what the fields of an entity were called before, with their names now."""
    live = [each for each in entity.fields.values() if not each.retired]
    taken = {each.name for each in live}
    return {
        former: each.name
        for each in live
        for former in (*each.former, each.key)
        if former not in taken
    }


def present_items(said: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """Return what is said of a screen, with fields called by the names that they have now."""
    result: dict[str, object] = {}
    for name, value in said.items():
        if isinstance(value, Mapping):
            value = present_items(value, names)
            if name in SHOWN:
                value = {names.get(key, key): each for key, each in value.items()}
        result[name] = value
    return result
