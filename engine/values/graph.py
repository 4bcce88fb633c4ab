"""The one dependency graph of computed fields, over all entities."""

from __future__ import annotations

from dataclasses import dataclass

from metamodel.model import Model


@dataclass(frozen=True, slots=True)
class ComputedGraph:
    """Which computed fields follow from which fields, and in what order."""


def build_graph(model: Model) -> ComputedGraph:
    """Return the graph of a model's computed fields."""
    return ComputedGraph()
