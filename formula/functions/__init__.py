"""The catalogue: every function of the language by its name, and the few internal ones."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from formula.functions.aggregate import AGGREGATE
from formula.functions.calendar import CALENDAR
from formula.functions.chinese import CHINESE
from formula.functions.clock import CLOCK, CLOCK_PARTS
from formula.functions.date import DATE
from formula.functions.internal import INTERNAL
from formula.functions.logic import LOGIC
from formula.functions.number import NUMBER
from formula.functions.people import PEOPLE
from formula.functions.periods import PERIODS
from formula.functions.spec import FunctionSpec
from formula.functions.text import TEXT
from formula.functions.trees import TREES
from formula.functions.worktime import WORKTIME
from formula.functions.writing import WRITING

CATALOG: Mapping[str, FunctionSpec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (
            *LOGIC, *TREES, *NUMBER, *TEXT, *WRITING, *CHINESE, *DATE, *CLOCK, *PERIODS, *WORKTIME,
            *AGGREGATE, *PEOPLE,
        )
    }
)  # fmt: skip
"""What can be written in a formula."""

SPECS: Mapping[str, FunctionSpec] = MappingProxyType(
    {**CATALOG, **{spec.name: spec for spec in (*INTERNAL, *CALENDAR, *CLOCK_PARTS)}}
)
"""What can stand in a typed tree: the catalogue and the internal functions."""

__all__ = ["CATALOG", "SPECS", "FunctionSpec"]
