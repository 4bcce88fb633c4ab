"""Parses formulas that people write against a model: filters, measures, searches."""

from __future__ import annotations

from functools import lru_cache

from formula import check, parse
from formula.typed import Typed
from formula.types import ValueType
from metamodel.model import Model
from metamodel.same import Same
from metamodel.scope import scope_of

CACHED = 4096
"""How many parsed formulas are kept, over all models."""


def parse_formula(
    model: Model, entity: str, text: str, expect: ValueType | None = None, *, measure: bool = False
) -> Typed:
    """Return a checked formula over records of `entity` (by key); raise `FormulaError`."""
    return _parsed(Same(model), entity, text, expect, measure)


@lru_cache(maxsize=CACHED)
def _parsed(
    same: Same[Model], entity: str, text: str, expect: ValueType | None, measure: bool
) -> Typed:
    return check(parse(text), scope_of(same.thing, entity), expect=expect, measure=measure)
