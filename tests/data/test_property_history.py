"""The history of properties that another CRM kept is told alike when it is lived through here."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from boot.wiring import House
from engine.context import Context
from engine.doors import Edit
from tests.clock import on
from tests.conftest import TenantMaker

pytestmark = pytest.mark.data

Told = list[tuple[datetime, str]]
"""When a property took which value, in order."""


@pytest.fixture(scope="module")
def ctx(tenant_of: TenantMaker) -> Context:
    return tenant_of((Path(__file__).parent / "apps" / "properties.yaml").read_text("utf-8"))


def properties(path: Path, owner: str) -> Mapping[tuple[str, str], Told]:
    """Every property of every record of a file, with its values in order of time."""
    found: dict[tuple[str, str], Told] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)
            found.setdefault((row[owner], row["name"]), []).append((at, row["value"]))
    return {key: sorted(told) for key, told in found.items()}


@pytest.mark.parametrize("entity", ["company", "deal"])
def test_every_value_is_told_with_its_time(
    test_data: Path, ctx: Context, house: House, entity: str
) -> None:
    path = test_data / "fivetran-hubspot" / f"{entity}_property_history_data.csv"
    compared = 0
    for (owner, name), told in properties(path, f"{entity}_id").items():
        at, value = told[0]
        values = {"number": f"{owner} {name}", "property": value}
        record = house.writer.create(on(ctx, at), entity, [values]).ids[0]
        for moment, each in told[1:]:
            house.writer.update(on(ctx, moment), entity, [Edit(record, {"property": each})])

        entries = house.reader.history(ctx, entity, record, limit=500)

        found = [
            (entry.at, change.after)
            for entry in reversed(entries)
            for change in entry.changes
            if change.field == "property"
        ]
        assert found == changes(told)
        compared += len(found)
    assert compared >= 90


def changes(told: Told) -> Told:
    """The values that differ from the one before: saying the same again changes nothing."""
    return [each for before, each in zip([None, *told], told, strict=False)
            if before is None or before[1] != each[1]]  # fmt: skip
