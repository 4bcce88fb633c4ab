"""Parses formulas that people write against a model: filters, measures, searches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from formula import check, parse
from formula.typed import Typed
from formula.types import ValueType
from metamodel.model import Model
from metamodel.scope import scope_of

CACHED = 4096
"""How many parsed formulas are kept, over all models."""


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """A model as a cache key: models are compared by identity."""

    model: Model

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.model is self.model

    def __hash__(self) -> int:
        return id(self.model)


def parse_formula(
    model: Model, entity: str, text: str, expect: ValueType | None = None, *, measure: bool = False
) -> Typed:
    """Return a checked formula over records of `entity` (by key); raise `FormulaError`."""
    return _parsed(_Same(model), entity, text, expect, measure)


@lru_cache(maxsize=CACHED)
def _parsed(same: _Same, entity: str, text: str, expect: ValueType | None, measure: bool) -> Typed:
    return check(parse(text), scope_of(same.model, entity), expect=expect, measure=measure)
