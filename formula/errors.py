"""What is wrong with a formula, as data that points into its text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands in a formula: characters `start` up to `end`, from 0."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FormulaProblem:
    """One problem: a stable code, a sentence, its place, and how to mend it."""

    code: str
    message: str
    span: Span
    hint: str = ""


class FormulaError(Exception):
    """A formula that cannot be used; carries every problem that was found."""

    def __init__(self, problems: tuple[FormulaProblem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


class Problems:
    """The problems of one formula as they are found."""

    def __init__(self) -> None:
        self._found: dict[FormulaProblem, None] = {}

    def add(self, code: str, message: str, span: Span, hint: str = "") -> None:
        """Note one problem."""
        problem = FormulaProblem(code, message, span, hint)
        self._found[problem] = None

    def raise_if_any(self) -> None:
        """Raise all problems, in the order of their places, if there is one."""
        if self._found:
            raise FormulaError(tuple(sorted(self._found, key=lambda found: found.span.start)))
