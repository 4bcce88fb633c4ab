"""What became of one tenant's upgrade."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from engine.publish import Proposal
from metamodel.problems import Problem
from metamodel.threeway import Question

Result = Literal["current", "ready", "upgraded", "asked", "red", "refused", "failed"]
"""It stood on this version already; it could be upgraded; it was; questions are open; scenarios
failed; the plan loses data or data stands against it; or something went wrong. In all but one
of these the tenant stays on the version that it had."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A tenant, what became of it, and why.

    `revision` is the one that serves afterwards, `draft` where open questions are kept. `red`
    are scenarios that fail, `problems` what is wrong with the merged app, `error` a code.
    """

    tenant: str
    result: Result
    before: str = ""
    after: str = ""
    revision: int = 0
    questions: tuple[Question, ...] = ()
    problems: tuple[Problem, ...] = ()
    red: tuple[str, ...] = ()
    error: str = ""
    draft: str = ""
    proposal: Proposal | None = None

    def became(self, result: Result, *, error: str = "", red: tuple[str, ...] = ()) -> Outcome:
        """Return the outcome with another result."""
        return replace(self, result=result, error=error, red=red)
