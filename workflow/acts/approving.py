"""Submits the record at hand to an approval, and goes on when all have agreed."""

from __future__ import annotations

from engine.errors import EngineError, NotFound
from metamodel.actions import StartApproval
from workflow.acts.records import at_hand
from workflow.approvals.carrying import Asked, Carrier
from workflow.approvals.keeping import Case, cases_of
from workflow.approvals.planning import approval_named
from workflow.doing import Here, Pause


class NotAgreed(EngineError):
    """A run that ends since what it waited for was rejected, or taken back."""

    code = "not_agreed"


def submit_at(here: Here, carrier: Carrier, act: StartApproval) -> Case:
    """Submit the record at hand, in the name of whoever set the run off."""
    approval = approval_named(here.ctx.model, act.approval)
    if approval is None:
        raise NotFound(approval=act.approval)
    asked = Asked(approval, at_hand(here), run=here.run.id)
    return carrier.submit(here.ctx, here.connection, asked)


def submitted(here: Here) -> Case | None:
    """Return what the run waits for; None where it is not there any more."""
    entity, record = here.stand.entity, at_hand(here)
    found = cases_of(here.ctx, here.connection, entity, [record])
    return next((each for each in found if each.run == here.run.id), None)


def pause_for(case: Case | None) -> Pause | None:
    """Return that the run waits on, or None where all have agreed; else raise `NotAgreed`."""
    state = case.course.state if case is not None else "withdrawn"
    if state in ("running", "returned"):
        return Pause(None, parked=True)
    if state == "approved":
        return None
    raise NotAgreed(outcome=state)
