"""Whether a publish takes so long that nobody should wait for its answer."""

from __future__ import annotations

from engine.publish import Proposal
from engine.scenarios.touched import tests_of

LONG = 3.0
"""Seconds that somebody waits for an answer; what takes longer is made by a worker."""

STAGE = 1.5
"""Seconds that the throw-away copy takes that scenarios are played on."""

SCENARIO = 0.25
"""Seconds that a scenario takes."""


def is_long(proposal: Proposal) -> bool:
    """Return whether publishing takes long, with the scenarios that are played before."""
    seconds = sum(step.seconds for step in proposal.plan.steps)
    count = len(tests_of(proposal.old.model, proposal.new.model))
    return seconds + (STAGE + count * SCENARIO if count else 0) > LONG
