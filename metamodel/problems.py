"""What is wrong with metadata, as data: all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem is: file, line and column from 1, and the path of names."""

    file: str
    line: int
    column: int
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: a stable code, its place, what was found and expected, how to mend it."""

    code: str
    place: Place
    sentence: str
    hint: str = ""


class DefinitionInvalid(Exception):
    """Metadata that cannot become a model; carries every problem found, in order of place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problem(s): {problems[0].sentence if problems else ''}")
        self.problems = tuple(problems)
