"""Words that agree with a number: a text chooses between one and several where it is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ONE = "1"
"""The number that the former of two words is for."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A value that stands in a text, or chooses in it: `{rows} {rows:record|records}`."""

    value: object

    def __format__(self, spec: str) -> str:
        """Return the value, or which of two words belongs to it: `one|several`."""
        one, bar, several = spec.partition("|")
        if bar:
            return one if str(self.value) == ONE else several
        return format(self.value, spec)


def numbered(values: Mapping[str, object]) -> dict[str, object]:
    """Return values by name as a text takes them that may choose words by them."""
    return {name: Numbered(value) for name, value in values.items()}
