"""Links business calendars: weeks, holidays and make-up days become what formulas count by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from formula.calendars import Calendar, Hours
from metamodel.linking.draft import Draft
from metamodel.reader import Node

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

LONGEST = 366
"""Most days that one entry of holidays or make-up days may cover."""

_DAY_HOURS: Hours = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))

STANDARD = Calendar("", (*(_DAY_HOURS,) * 5, (), ()))
"""What is counted by where an app has no calendar: Monday to Friday, 9 to 12 and 13 to 18."""

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d) ?[-–] ?(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")


def link_calendars(draft: Draft) -> Mapping[str, Calendar]:
    """Return the calendars by name; "" is the default one."""
    nodes = list(draft.root.child("calendars").live())
    found = {node.name: _calendar(node) for node in nodes}
    defaults = [node for node in nodes if node.flag("default")]
    for node in defaults[1:]:
        node.report(
            "two_defaults",
            f"The calendars `{defaults[0].name}` and `{node.name}` both say `default: true`.",
            "Only one calendar is the default: take the line out of the other.",
            at="default",
        )
    first = next(iter(defaults or nodes), None)
    return {"": STANDARD if first is None else found[first.name], **found}


def _calendar(node: Node) -> Calendar:
    week = _week(node.child("week"))
    usual = next((hours for hours in week if hours), _DAY_HOURS)
    days: dict[date, tuple[tuple[int, int], ...]] = {
        day: () for entry in node.child("holidays").live() for day in _days(entry)
    }
    days |= {
        day: hours
        for entry in node.child("workdays").live()
        for hours in (usual if entry.value is True else _hours(entry),)
        for day in _days(entry)
    }
    return Calendar(node.name, week, tuple(sorted(days.items())))


def _week(node: Node) -> tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]:
    """Return the hours of each weekday; a single day says more than a range around it."""
    found: dict[str, Hours] = {}
    for entry in sorted(node.live(), key=lambda each: "-" not in each.name):
        first, _, last = entry.name.partition("-")
        for name in _between(entry, first, last or first):
            found[name] = _hours(entry)
    mon, tue, wed, thu, fri, sat, sun = (found.get(name, ()) for name in WEEKDAYS)
    return mon, tue, wed, thu, fri, sat, sun


def _between(entry: Node, first: str, last: str) -> tuple[str, ...]:
    if first in WEEKDAYS and last in WEEKDAYS:
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
        if start <= end:
            return WEEKDAYS[start : end + 1]
    entry.report(
        "unknown_weekday",
        f"`{entry.name}` is neither a weekday nor a range of them.",
        "Write `mon` to `sun`, or a range such as `mon-fri`.",
    )
    return ()


def _hours(entry: Node) -> Hours:
    """Return the spans written as `09:00-12:00, 13:00-18:00`; nothing, or `false`, is a day off."""
    if entry.value in (None, False, ""):
        return ()
    spans: list[tuple[int, int]] = []
    for part in str(entry.value).split(","):
        matched = _SPAN.fullmatch(part.strip())
        if matched is None:
            return _bad_hours(entry)
        start_hour, start, *end = matched.groups()
        end_hour, end_minute = (each for each in end if each is not None)
        span = int(start_hour) * 60 + int(start), int(end_hour) * 60 + int(end_minute)
        if span[0] >= span[1] or (spans and span[0] < spans[-1][1]):
            return _bad_hours(entry)
        spans.append(span)
    return tuple(spans)


def _bad_hours(entry: Node) -> Hours:
    entry.report(
        "bad_hours",
        f"`{entry.value}` does not say when work begins and ends.",
        'Write spans in order, such as "09:00-12:00, 13:00-18:00".',
    )
    return ()


def _days(entry: Node) -> Iterator[date]:
    """Yield the days of an entry: one, or all from the first to the last of `from/to`."""
    first, _, last = entry.name.partition("/")
    try:
        start = date.fromisoformat(first)
        end = date.fromisoformat(last) if last else start
    except ValueError:
        start, end = date.min, date.max
    if not 0 <= (end - start).days < LONGEST:
        entry.report(
            "bad_day",
            f"`{entry.name}` is neither a day nor a range of at most {LONGEST} days.",
            "Write `2026-10-01`, or `2026-10-01/2026-10-07` for all days between.",
        )
        return
    yield from (start + timedelta(days=offset) for offset in range((end - start).days + 1))
