"""China's public holidays and the days that make up for them, 2007 to 2027, as a calendar."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from formula import check, parse
from formula.calendars import Calendar, add_workdays, workdays
from formula.types import DateType, NumberType
from metamodel import Model, load, read_text
from tests.formula.everywhere import Browser
from tests.formula.oracles.cells import Cells, evaluate

pytestmark = pytest.mark.data

DAYS = {"a": DateType(), "b": DateType(), "n": NumberType(9, 0)}


@pytest.fixture(scope="module")
def told(test_data: Path) -> dict[date, bool]:
    """What each year's notice says of a day: off, or worked."""
    found: dict[date, bool] = {}
    for file in sorted((test_data / "holiday-cn").glob("20*.json")):
        for each in json.loads(file.read_text("utf-8"))["days"]:
            found[date.fromisoformat(each["date"])] = bool(each["isOffDay"])
    return found


@pytest.fixture(scope="module")
def office(told: dict[date, bool]) -> Calendar:
    """The same as a calendar of the metadata language."""
    listed: dict[str, dict[str, Any]] = {"holidays": {}, "workdays": {}}
    for day, off in told.items():
        listed["holidays" if off else "workdays"][day.isoformat()] = "节" if off else True
    calendar = {"label": "中国", "week": {"mon-fri": "09:00-18:00"}, **listed}
    document = {
        "format": 1,
        "app": {"name": "cn", "label": "中国"},
        "calendars": {"cn": calendar},
    }
    model: Model = load([read_text(json.dumps(document, ensure_ascii=False), "app.yaml")])
    return model.calendars["cn"]


def _worked(told: dict[date, bool], day: date) -> bool:
    return not told[day] if day in told else day.weekday() < 5


def test_working_days_of_each_month_are_those_that_the_notices_leave(
    told: dict[date, bool], office: Calendar
) -> None:
    for year in range(2007, 2028):
        for month in range(1, 13):
            first = date(year, month, 1)
            days = [first + timedelta(days=n) for n in range(31)]
            last = max(day for day in days if day.month == month)

            counted = sum(_worked(told, day) for day in days if day <= last)

            assert workdays(office, first, last) == counted, first


def test_the_next_working_day_is_the_next_that_is_worked(
    told: dict[date, bool], office: Calendar
) -> None:
    day = date(2024, 1, 1)
    while day < date(2027, 1, 1):
        following = day + timedelta(days=1)
        while not _worked(told, following):
            following += timedelta(days=1)

        assert add_workdays(office, day, Decimal(1)) == following
        day += timedelta(days=1)


def test_the_three_back_ends_count_the_same_days(
    told: dict[date, bool], office: Calendar, _world_tables: Connection, browser: Browser
) -> None:
    scope = Cells(DAYS, {"": office})
    formulas = ("WORKDAYS(a, b)", "ADDWORKDAYS(a, n)", "WORKHOURS(DATETIME(a, 8), DATETIME(b, 13))")
    typed = [check(parse(text), scope) for text in formulas]
    rows = [
        {"a": day, "b": day + timedelta(days=shift), "n": Decimal(shift // 3)}
        for day in sorted(told)[::9]
        for shift in (-30, 1, 75)
    ]

    answers = evaluate(_world_tables, browser, [(each, rows) for each in typed])

    for row in answers:
        assert all(each.python == each.sql == each.js for each in row)
    assert answers[0][0].python == workdays(office, rows[0]["a"], rows[0]["b"])
