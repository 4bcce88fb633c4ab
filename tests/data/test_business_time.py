"""The logs of real help desks: history tells what was changed, working hours are counted right."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from boot.wiring import House
from engine.context import Context
from engine.doors import Edit
from engine.query.spec import ListQuery
from tests.clock import on
from tests.conftest import TenantMaker

pytestmark = pytest.mark.data

ZONE = ZoneInfo("America/Los_Angeles")
OPENS, CLOSES = time(8), time(20)
HOLIDAYS = {date(2020, 9, 7), date(2020, 11, 26)}
TOLD = ("incident_state", "assignment_group", "assigned_to", "priority")
REPLAYED = 40
"""Incidents of the log that are lived through again, row by row."""

Row = Mapping[str, str]


@pytest.fixture(scope="module")
def desk(tenant_of: TenantMaker) -> Context:
    return tenant_of((Path(__file__).parent / "apps" / "service_desk.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def log(test_data: Path) -> dict[str, list[Row]]:
    """The rows of every incident, in the order in which they happened."""
    path = test_data / "it-incidents-uci-sample" / "incident_event_log.csv"
    found: dict[str, list[Row]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["number"], []).append(row)
    return found


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=UTC)


def wire(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat().replace("+00:00", "Z")


def told(row: Row) -> dict[str, Any]:
    return {name: None if row[name] == "?" else row[name] for name in TOLD}


def test_history_tells_every_change_of_a_log(
    log: dict[str, list[Row]], desk: Context, house: House
) -> None:
    compared = 0
    for number in sorted(log)[:REPLAYED]:
        rows = log[number]
        record, wanted = _live_through(house, desk, number, rows)

        entries = house.reader.history(desk, "incident", record, limit=500)

        found = [
            (entry.at, {each.field: (each.before, each.after) for each in entry.changes})
            for entry in reversed(entries)
            if entry.operation == "update" and not entry.computed
        ]
        assert found == wanted, number
        compared += len(wanted)
    assert compared > 60


def _live_through(
    house: House, desk: Context, number: str, rows: Sequence[Row]
) -> tuple[Any, list[tuple[datetime, dict[str, Any]]]]:
    """Write an incident as its log says; return it and what history has to tell."""
    now = at(rows[0]["sys_updated_at"])
    values = {"number": f"replay {number}", **told(rows[0])}
    record = house.writer.create(on(desk, now), "incident", [values]).ids[0]
    before, wanted = told(rows[0]), []
    for row in rows[1:]:
        now = max(now + timedelta(seconds=1), at(row["sys_updated_at"]))
        after = told(row)
        house.writer.update(on(desk, now), "incident", [Edit(record, after)])
        changes = {
            name: (before[name], after[name]) for name in TOLD if before[name] != after[name]
        }
        if changes:
            wanted.append((now, changes))
        before = after
    return record, wanted


def test_hours_between_opening_and_resolving_are_working_hours(
    log: dict[str, list[Row]], desk: Context, house: House
) -> None:
    spans = {
        number: (at(rows[-1]["opened_at"]), at(rows[-1]["resolved_at"]))
        for number, rows in log.items()
        if rows[-1]["resolved_at"] != "?"
    }
    house.writer.create(desk, "incident", [
        {"number": number, "opened_at": wire(opened), "resolved_at": wire(resolved)}
        for number, (opened, resolved) in spans.items()
    ])  # fmt: skip

    found = dict(_hours(house, desk, "incident", "number"))

    assert len(spans) > 800
    for number, span in spans.items():
        assert found[number] == worked(*span), number


def test_time_in_each_state_is_counted_over_the_change_of_clocks(
    test_data: Path, desk: Context, house: House
) -> None:
    path = test_data / "fivetran-zendesk" / "ticket_field_history_data.csv"
    with path.open(encoding="utf-8", newline="") as file:
        changes = [
            (datetime.fromisoformat(row["updated"]).replace(tzinfo=UTC), row["value"])
            for row in csv.DictReader(file)
            if row["ticket_id"] == "11071" and row["field_name"] == "status"
        ]
    spans = {
        f"{number} {state}": (since, until)
        for number, ((since, state), (until, _)) in enumerate(
            zip(changes, changes[1:], strict=False)
        )
    }
    house.writer.create(desk, "spell", [
        {"ticket": "11071", "state": state, "since": wire(since), "until": wire(until)}
        for state, (since, until) in spans.items()
    ])  # fmt: skip

    found = dict(_hours(house, desk, "spell", "state"))

    # The clocks go back on 1 November, in the middle of one of the spells.
    assert len(spans) > 8
    assert {state: worked(*span) for state, span in spans.items()} == found


def _hours(house: House, ctx: Context, entity: str, name: str) -> Iterator[tuple[str, Decimal]]:
    cursor = ""
    while True:
        page = house.reader.find(ctx, ListQuery(entity, limit=500, cursor=cursor))
        yield from ((row.values[name], row.values["hours"]) for row in page.rows)
        if not page.next:
            return
        cursor = page.next


def worked(since: datetime, until: datetime) -> Decimal:
    """Count working hours day by day, as a person with a calendar would."""
    start, end = since.astimezone(ZONE), until.astimezone(ZONE)
    total = timedelta()
    day = start.date()
    while day <= end.date():
        if day.weekday() < 5 and day not in HOLIDAYS:
            low = max(datetime.combine(day, OPENS), start.replace(tzinfo=None))
            high = min(datetime.combine(day, CLOSES), end.replace(tzinfo=None))
            total += max(high - low, timedelta())
        day += timedelta(days=1)
    hours = Decimal(int(total.total_seconds())) / 3600
    return hours.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)
