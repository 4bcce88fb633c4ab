"""Apps made for Salesforce are said in our language, with nothing dropped that it can say."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from boot.wiring import House
from engine.context import Context
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery
from tests.conftest import TenantMaker
from tests.conversions.left_out import assert_as_listed
from tests.conversions.loading import model_of, written
from tests.conversions.salesforce.app import convert
from tests.conversions.salesforce.records import samples

pytestmark = pytest.mark.data

SETS = (
    "sf-ebikes", "sf-dreamhouse", "sf-easy-spaces", "sf-action-plans", "sf-dlrs-rollups",
    "sf-summit-events",
)  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_an_app_of_salesforce_loads_whole(test_data: Path, name: str) -> None:
    app, left = convert(test_data / name, name.replace("-", "_"))

    model_of(app)

    assert_as_listed(name, left)


def entered(house: House, ctx: Context, folder: Path) -> dict[str, UUID]:
    """Create a set's sample records, those that others link to first; their ids by reference."""
    waiting = list(samples(folder, ctx.model))
    made: dict[str, UUID] = {}
    while waiting:
        ready = [each for each in waiting if set(each[3].values()) <= made.keys()]
        assert ready, "records that link to each other, or to none of the set"
        for entity, reference, values, links in ready:
            linked = {field: str(made[target]) for field, target in links.items()}
            made[reference] = house.writer.create(ctx, entity, [values | linked]).ids[0]
        waiting = [each for each in waiting if each[1] not in made]
    return made


def tenant(test_data: Path, tenant_of: TenantMaker, name: str) -> Context:
    app, _ = convert(test_data / name, name.replace("-", "_"))
    return tenant_of(written(app))


def test_spaces_add_up_in_their_market(
    test_data: Path, tenant_of: TenantMaker, house: House
) -> None:
    folder = test_data / "sf-easy-spaces"
    ctx = tenant(test_data, tenant_of, "sf-easy-spaces")
    made = entered(house, ctx, folder)
    spaces = json.loads((folder / "data" / "Space__cs.json").read_text("utf-8"))["records"]

    for reference in {each["Market__c"][1:] for each in spaces}:
        rates = [each["Daily_Booking_Rate__c"] for each in spaces
                 if each["Market__c"] == f"@{reference}"]  # fmt: skip
        market = house.reader.get(ctx, "market", [made[reference]])[0]
        assert market.values["total_daily_booking_rate"] == sum(map(Decimal, rates))


def test_houses_are_on_the_market_since_they_were_listed(
    test_data: Path, tenant_of: TenantMaker, house: House
) -> None:
    ctx = tenant(test_data, tenant_of, "sf-dreamhouse")
    made = entered(house, ctx, test_data / "sf-dreamhouse")

    found = house.reader.get(ctx, "property", [made["18HenryStRef"]])[0].values

    assert found["days_on_market"] == 10
    assert found["picture_img"] == found["picture"]


def test_bikes_come_in_with_their_families(
    test_data: Path, tenant_of: TenantMaker, house: House
) -> None:
    ctx = tenant(test_data, tenant_of, "sf-ebikes")
    made = entered(house, ctx, test_data / "sf-ebikes")

    page = house.reader.find(
        ctx,
        ListQuery("product", filter=parse_filter(ctx, "product", 'product_family.name == "Fuse"')),
    )

    assert len(made) == 3 + 4 + 16
    assert {str(row.values["name"])[:4] for row in page.rows} == {"FUSE"}
