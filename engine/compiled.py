"""A model made ready to run: its tables and its graph of computed fields, built once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from engine.schema.tables import Tables, build_tables
from engine.values.graph import ComputedGraph, build_graph
from metamodel.model import Model

Made = TypeVar("Made")

MOST_KEPT = 4096
"""How much one model keeps before it forgets all of it: filters that people type have no end."""


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """What every tenant of the same effective model shares.

    `kept` holds what doors made from the model and nothing else: it goes when the model goes.
    """

    model: Model
    tables: Tables
    graph: ComputedGraph
    kept: dict[Hashable, object] = field(default_factory=dict, compare=False, repr=False)

    def keep(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made under `key`, made now if it was not; `make` must be pure."""
        found = self.kept.get(key)
        if found is None:
            found = make()
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            self.kept[key] = found
        return cast(Made, found)


def compile_model(model: Model) -> CompiledModel:
    """Build what a model needs to run."""
    return CompiledModel(model=model, tables=build_tables(model), graph=build_graph(model))
