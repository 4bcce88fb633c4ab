"""People's calendars: who is taken, when all are free, feeds, invitations (T-08, T-11, T-12)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import urlencode

import pytest
from aiosmtpd.controller import Controller
from icalendar import Calendar
from sqlalchemy import select

from boot.wiring import House
from engine.agenda import Entry, invitation_text
from engine.mail import INVITES, Attached, Mail, MailServer, Smtp
from engine.tenants import tokens
from engine.tenants.tables import token
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, Visitor, visits
from tests.ui.test_delivering import Inbox
from tests.ui.test_views import event

CLUB = (Path(__file__).parent / "club.yaml").read_text("utf-8")


@pytest.fixture(scope="module")
def club(serving: House, tenant_of: TenantMaker) -> Visiting:
    return visits(serving, tenant_of(CLUB))


def ask(visitor: Visitor, what: str, **query: str) -> Any:
    answer = visitor.get(f"/calendar/{what}?{urlencode(query)}")
    assert answer.status_code == 200, answer.text
    return answer.json


def day_of(visitor: Visitor, *people: Visitor) -> list[dict[str, Any]]:
    """What stands on people's calendars on the day of the events."""
    named = ",".join(str(each.user) for each in people)
    return day_on(visitor, "2026-10-12", people=named)


def day_on(visitor: Visitor, day: str, **query: str) -> list[dict[str, Any]]:
    asked = {"from": day, "to": day, "layers": "event", **query}
    found: list[dict[str, Any]] = ask(visitor, "events", **asked)["events"]
    return found


def test_ones_calendar_holds_what_is_ones_own_or_names_one(club: Visiting) -> None:
    boss, member = club("administrator"), club("member")
    event(boss, "With a guest", guests=[{"person": str(member.user)}])
    event(boss, "Without")
    event(member, "Own")

    assert {each["title"] for each in day_of(boss, member)} >= {"With a guest", "Own"}
    assert "Without" not in {each["title"] for each in day_of(boss, member)}


def test_of_what_somebody_may_not_read_they_learn_when_and_nothing_else(club: Visiting) -> None:
    me, other = club("member"), club("member")
    record = event(other, "Doctor")
    event(
        other, "Surprise", secret=True, begins="2026-10-12T05:00:00Z", ends="2026-10-12T06:00:00Z"
    )

    found = day_of(me, other)

    assert [(each["title"], each["start"][11:16]) for each in found] == [("Busy", "09:00")]
    assert record not in str(found) and "Doctor" not in str(found)


def test_what_repeats_stands_on_every_day_it_says_and_takes_that_time(club: Visiting) -> None:
    me, other = club("member"), club("member")
    event(other, "Stand-up", repeats="FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4")
    weeks = {"from": "2026-10-01", "to": "2026-10-31", "layers": "event"}

    own = ask(other, "events", **weeks)["events"]
    seen = ask(me, "events", people=f"{me.user},{other.user}", **weeks)["events"]
    taken = ask(
        me, "busy", people=str(other.user), start="2026-10-19T09:30", end="2026-10-19T10:00"
    )

    days = ["2026-10-12", "2026-10-14", "2026-10-19", "2026-10-21"]
    assert [each["start"][:10] for each in own] == days
    assert len({each["id"] for each in own}) == 4
    assert [(each["when"], each["day"]) for each in own] == [("", day) for day in days]
    assert [(each["start"][:10], each["title"]) for each in seen] == [(d, "Busy") for d in days]
    assert [each["start"][:10] for each in taken["clashes"]] == ["2026-10-19"]


def test_what_repeats_is_at_the_same_time_for_all_wherever_they_are(club: Visiting) -> None:
    me, away = club("member"), club("administrator")
    away.send("/preferences/screen", {"values": {"zone": "America/New_York"}})
    title = f"Call of {away.user}"
    weekly = {"repeats": "FREQ=WEEKLY;BYDAY=MO;COUNT=5", "guests": [{"person": str(away.user)}]}
    event(me, title, **weekly)

    # The clocks of New York go back on the first of November: those of the company do not.
    weeks = {"from": "2026-10-01", "to": "2026-11-30", "layers": "event"}
    here, there = (ask(each, "events", **weeks)["events"] for each in (me, away))

    def shown(found: list[dict[str, Any]]) -> list[str]:
        return [each["start"][:16] for each in found if each["title"] == title]

    assert shown(here) == [f"2026-{day}T09:00" for day in
                           ("10-12", "10-19", "10-26", "11-02", "11-09")]  # fmt: skip
    assert shown(there) == ["2026-10-11T21:00", "2026-10-18T21:00", "2026-10-25T21:00",
                            "2026-11-01T20:00", "2026-11-08T20:00"]  # fmt: skip


