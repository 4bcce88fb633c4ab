"""Courses of approvals for tests, with people who decide on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest

from engine.errors import RecordRefused
from metamodel.approvals import Allowed, Mode
from workflow.approvals import deciding
from workflow.approvals.course import Course, Limit, Rules, Seat, Stage, Voter
from workflow.approvals.deciding import At

PEOPLE = [UUID(int=each) for each in range(1, 8)]
NOBODY = UUID(int=99)
AUTHOR, ANNE, BO, CHEN, DAN, EVE, FAY = PEOPLE
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def later(limit: Limit) -> datetime:
    return NOON + timedelta(days=limit.after.amount)


AT = At(NOON, later)


def stage(key: str, *people: UUID, mode: Mode = "any", needed: int = 0, **rest: object) -> Stage:
    given = {"allow": get_args(Allowed), **rest}
    return Stage(key, {"en": key}, tuple(Seat(each) for each in people), mode, needed, **given)  # type: ignore[arg-type]


def begun(*stages: Stage, **rules: bool) -> Course:
    return deciding.submit(Course(AUTHOR, stages, Rules(**rules)), AT)


def agreed(course: Course, *people: UUID) -> Course:
    for each in people:
        course = deciding.approve(course, Voter(each), AT)
    return course


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(RecordRefused) as refused:
        act()
    return refused.value.errors[0].code
