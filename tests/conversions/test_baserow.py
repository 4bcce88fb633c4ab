"""A CRM made in Baserow is said in our language, its rows come in, its roll-ups come out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from boot.wiring import House
from engine.context import Context
from engine.doors import Edit
from tests.conftest import TenantMaker
from tests.conversions.baserow.app import Base, convert, entity_name, read, rows
from tests.conversions.left_out import assert_as_listed
from tests.conversions.loading import model_of, written
from tests.conversions.salesforce.reading import snake

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def base(test_data: Path) -> Base:
    return read(test_data / "baserow-crm-template" / "lightweight-crm.json")


def test_it_loads_whole(base: Base) -> None:
    model_of(convert(base))

    assert_as_listed("baserow-crm-template", base.left)


def test_its_rows_come_in_and_its_roll_ups_come_out(
    base: Base, tenant_of: TenantMaker, house: House
) -> None:
    ctx = tenant_of(written(convert(base)))
    ids = _enter(base, house, ctx)
    companies, pipelines = base.tables[0], base.tables[2]

    for row in companies["rows"]:
        deals = [each for each in pipelines["rows"] if each["id"] in row["field_28388"]]
        won = option_named(base, "Closed Won")
        lost = option_named(base, "Closed Lost")
        open_ = [each for each in deals if each["field_28404"] not in (won, lost)]
        found = house.reader.get(ctx, "company", [ids[companies["id"], row["id"]]])[0].values
        assert found["total_contract_value"] == worth(deals)
        assert found["total_in_progress"] == worth(open_)
        assert found["pipelines_count"] == len(deals)
        assert found["active_pipelines_count"] == len(open_)


def option_named(base: Base, value: str) -> int:
    """The number of a stage."""
    options = base.fields[28404]["select_options"]
    return next(each["id"] for each in options if each["value"] == value)


def worth(deals: list[Any]) -> Decimal:
    return sum((Decimal(each["field_28406"] or 0) for each in deals), Decimal(0))


def _enter(base: Base, house: House, ctx: Context) -> dict[tuple[int, int], UUID]:
    """Create every row, then set its links."""
    ids: dict[tuple[int, int], UUID] = {}
    for table, row, values in rows(base):
        change = house.writer.create(ctx, entity_name(table), [values])
        ids[table["id"], row["id"]] = change.ids[0]
    for table in base.tables:
        for said in (each for each in table["fields"] if each["type"] == "link_row"):
            if not base.kept(said):
                continue
            edits = [
                Edit(
                    ids[table["id"], row["id"]],
                    {
                        snake(said["name"]): [
                            str(ids[said["link_row_table_id"], number])
                            for number in row[f"field_{said['id']}"]
                        ]
                    },
                )
                for row in table["rows"]
            ]
            house.writer.update(ctx, entity_name(table), edits)
    return ids
