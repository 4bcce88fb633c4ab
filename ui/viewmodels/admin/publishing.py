"""What a change of roles would do, in plain words, before it is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.publish import Proposal
from engine.scenarios.touched import tests_of
from metamodel import telling
from metamodel.problems import Problem
from ui.screen import Screen
from ui.viewmodels.admin.gains import Gains, gains
from ui.viewmodels.admin.role_changes import ChangedLine, changed_lines


@dataclass(frozen=True, slots=True)
class RolePreview:
    """A change of roles as it would be published over revision `over`, after so many `tests`."""

    over: int
    changes: tuple[ChangedLine, ...]
    gains: Gains
    tests: int


def preview(screen: Screen, proposal: Proposal) -> RolePreview:
    """Return what publishing a proposal would change."""
    return RolePreview(
        over=proposal.over,
        changes=changed_lines(screen, proposal.old.model, proposal.new.model),
        gains=gains(
            screen, screen.services.comparer.models(screen.ctx, proposal.new), proposal.new.model
        ),
        tests=len(tests_of(proposal.old.model, proposal.new.model)),
    )


def problems(screen: Screen, found: Sequence[Problem]) -> list[dict[str, object]]:
    """Return what is wrong with edits: each with the path that it is about, and a sentence."""
    return [
        {
            "path": list(problem.place.path[2:]),
            "code": problem.code,
            "message": telling.sentence(problem, screen.language),
        }
        for problem in found
    ]
