"""Appointments that repeat, changed in part from calendars, and their invitations (T-09, T-12)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from dateutil.rrule import rrulestr
from icalendar import Calendar

from boot.wiring import House
from engine.values.wire import record_to_wire
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, Visitor, visits
from tests.ui.test_agenda import CLUB, ask, day_on
from tests.ui.test_views import event

FIRST = datetime(2026, 10, 12)  # noqa: DTZ001 - a day


@pytest.fixture(scope="module")
def club(serving: House, tenant_of: TenantMaker) -> Visiting:
    return visits(serving, tenant_of(CLUB))


def read(visitor: Visitor, record: str) -> dict[str, Any]:
    """Read an event with its guests. Any: JSON."""
    ctx = visitor.ctx
    (found,) = visitor.house.reader.get(ctx, "event", [UUID(record)])
    return dict(record_to_wire(ctx.model, found), version=found.version)


def wished(visitor: Visitor, record: str, which: str, day: str, **to: Any) -> Any:
    """Ask for something of a series, named by a time of it. Any: JSON."""
    body = {"which": which, "day": f"2026-10-{day}", **to}
    return visitor.send(f"/records/event/{record}/series?view=calendar", body)


def at(day: int, hour: int) -> dict[str, str]:
    return {"start": f"2026-10-{day}T{hour:02}:00:00", "end": f"2026-10-{day}T{hour + 1:02}:00:00"}


MONDAYS = ["12T09", "19T09", "26T09"]


@pytest.mark.parametrize(
    ("which", "day", "to", "found"),
    [
        ("one", "19", at(20, 14), ["12T09", "20T14", "26T09"]),
        ("one", "12", at(13, 10), ["13T10", "19T09", "26T09"]),
        ("one", "19", {}, ["12T09", "26T09"]),
        ("following", "19", at(20, 14), ["12T09", "20T14", "27T14"]),
        ("following", "19", {}, ["12T09"]),
        ("following", "12", {}, []),
        ("all", "19", at(20, 14), ["13T14", "20T14", "27T14"]),
        ("all", "26", {}, []),
    ],
)
def test_one_time_of_what_repeats_or_those_after_it_or_all_go_elsewhere_and_back(
    club: Visiting, which: str, day: str, to: dict[str, str], found: list[str]
) -> None:
    me = club("member")
    guests = [{"person": str(club("member").user), "answer": "accepted"}]
    record = event(me, "Stand-up", repeats="FREQ=WEEKLY;BYDAY=MO;COUNT=3", guests=guests)
    weeks = {"from": "2026-10-01", "to": "2026-11-30", "layers": "event"}

    def shown() -> list[str]:
        return sorted(each["start"][8:13] for each in ask(me, "events", **weeks)["events"])

    answer = wished(me, record, which, day, **to)
    after = shown()
    back = me.send("/records/event/bulk/undo", {"change_sets": answer.json["change_sets"]})

    assert answer.status_code == 200, answer.text
    assert after == found
    assert back.json["kept"] == 0, back.json
    assert shown() == MONDAYS


def test_a_time_that_stands_for_itself_keeps_who_takes_part_and_repeats_no_more(
    club: Visiting,
) -> None:
    me, guest = club("member"), club("member")
    guests = [{"person": str(guest.user), "answer": "accepted"}]
    record = event(me, "Review", kind="talk", repeats="FREQ=WEEKLY", guests=guests)

    wished(me, record, "one", "19", **at(20, 14))

    (own,) = [each for each in day_on(me, "2026-10-20") if each["title"] == "Review"]
    made = read(me, own["url"].split("/")[-1])
    assert (made["kind"], made["repeats"]) == ("talk", None)
    assert [each["answer"] for each in made["guests"]] == ["accepted"]


def test_a_time_that_there_is_not_or_not_any_more_goes_nowhere(club: Visiting) -> None:
    me, other = club("member"), club("member")
    record = event(me, "Stand-up", repeats="FREQ=MONTHLY;BYDAY=2MO")
    once_only = event(me, "Once")
    version = read(me, record)["version"]

    assert wished(me, record, "one", "13", **at(20, 14)).status_code == 404
    assert wished(me, record, "some", "12").status_code == 404
    assert wished(me, record, "one", "xx").status_code == 404
    assert wished(me, once_only, "one", "12").status_code == 404
    assert wished(other, record, "all", "12").status_code == 404
    late = wished(me, record, "one", "12", version=version - 1, **at(20, 14))
    stays = wished(me, record, "all", "12", **at(20, 14))
    assert "Somebody else saved this record" in late.text
    assert "days of the month" in stays.text
    assert read(me, record)["version"] == version


def test_who_is_taken_at_any_time_of_a_series_is_told_before_it_is_moved(club: Visiting) -> None:
    me, other = club("member"), club("member")
    guests = [{"person": str(other.user)}]
    record = event(me, "Stand-up", repeats="FREQ=WEEKLY;COUNT=9", guests=guests)
    event(other, "Doctor", begins="2026-11-24T06:30:00Z", ends="2026-11-24T07:30:00Z")
    wish = {"of": f"event:{record}", "day": "2026-10-19", **at(20, 14)}

    one = ask(me, "busy", which="one", **wish)["clashes"]
    following = ask(me, "busy", which="following", **wish)["clashes"]

    assert one == []
    assert [(each["title"], each["start"][:13]) for each in following] == [
        ("Busy", "2026-11-24T14")
    ]


@pytest.mark.parametrize("whole", [False, True])
def test_an_invitation_to_what_repeats_is_for_all_its_times_but_those_called_off(
    club: Visiting, whole: bool
) -> None:
    """T-12."""
    visitor = club("administrator")
    guests = [{"person": str(club("member").user)}]
    rule = "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261102;EXDATE=20261019"
    record = event(visitor, "Stand-up", repeats=rule, whole=whole, guests=guests)

    answer = visitor.get(f"/records/event/{record}/invitation.ics")
    (told,) = Calendar.from_ical(answer.data).walk("VEVENT")

    begins, rule = told["DTSTART"].dt, told["RRULE"].to_ical().decode()
    left_out = [each.dt for each in told["EXDATE"].dts]
    times = rrulestr(rule, dtstart=begins if not whole else FIRST)
    days = [each.date() if whole else each for each in times]
    hour = "00:00" if whole else "09:00"
    assert [f"{each:%m-%d %H:%M}" for each in days if each not in left_out] == [
        f"{day} {hour}" for day in ("10-12", "10-26", "11-02")
    ]
