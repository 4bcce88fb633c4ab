"""A model made ready to run: its tables and its graph of computed fields, built once."""

from __future__ import annotations

from dataclasses import dataclass

from engine.schema.tables import Tables, build_tables
from engine.values.graph import ComputedGraph, build_graph
from metamodel.model import Model


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """What every tenant of the same effective model shares."""

    model: Model
    tables: Tables
    graph: ComputedGraph


def compile_model(model: Model) -> CompiledModel:
    """Build what a model needs to run."""
    return CompiledModel(model=model, tables=build_tables(model), graph=build_graph(model))
