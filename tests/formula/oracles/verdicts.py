"""How an oracle's cases come out, and the table of those that differ on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from tests.formula.everywhere import Answers

FOLDER = Path(__file__).parent
TOLERANCE = Decimal("1e-9")
"""Oracles compute in floating point: this much of a number may differ."""


@dataclass(frozen=True, slots=True)
class Differences:
    """What an oracle's table says: functions that are not ours, cases that differ, with reasons."""

    absent: Mapping[str, str]
    differs: Mapping[str, str]
    reasons: Mapping[str, str]


def differences(name: str) -> Differences:
    """Return the table of an oracle."""
    table = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    absent = {str(f): reason for reason, found in table["absent"].items() for f in found.split()}
    differs = {
        str(c): reason for reason, found in table["differs"].items() for c in str(found).split()
    }
    return Differences(absent, differs, table["reasons"])


def same_everywhere(answers: Answers) -> bool:
    """Say whether the three back ends agree with each other, to the last digit."""
    return answers.python == answers.sql == answers.js


def agrees(value: object, expected: Any) -> bool:
    """Say whether a value is what an oracle expects; its errors are our blank."""
    if isinstance(expected, dict) and "$error" in expected:
        return value is None
    if isinstance(expected, dict) and "$date" in expected:
        return agrees(value, datetime.fromisoformat(expected["$date"].removesuffix("Z")).date())
    if isinstance(expected, bool) or isinstance(value, bool):
        return value is expected
    if isinstance(expected, int | float | Decimal):
        return _close(_as_number(value), Decimal(str(expected)))
    if expected is None or expected == "":
        return value is None
    return bool(value == expected)


def _close(value: Decimal | None, expected: Decimal) -> bool:
    if value is None:
        return False
    return abs(value - expected) <= TOLERANCE * max(Decimal(1), abs(expected))


def _as_number(value: object) -> Decimal | None:
    """Return a number as a spreadsheet holds it: days since 1899-12-30, times as parts of a day."""
    match value:
        case Decimal():
            return value
        case datetime():
            return None
        case date():
            return Decimal((value - date(1899, 12, 30)).days)
        case time():
            return Decimal(value.hour * 60 + value.minute) / 1440
        case timedelta():
            return Decimal(value // timedelta(seconds=1)) / 86400
        case _:
            return None
