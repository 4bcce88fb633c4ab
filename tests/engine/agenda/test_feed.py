"""Calendars for other programs, read back by a library of others (T-07)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from engine.agenda import Entry, Party, calendar_text, invitation_text
from tests.budget import examples

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

MEETING = Entry(
    uid="1@club.joinery",
    title="Tea; with, commas\nand 😀",
    begins=datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
    ends=datetime(2026, 11, 23, 2, 30, tzinfo=UTC),
    changed=NOW,
    version=7,
    words="深圳\\南山",
    url="https://crm.example.com/club/records/event/1",
    organizer=Party('Lin "Boss" Xiao', "lin@example.com", "ACCEPTED"),
    parties=(Party("周敏", "zhou@example.com", "DECLINED"),),
)


def test_a_feed_says_when_what_and_where() -> None:
    day = Entry("2@club.joinery", "Fair", date(2026, 10, 1), date(2026, 10, 4), NOW)

    calendar = Calendar.from_ical(calendar_text("日历", [MEETING, day]))

    first, second = calendar.walk("VEVENT")
    assert calendar["X-WR-CALNAME"] == "日历"
    assert str(first["SUMMARY"]) == MEETING.title
    assert str(first["DESCRIPTION"]) == MEETING.words
    assert first.decoded("DTSTART") == MEETING.begins
    assert first.decoded("DTEND") == MEETING.ends
    assert second.decoded("DTSTART") == date(2026, 10, 1)
    assert second.decoded("DTEND") == date(2026, 10, 4)


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_an_invitation_names_who_asks_and_who_takes_part(method: str) -> None:
    calendar = Calendar.from_ical(invitation_text(MEETING, method))  # type: ignore[arg-type]

    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == method
    assert event["SEQUENCE"] == 7
    assert event["ORGANIZER"] == "mailto:lin@example.com"
    assert event["ATTENDEE"] == "mailto:zhou@example.com"
    assert event["ATTENDEE"].params["PARTSTAT"] == "DECLINED"


@settings(max_examples=examples(60), deadline=None)
@given(st.text(max_size=400), st.text(max_size=400))
def test_no_words_break_a_calendar(title: str, words: str) -> None:
    text = calendar_text("x", [Entry("3@x", f"a{title}", NOW, None, NOW, words=f"b{words}")])

    (event,) = Calendar.from_ical(text).walk("VEVENT")

    assert len(list(event.keys())) == 7
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
