"""Approvals under way moved to the course that they would begin with now, after a rehearsal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from engine.context import Context
from engine.errors import EngineError
from workflow.approvals.course import Course, waiting
from workflow.approvals.service import Approvals, Deed
from workflow.approvals.standing import Standing, UnderWay

MOST = 500
"""Approvals that are moved at once."""

Outcome = Literal["same", "asks", "over", "stays"]
"""Who is asked stays the same; others are asked; it is decided; it cannot be moved."""


@dataclass(frozen=True, slots=True)
class Renewals:
    """The door to moving approvals under way, for administrators."""

    approvals: Approvals
    standings: UnderWay

    def rehearsed(self, ctx: Context, approval: str) -> Mapping[Outcome, int]:
        """Return what would become of the approvals of one kind, by key; nothing is changed."""

        def tried(case: UUID) -> Course:
            return self.approvals.rehearse(ctx, case)

        return Counter(_outcomes(self._older(ctx, approval), tried))

    def carried_out(self, ctx: Context, approval: str) -> Mapping[Outcome, int]:
        """Move the approvals of one kind, by key, each for itself; return what became of them."""

        # Each is a transaction of its own: one key for all would let only the first through.
        each = replace(ctx, once=None)

        def moved(case: UUID) -> Course:
            return self.approvals.act(each, case, Deed("replan")).course

        return Counter(_outcomes(self._older(ctx, approval), moved))

    def _older(self, ctx: Context, approval: str) -> Iterator[Standing]:
        """Yield those that began under an older version."""
        found = self.standings.page(ctx, approval=approval, limit=MOST)
        return (each for each in found if each.case.revision < ctx.revision)


def _outcomes(standings: Iterator[Standing], moved: Callable[[UUID], Course]) -> Iterator[Outcome]:
    for each in standings:
        before = each.case.course
        try:
            after = moved(each.case.id)
        except EngineError:
            # It goes on as it is: its page says why when somebody moves it by itself.
            yield "stays"
            continue
        if after.state != "running":
            yield "over"
        else:
            yield "same" if set(waiting(before)) == set(waiting(after)) else "asks"
