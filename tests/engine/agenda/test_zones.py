"""Clocks as other calendars are told of them: the same hours as everywhere (T-12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Timezone

from engine.agenda.zones import YEARS, zone_lines

SINCE = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "zone",
    ["Asia/Shanghai", "America/New_York", "Europe/Berlin", "America/St_Johns",
     "Australia/Lord_Howe", "Europe/Dublin"],
)  # fmt: skip
def test_a_clock_is_told_with_all_its_changes_for_years(zone: str) -> None:
    told = Timezone.from_ical("\r\n".join(zone_lines(zone, SINCE))).to_tz(lookup_tzid=False)

    moments = [SINCE + timedelta(days=13 * at, hours=5 * at) for at in range(28 * (YEARS - 1))]
    assert {
        m.astimezone(told).utcoffset() == m.astimezone(ZoneInfo(zone)).utcoffset() for m in moments
    } == {True}
