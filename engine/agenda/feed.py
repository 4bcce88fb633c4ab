"""Calendars as other programs read them: iCalendar, as RFC 5545 and RFC 5546 write it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from engine.agenda.zones import rule_lines, zone_lines

MAKER = "-//Joinery//Calendar//EN"

LONGEST = 75
"""Octets of one line, its end not counted; longer ones go on below."""

_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who takes part, by address; `answer` is what they said."""

    name: str
    email: str
    answer: Literal["NEEDS-ACTION", "ACCEPTED", "DECLINED"] = "NEEDS-ACTION"


@dataclass(frozen=True, slots=True)
class Entry:
    """One record on a calendar: a time in UTC, or whole days of which the last is not included.

    `version` counts up with every change, so that programs know the newest. What repeats by a
    `rule` does so on the clock of a `zone`.
    """

    uid: str
    title: str
    begins: datetime | date
    ends: datetime | date | None
    changed: datetime
    version: int = 0
    place: str = ""
    words: str = ""
    url: str = ""
    cancelled: bool = False
    organizer: Party | None = None
    parties: tuple[Party, ...] = ()
    rule: str = ""
    zone: str = ""


def calendar_text(name: str, entries: Iterable[Entry]) -> str:
    """Return a calendar that programs subscribe to."""
    lines = ["METHOD:PUBLISH", f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}",
             "REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M"]  # fmt: skip
    return _calendar(lines, entries)


def invitation_text(entry: Entry, method: Method) -> str:
    """Return what an invitation, or the word that it is off, carries for calendars."""
    return _calendar([f"METHOD:{method}"], [entry])


def _calendar(lines: list[str], entries: Iterable[Entry]) -> str:
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{MAKER}", "CALSCALE:GREGORIAN", *lines]
    for entry in entries:
        if entry.rule and isinstance(entry.begins, datetime):
            whole.extend(zone_lines(entry.zone, entry.begins))
        whole.extend(_event(entry))
    whole.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in whole for folded in _folded(line))


def _event(entry: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(entry.uid)}"
    yield f"DTSTAMP:{_moment(entry.changed)}"
    yield f"SEQUENCE:{entry.version}"
    zone = entry.zone if entry.rule else ""
    yield _time("DTSTART", entry.begins, zone)
    if entry.ends is not None:
        yield _time("DTEND", entry.ends, zone)
    if entry.rule:
        yield from rule_lines(entry.rule, entry.begins, zone)
    yield f"SUMMARY:{_text(entry.title)}"
    for name, value in (("LOCATION", entry.place), ("DESCRIPTION", entry.words)):
        if value:
            yield f"{name}:{_text(value)}"
    if entry.url:
        yield f"URL:{_CONTROLS.sub('', entry.url)}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    if entry.organizer is not None:
        yield f"ORGANIZER;CN={_quoted(entry.organizer.name)}:mailto:{entry.organizer.email}"
    for party in entry.parties:
        yield (
            f"ATTENDEE;CN={_quoted(party.name)};ROLE=REQ-PARTICIPANT;PARTSTAT={party.answer};"
            f"RSVP=TRUE:mailto:{party.email}"
        )
    yield "END:VEVENT"


def _time(name: str, value: datetime | date, zone: str) -> str:
    if isinstance(value, datetime) and zone:
        return f"{name};TZID={zone}:{value.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}"
    if isinstance(value, datetime):
        return f"{name}:{_moment(value)}"
    return f"{name};VALUE=DATE:{value:%Y%m%d}"


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    return _CONTROLS.sub("", value).translate(_ESCAPED)


def _quoted(value: str) -> str:
    """Return a name as a parameter holds it: no quotes, no ends of lines."""
    plain = _CONTROLS.sub("", value).replace('"', "'").replace("\n", " ").replace("\r", "")
    return f'"{plain}"'


def _folded(line: str) -> Iterator[str]:
    """Yield a line in parts of at most 75 octets, no letter cut in two."""
    part, size = "", 0
    for sign in line:
        width = len(sign.encode())
        if size + width > LONGEST:
            yield part
            part, size = " ", 1
        part, size = part + sign, size + width
    yield part
