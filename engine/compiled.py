"""A model made ready to run: its tables and its graph of computed fields, built once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar, cast

from engine.schema.tables import Tables, build_tables
from engine.values.graph import ComputedGraph, build_graph
from metamodel.model import Model
from metamodel.quickly import without_collection

Made = TypeVar("Made")

MOST_KEPT = 4096
"""How much one model keeps before it forgets all of it: filters that people type have no end."""


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """What every tenant of the same effective model shares.

    `kept` holds what doors made from the model and nothing else: it goes when the model goes.
    """

    model: Model
    kept: dict[Hashable, object] = field(default_factory=dict, compare=False, repr=False)
    _built: _Built = field(default_factory=lambda: _Built(), compare=False, repr=False)

    @property
    def tables(self) -> Tables:
        """The tables of the model: the same objects for good, since statements are made of them."""
        return self._built.of(self.model).tables

    @property
    def graph(self) -> ComputedGraph:
        """What follows from what among computed fields."""
        return self._built.of(self.model).graph

    def read_as(self, model: Model) -> CompiledModel:
        """Return another model on the same tables and the same graph."""
        return CompiledModel(model, _built=self._built)

    def keep(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made under `key`, made now if it was not; `make` must be pure."""
        found = self.kept.get(key)
        if found is None:
            found = make()
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            self.kept[key] = found
        return cast(Made, found)


def compile_model(model: Model, *, now: bool = True, like: Tables | None = None) -> CompiledModel:
    """Build what a model needs to run, or leave it to be built when it first runs.

    Tables of `like`, those of a model before, serve on where nothing of them changed.
    """
    made = CompiledModel(model, _built=_Built(like))
    if now:
        made.tables  # noqa: B018 - built before anybody waits for it
    return made


@dataclass(frozen=True, slots=True)
class _Parts:
    tables: Tables
    graph: ComputedGraph


class _Built:
    """What is built of a model once, whoever asks for it first."""

    __slots__ = ("_like", "_lock", "_parts")

    def __init__(self, like: Tables | None = None) -> None:
        self._like = like
        self._lock = Lock()
        self._parts: _Parts | None = None

    def of(self, model: Model) -> _Parts:
        found = self._parts
        if found is None:
            with self._lock:
                found = self._parts
                if found is None:
                    with without_collection():
                        tables = build_tables(model, self._like)
                        found = self._parts = _Parts(tables, build_graph(model))
                    self._like = None
        return found
