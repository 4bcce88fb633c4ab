"""What became of a scenario: passed, or what differed at which step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from metamodel.label import Label

FailureKind = Literal[
    "differs",
    "missing",
    "refused",
    "not_refused",
    "not_warned",
    "unknown",
    "broken",
    "seen",
    "unseen",
    "shows",
]

Tally = Callable[[int, int], None]
"""Told how many scenarios were played, of how many."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that did not come out as written.

    `subject` is the record and field, as `order.outstanding`, or what refused. `expected` and
    `found` are texts as they stand in YAML. Kinds: a value differs; a field is missing; an act
    was refused; one that should have been was not; a warning did not come; a name is unknown;
    the engine broke; a record is seen or not seen; a field shows otherwise.
    """

    step: str
    kind: FailureKind
    subject: str
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario played to its end, or to the step that did not come out."""

    name: str
    label: Label
    failures: tuple[Failure, ...]
    steps: int

    @property
    def passed(self) -> bool:
        return not self.failures
