"""Every act in every state of an approval, one by one: the table beside the state machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from metamodel.actions import Lapse
from metamodel.approvals import Outcome
from tests.workflow.approvals.courses import (
    ANNE,
    AT,
    AUTHOR,
    BO,
    DAN,
    EVE,
    FAY,
    NOON,
    agreed,
    begun,
    later,
    refusal,
    stage,
)
from workflow.approvals import deciding
from workflow.approvals.course import Course, Limit, Said, State, Voter
from workflow.approvals.deciding import At

RUNNING = begun(stage("one", ANNE), stage("two", BO))
STATES = {
    "running": RUNNING,
    "approved": agreed(RUNNING, ANNE, BO),
    "rejected": deciding.reject(RUNNING, Voter(ANNE), AT),
    "returned": deciding.send_back(RUNNING, Voter(ANNE), AT, ""),
    "withdrawn": deciding.withdraw(RUNNING, Voter(AUTHOR), AT),
}
"""An approval in each of its states."""

CHIEF = Voter(FAY, administers=True)
ACTS: dict[str, Callable[[Course], Course]] = {
    "approve": lambda course: deciding.approve(course, Voter(ANNE), AT),
    "approve as deputy": lambda course: deciding.approve(course, Voter(DAN, (ANNE,)), AT),
    "reject": lambda course: deciding.reject(course, Voter(ANNE), AT),
    "return to author": lambda course: deciding.send_back(course, Voter(ANNE), AT, ""),
    "transfer": lambda course: deciding.transfer(course, Voter(ANNE), AT, EVE),
    "add before": lambda course: deciding.add(course, Voter(ANNE), AT, EVE, "before"),
    "add after": lambda course: deciding.add(course, Voter(ANNE), AT, EVE, "after"),
    "withdraw": lambda course: deciding.withdraw(course, Voter(AUTHOR), AT),
    "withdraw as administrator": lambda course: deciding.withdraw(course, CHIEF, AT),
    "urge": lambda course: deciding.urge(course, Voter(AUTHOR), AT),
    "copy": lambda course: deciding.copy_to(course, Voter(AUTHOR), AT, [EVE]),
    "comment": lambda course: deciding.comment(course, Voter(EVE), AT, Said("hm")),
    "hand over": lambda course: deciding.hand_over(course, CHIEF, AT, ANNE, EVE),
    "replan": lambda course: deciding.replan(course, CHIEF, AT, RUNNING),
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", get_args(State))
def test_every_act_is_done_while_it_runs_and_refused_in_every_other_state(
    act: str, state: str
) -> None:
    """Requirement A-07."""
    course = STATES[state]
    assert course.state == state

    if state == "running":
        assert len(ACTS[act](course).log) == len(course.log) + 1
    else:
        assert refusal(lambda: ACTS[act](course)) == "approval_over"


@pytest.mark.parametrize("state", get_args(State)[1:])
@pytest.mark.parametrize("then", get_args(Outcome))
def test_time_does_nothing_to_what_is_over(state: State, then: Outcome) -> None:
    limited = stage("one", ANNE, limit=Limit(Lapse(1, "day"), then, (BO,)))
    course = replace(STATES[state], stages=(limited, stage("two", BO)))

    assert deciding.time_out(course, At(NOON + timedelta(days=9), later)) is course
