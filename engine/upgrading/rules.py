"""Answers that were given beforehand: by rule for kinds of questions, or for one path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from metamodel.threeway import Answer, Kind, Path, Question


@dataclass(frozen=True, slots=True)
class Rules:
    """Which answer holds: the one for the path, else that of its kind, else that for all.

    `proposals` accepts what is proposed where nothing else was said. `both` is an answer only
    where both sides added an element of one name; elsewhere it leaves the question open.
    """

    always: Answer | None = None
    kinds: Mapping[Kind, Answer] = field(default_factory=dict)
    paths: Mapping[Path, Answer] = field(default_factory=dict)
    proposals: bool = False

    def answers(self, questions: Sequence[Question]) -> dict[Path, Answer]:
        """Return the answers to those questions that the rules settle."""
        found = {each.path: self._answer(each) for each in questions}
        return {path: answer for path, answer in found.items() if answer is not None}

    def _answer(self, question: Question) -> Answer | None:
        chosen = self.paths.get(question.path) or self.kinds.get(question.kind) or self.always
        if chosen is None and self.proposals:
            chosen = question.proposal
        return None if chosen == "both" and question.kind != "both_added" else chosen