@pytest.mark.parametrize(
    ("begins", "ends", "rule"),
    [
        ("2020-01-01T00:00:00Z", "9998-01-01T00:00:00Z", "FREQ=DAILY"),
        ("0002-01-01T00:00:00Z", "0002-01-01T01:00:00Z", "FREQ=DAILY;COUNT=99999999"),
        ("2026-10-12T01:00:00Z", "2026-10-12T02:00:00Z", f"FREQ=DAILY;INTERVAL={'9' * 99}"),
    ],
)
def test_no_rule_keeps_a_calendar_from_being_looked_at(
    club: Visiting, begins: str, ends: str, rule: str
) -> None:
    me = club("member")
    event(me, "Hostile", begins=begins, ends=ends, repeats=rule)
    other = club("member")

    for first, last in (("2026-10-12", "2026-10-13"), ("0001-01-04", "0001-01-05"),
                        ("9999-12-27", "9999-12-28")):  # fmt: skip
        days = {"from": first, "to": last, "layers": "event", "people": str(me.user)}
        assert len(ask(me, "events", **days)["events"]) <= 3
        ask(other, "events", **days)
        ask(other, "busy", people=str(me.user), start=f"{first}T09:30", end=f"{first}T10:00")


def test_who_is_taken_then_is_told_before_a_time_is_taken(club: Visiting) -> None:
    me, other = club("member"), club("member")
    event(other, "Doctor")
    record = event(me, "Lunch", guests=[{"person": str(other.user)}])
    half = {"start": "2026-10-12T09:30:00", "end": "2026-10-12T10:30:00"}
    later = {"start": "2026-10-12T10:00:00", "end": "2026-10-12T11:00:00"}

    people = ask(me, "busy", people=str(other.user), **half)["clashes"]
    moving = ask(me, "busy", of=f"event:{record}", **half)["clashes"]
    free = ask(me, "busy", of=f"event:{record}", **later)["clashes"]

    assert {each["title"] for each in people} == {"Busy", "Lunch"}
    assert [each["title"] for each in moving] == ["Busy"]
    assert free == []


def test_who_reads_no_records_of_a_kind_learns_nothing_of_the_time_they_take(
    club: Visiting,
) -> None:
    clerk, other = club("clerk"), club("member")
    event(other, "Doctor")
    half = {"start": "2026-10-12T09:30:00", "end": "2026-10-12T10:30:00"}
    day = {"from": "2026-10-12", "to": "2026-10-12"}

    assert ask(clerk, "busy", people=str(other.user), **half)["clashes"] == []
    assert day_of(clerk, other) == []
    assert ask(clerk, "free", people=str(other.user), minutes="60", **day) == {"slots": []}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_that_no_other_follows_are_refused(club: Visiting, day: str) -> None:
    visitor = club("administrator")
    query = urlencode({"from": day, "to": day, "start": day, "end": day, "layers": "event"})

    for what in ("events", "free", "busy"):
        assert visitor.get(f"/calendar/{what}?{query}").status_code == 404


def test_free_time_is_free_for_all_and_within_working_hours(club: Visiting) -> None:
    me, other = club("member"), club("member")
    early = {"begins": "2027-10-11T01:00:00Z", "ends": "2027-10-11T04:00:00Z"}
    late = {"begins": "2027-10-11T05:00:00Z", "ends": "2027-10-11T09:30:00Z"}
    event(me, "Morning", **early)
    event(other, "Afternoon", **late)
    asked = {"from": "2027-10-10", "to": "2027-10-11"}

    slots = ask(me, "free", people=f"{me.user},{other.user}", minutes="30", **asked)["slots"]

    assert [(each["start"], each["end"]) for each in slots] == [
        ("2027-10-11T17:30:00", "2027-10-11T18:00:00")
    ]


