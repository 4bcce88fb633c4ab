"""Automations that time sets off, switched off for a while: what came then is not made up for."""

from __future__ import annotations

import pytest

from tests.workflow.conftest import Yards
from tests.workflow.test_clock import REMIND, SCHEDULE, abouts
from tests.workflow.test_publishing_meanwhile import published

OFF = {
    "switched off": ("{active: false}", "{active: true}"),
    "taken out": ("{$retire: true}", "{$retire: false}"),
}


@pytest.mark.parametrize(("off", "on"), OFF.values(), ids=OFF)
def test_days_that_came_while_an_automation_was_off_set_nothing_off(
    yard_with: Yards, off: str, on: str
) -> None:
    """Requirement P-05: greetings that were off for months are not sent all at once."""
    yard = yard_with(REMIND)
    for day in ("03-03", "04-03", "06-03"):
        yard.create("delivery", {"code": day, "checked_on": f"2026-{day}"})
    yard.at("2026-03-01T12:00").tick()

    yard, _ = published(yard, f"automations: {{remind: {off}}}")
    yard.at("2026-03-01T12:01").tick()
    yard.at("2026-03-15T12:00").tick()
    yard, _ = published(yard, f"automations: {{remind: {on}}}")
    for moment in ("2026-05-01T12:00", "2026-05-01T12:01", "2026-06-02T09:00"):
        yard.at(moment).tick()
        yard.at(moment).work()

    assert abouts(yard) == ["06-03"]


def test_a_schedule_that_was_off_begins_anew(yard_with: Yards) -> None:
    yard = yard_with(SCHEDULE)
    yard.at("2026-03-01T12:00").tick()
    yard, _ = published(yard, "automations: {nightly: {active: false}}")
    yard.at("2026-03-01T12:01").tick()
    yard, _ = published(yard, "automations: {nightly: {active: true}}")

    begun = [yard.at(f"2026-03-05T{at}").tick() for at in ("12:00", "12:01")]

    assert begun == [0, 0]
