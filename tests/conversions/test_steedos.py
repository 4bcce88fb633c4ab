"""A whole Chinese CRM, written for Steedos, is said in our language."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from boot.wiring import House
from tests.conftest import TenantMaker
from tests.conversions.left_out import LeftOut, assert_as_listed
from tests.conversions.loading import model_of, written
from tests.conversions.steedos.app import convert

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def converted(test_data: Path) -> tuple[dict[str, Any], LeftOut]:
    return convert(test_data / "steedos-crm-yaml")


def test_it_loads_whole(converted: tuple[dict[str, Any], LeftOut]) -> None:
    app, left = converted

    model = model_of(app)

    ours = [each for name, each in model.entities.items() if name in app["entities"]]
    assert len(ours) == 23 + 4
    assert_as_listed("steedos-crm-yaml", left)


def test_its_totals_come_out(
    converted: tuple[dict[str, Any], LeftOut], tenant_of: TenantMaker, house: House
) -> None:
    ctx = tenant_of(written(converted[0]))

    def create(entity: str, **values: object) -> UUID:
        return house.writer.create(ctx, entity, [values]).ids[0]

    account = create("accounts", name="Acme")
    product = create("product", name="Pump", product_code="P-1", is_active=True)
    deal = create(
        "opportunity", name="Pumps", account=str(account), stage="negotiation",
        probability="90%", due_date="2026-12-01",
    )  # fmt: skip
    for quantity, price in ((3, "1999.99"), (7, "128.55")):
        create("opportunity_line_item", opportunity_id=str(deal), product_id=str(product),
               quantity=quantity, unit_price=price)  # fmt: skip

    found = house.reader.get(ctx, "opportunity", [deal])[0].values

    assert found["amount"] == Decimal("6899.82")
    assert found["expected_revenue"] == Decimal("6209.84")