def test_a_calendar_is_subscribed_at_an_address_that_can_be_taken_away(club: Visiting) -> None:
    visitor = club("member")
    event(visitor, "Tea 茶", kind="talk")
    made = visitor.client.post(
        visitor.path("/calendar/feed"), data={"csrf_token": visitor.csrf}
    ).text
    address = "/feeds/calendar.ics?key=" + made.split("calendar.ics?key=")[1].split("<")[0]
    browser = visitor.client.application.test_client()

    answer = browser.get(address)
    (tea,) = Calendar.from_ical(answer.data).walk("VEVENT")
    people = visitor.house.services.people
    with people.ledger.database.registry() as connection:
        stored = str(connection.execute(select(token)).all())
    start = address.split("key=")[1][:9]
    people_gone = revoke(visitor, start)
    gone = browser.get(address)

    assert answer.content_type == "text/calendar; charset=utf-8"
    assert str(tea["SUMMARY"]) == "Tea 茶"
    assert tea.decoded("DTSTART").isoformat() == "2026-10-12T01:00:00+00:00"
    assert address.split("key=")[1] not in stored
    assert people_gone == 1
    assert gone.status_code == 404
    assert "does not work any more" in gone.text


def revoke(visitor: Visitor, start: str) -> int:
    return tokens.revoke(visitor.house.services.people.ledger, start=start)


def test_a_calendars_address_opens_nothing_else(club: Visiting) -> None:
    visitor = club("administrator")
    made = visitor.client.post(
        visitor.path("/calendar/feed"), data={"csrf_token": visitor.csrf}
    ).text
    key = made.split("calendar.ics?key=")[1].split("<")[0]
    browser = visitor.client.application.test_client()

    api = browser.get(
        f"/api/v1{visitor.path('/records/event')}", headers={"Authorization": f"Bearer {key}"}
    )

    assert api.status_code == 403


def test_an_invitation_names_everybody_with_an_address(club: Visiting) -> None:
    visitor = club("administrator")
    friend = visitor.create("friend", name="周敏", email="zhou@example.com")
    guests = [{"friend": friend, "answer": "accepted"}, {"person": str(club("member").user)}]
    record = event(visitor, "Picnic", guests=guests)

    answer = visitor.get(f"/records/event/{record}/invitation.ics")
    (picnic,) = Calendar.from_ical(answer.data).walk("VEVENT")
    parties: Any = picnic["ATTENDEE"]

    assert len(parties) == 2
    assert parties[0] == "mailto:zhou@example.com"
    assert parties[0].params["PARTSTAT"] == "ACCEPTED"
    assert visitor.send(f"/records/event/{record}/invite", {}).status_code == 200
    assert visitor.get("/records/friend/" + friend + "/invitation.ics").status_code == 404


def test_an_invitation_comes_as_one_that_programs_answer() -> None:
    at = datetime(2026, 10, 12, 1, tzinfo=UTC)
    text = invitation_text(Entry("1@club", "Picnic 野餐", at, None, at), "REQUEST")
    file = Attached("invitation.ics", f"{INVITES}REQUEST", b64encode(text.encode()).decode())
    mail = Mail("zhou@example.com", "Invitation:\nPicnic", "Picnic", "<p>Picnic</p>", (file,))

    with mail_server() as (server, inbox):
        Smtp(server, "Joinery <no@example.com>").send(mail)

    (letter,) = inbox.taken
    assert letter["Subject"] == "Invitation: Picnic"
    (part,) = [each for each in letter.walk() if each.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_content())
    assert part.get_param("method") == "REQUEST"
    assert str(calendar.walk("VEVENT")[0]["SUMMARY"]) == "Picnic 野餐"


@contextmanager
def mail_server() -> Iterator[tuple[MailServer, Inbox]]:
    """Run a real mail server that keeps what it is given."""
    inbox = Inbox()
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield MailServer.read(f"smtp://127.0.0.1:{port}"), inbox
    finally:
        controller.stop()
