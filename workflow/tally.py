"""What a run tells of a step that is done for each member of a collection.

Of the first members it tells all; of the others how many they were, and what could not be done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workflow.runs import Done

TOLD = 100
"""Members of which all is told, and how often it is told what could not be done."""


@dataclass(slots=True)
class Tally:
    """Counts members; `at` is where in what was `done` the step itself stands."""

    done: list[Done]
    at: int
    passed: int = 0
    refused: int = 0

    @classmethod
    def begin(cls, done: list[Done], step: str, members: int) -> Tally:
        """Begin to tell of a step that is over so many members."""
        done.append(Done(step, "done", {"members": members}))
        return cls(done, len(done) - 1)

    @classmethod
    def go_on(cls, done: list[Done], step: str, left: int) -> Tally:
        """Go on telling of a step for which so many members are left."""
        there = [at for at, each in enumerate(done) if _is_of(each, step)]
        if not there:
            return cls.begin(done, step, left)
        # Any: JSON of every shape.
        words: Mapping[str, Any] = done[there[-1]].words
        passed = int(words.get("reached", max(int(words["members"]) - left, 0)))
        return cls(done, there[-1], passed, int(words.get("failed", 0)))

    def one_more(self, told: int) -> None:
        """Count a member for which all was done that is told from there on."""
        self.passed += 1
        if self.passed - self.refused > TOLD:
            self.done[told:] = [each for each in self.done[told:] if each.what == "failed"]

    def one_refused(self, told: int, why: Done) -> None:
        """Count a member for which nothing was done, whatever was told from there on."""
        self.passed += 1
        self.refused += 1
        self.done[told:] = [why] if self.refused <= TOLD else []

    def tell(self, *, more: bool) -> None:
        """Tell how far the step is; `more` is to come."""
        former = self.done[self.at]
        words = {"members": former.words["members"]}
        words |= {"reached": self.passed} if more or "reached" in former.words else {}
        words |= {"failed": self.refused} if self.refused else {}
        self.done[self.at] = replace(former, what="waits" if more else "done", words=words)


def _is_of(done: Done, step: str) -> bool:
    return done.step == step and "members" in done.words
