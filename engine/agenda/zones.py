"""How a series is told to other calendars: its rule, the days left out, and the clock it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.agenda.repeats import SKIPPED, read_rule

YEARS = 10
"""How far the changes of a clock are told: further than anybody has fixed them."""

LATEST = 9_980
"""The last year in which clocks are looked at."""

HOUR = timedelta(hours=1)


def rule_lines(rule: str, begins: datetime | date, zone: str) -> Iterator[str]:
    """Yield a rule, and the days it leaves out; nothing for one that is not understood."""
    found = read_rule(rule)
    if found is None:
        return
    parts = dict(part.split("=", 1) for part in rule.strip().upper().split(";"))
    parts.pop(SKIPPED, None)
    timed = isinstance(begins, datetime)
    if found.until is not None:
        parts["UNTIL"] = _last(found.until, zone) if timed else f"{found.until:%Y%m%d}"
    yield "RRULE:" + ";".join(f"{name}={value}" for name, value in parts.items())
    skipped = sorted(found.skipped)
    if skipped and isinstance(begins, datetime):
        at = begins.astimezone(ZoneInfo(zone))
        yield f"EXDATE;TZID={zone}:" + ",".join(f"{day:%Y%m%d}T{at:%H%M%S}" for day in skipped)
    elif skipped:
        yield "EXDATE;VALUE=DATE:" + ",".join(f"{day:%Y%m%d}" for day in skipped)


def _last(day: date, zone: str) -> str:
    """Return the last moment of a day on a clock, as rules of what has a time end."""
    moment = datetime.combine(day, time(23, 59, 59), ZoneInfo(zone))
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def zone_lines(zone: str, since: datetime) -> Iterator[str]:
    """Yield a clock as other calendars know it: how far it is ahead, and when it is changed."""
    clock = ZoneInfo(zone)
    first = datetime(since.year, 1, 1, tzinfo=UTC)
    yield from ("BEGIN:VTIMEZONE", f"TZID:{zone}")
    yield from _kept(first.astimezone(clock), _ahead(first, clock))
    at, last = first, first.replace(year=min(since.year + YEARS, LATEST))
    while at < last:
        following = at + timedelta(days=1)
        if _ahead(at, clock) != _ahead(following, clock):
            changed = at
            while _ahead(changed, clock) == _ahead(at, clock):
                changed += HOUR
            yield from _kept(changed.astimezone(clock), _ahead(at, clock))
        at = following
    yield "END:VTIMEZONE"


def _ahead(moment: datetime, clock: ZoneInfo) -> timedelta:
    return moment.astimezone(clock).utcoffset() or timedelta()


def _kept(since: datetime, before: timedelta) -> Iterator[str]:
    """Yield what a clock keeps from a moment on; its beginning is told as the clock said before."""
    kind = "DAYLIGHT" if (since.dst() or timedelta()) > timedelta() else "STANDARD"
    began = since.astimezone(UTC).replace(tzinfo=None) + before
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{began:%Y%m%dT%H%M%S}"
    yield f"TZOFFSETFROM:{_offset(before)}"
    yield f"TZOFFSETTO:{_offset(since.utcoffset() or timedelta())}"
    yield f"END:{kind}"


def _offset(ahead: timedelta) -> str:
    minutes = abs(int(ahead.total_seconds())) // 60
    return f"{'-' if ahead < timedelta() else '+'}{minutes // 60:02}{minutes % 60:02}"
