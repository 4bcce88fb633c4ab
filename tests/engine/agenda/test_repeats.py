"""Appointments that repeat: rules unfolded as other calendars unfold them (T-09)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.agenda.repeats import FURTHEST, WEEKDAYS, occurrences, read_rule
from tests.budget import examples

START = datetime(2026, 1, 30, 9, 30)  # noqa: DTZ001 - a time on a clock

AHEAD = timedelta(days=800)

LONG = timedelta(days=FURTHEST)


@st.composite
def rules(draw: st.DrawFn) -> str:
    every = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")))
    parts = [f"FREQ={every}", f"INTERVAL={draw(st.integers(1, 4))}"]
    days = draw(st.lists(st.sampled_from(WEEKDAYS), max_size=3, unique=True))
    # The oracle mixes up "each Monday" with "the first Tuesday", and looks for ever for a day
    # that there is not.
    which = draw(st.sampled_from(("", "1", "2", "-1") if every in ("MONTHLY", "YEARLY") else ("",)))
    if days:
        parts.append("BYDAY=" + ",".join(which + day for day in days))
    elif every != "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYMONTHDAY={draw(st.sampled_from((1, 15, 28, -1)))}")
    if draw(st.booleans()):
        parts.append(f"BYMONTH={draw(st.sampled_from(('1', '2,8', '6')))}")
    if every == "WEEKLY" and draw(st.booleans()):
        parts.append("WKST=SU")
    return ";".join(parts)


@settings(max_examples=examples(150), deadline=None)
@given(rules(), st.integers(0, 700), st.integers(0, 400))
def test_rules_fall_on_the_days_that_other_calendars_say(rule: str, day: int, length: int) -> None:
    begins = START + timedelta(days=day)
    ends = begins + timedelta(days=length)

    found = list(occurrences(rule, START, begins, ends))

    told = rrulestr(rule, dtstart=START).between(begins, ends, inc=True)
    assert [each for each in found if each != START] == [
        each for each in told if START < each < ends
    ]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;COUNT=3", ["01-30", "01-31", "02-01"]),
        ("FREQ=WEEKLY;UNTIL=20260213T000000Z", ["01-30", "02-06", "02-13"]),
        ("FREQ=MONTHLY", ["01-30", "03-30"]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", ["01-30", "02-27"]),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", ["01-30"]),
        ("", ["01-30"]),
    ],
)
def test_a_rule_ends_when_it_says_and_its_first_time_always_counts(
    rule: str, days: list[str]
) -> None:
    found = occurrences(rule, START, START, START + timedelta(days=60))

    assert [f"{each:%m-%d}" for each in found] == days


@pytest.mark.parametrize(
    "rule",
    ["FREQ=HOURLY", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;BYHOUR=1", "FREQ=WEEKLY;BYDAY=1MO",
     "FREQ=MONTHLY;BYDAY=XX", "FREQ=DAILY;UNTIL=20269999", "COUNT=2", "every Monday"],
)  # fmt: skip
def test_a_rule_that_is_not_understood_repeats_nothing(rule: str) -> None:
    assert read_rule(rule) is None
    assert list(occurrences(rule, START, START, START + AHEAD)) == [START]


def test_what_is_counted_is_gone_through_once_and_not_for_ever() -> None:
    start = datetime(1, 1, 4, 9)  # noqa: DTZ001 - a time on a clock
    rule = "FREQ=YEARLY;BYDAY=5SU,-5MO,3TU,2WE,1TH;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;COUNT=9999999"

    found = list(occurrences(rule, start, start + 2 * LONG, start + 3 * LONG))

    assert found == []
