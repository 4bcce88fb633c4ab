"""Reads lengths of time and schedules: `-1d`, `3wd`, `09:00`, `0 8 * * 1`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from croniter import CroniterBadDateError, croniter

from metamodel.actions import Lapse, LapseUnit
from metamodel.reader import Node

UNITS: Mapping[str, LapseUnit] = {
    "m": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
    "mo": "month",
    "y": "year",
    "wh": "working_hour",
    "wd": "working_day",
}

EVERY: Mapping[str, str] = {
    "hour": "{minute} * * * *",
    "day": "{minute} {hour} * * *",
    "week": "{minute} {hour} * * 1",
    "month": "{minute} {hour} 1 * *",
}
"""What `every` means as cron; weeks begin on Monday."""

_LAPSE = re.compile(r"([+-]?)(\d{1,5})(mo|wh|wd|[mhdwy])\Z")
_BY_CHANCE = re.compile(r"(?i)(^|[\s,])[hr](?![a-z])")
"""Times that are drawn by lot, each time anew: a schedule of ours has times that are known."""

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")


def read_lapse(node: Node, name: str, *, signed: bool = False) -> Lapse | None:
    """Return the length of time under `name`; None where there is none, or a wrong one."""
    if name not in node:
        return None
    text = node.text(name)
    match = _LAPSE.match(text)
    if match is None or (match[1] and not signed):
        node.report(
            "bad_duration",
            f"`{name}` is `{text}`, which is not a length of time.",
            "Write a number and a unit: `30m`, `2h`, `3d`, `2w`, `1mo`, `4wh` (working hours) "
            "or `3wd` (working days)" + (", with `-` for before." if signed else "."),
            at=name,
        )
        return None
    amount = int(match[2]) * (-1 if match[1] == "-" else 1)
    return Lapse(amount, UNITS[match[3]])


def read_time(node: Node, name: str) -> str:
    """Return the time of day under `name`, such as `09:00`; report what is none."""
    text = node.text(name)
    if text and not _TIME.match(text):
        node.report(
            "bad_schedule",
            f"`{name}` is `{text}`, which is not a time of day.",
            'Write hours and minutes: `"09:00"`.',
            at=name,
        )
        return ""
    return text


def _comes(cron: str) -> bool:
    """Return whether a schedule has a time at all: the 30th of February never comes."""
    if _BY_CHANCE.search(cron):
        return False
    try:
        croniter(cron).get_next()
    except CroniterBadDateError:
        return False
    return True


def read_schedule(node: Node) -> str:
    """Return a trigger's schedule as five cron fields: written as `cron`, or `every` and `at`."""
    every, cron = node.text("every"), node.text("cron")
    if every in EVERY:
        hour, minute = (read_time(node, "at") or "00:00").split(":")
        return EVERY[every].format(hour=int(hour), minute=int(minute))
    if len(cron.split()) == 5 and croniter.is_valid(cron) and _comes(cron):
        return cron
    node.report(
        "bad_schedule",
        f"`cron` is `{cron}`, which is not a schedule." if cron else "The schedule says no time.",
        'Write `every: day` with `at: "08:00"`, or `cron: "0 8 * * 1"`: minute, hour, day of the '
        "month, month, day of the week.",
        at="cron" if cron else "",
    )
    return ""
