"""What other programs tell the template: leads, figures of channels, payments, where goods are."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from boot.wiring import House
from metamodel import bundle
from tests import crm
from tests.conftest import TenantMaker
from tests.workflow.conftest import Yard
from workflow.arriving.webhooks import Signed


@pytest.fixture(scope="module")
def yard(tenant_of: TenantMaker, house: House) -> Yard:
    return Yard(house, tenant_of(bundle([crm.layer()])))


def tell(yard: Yard, automation: str, id_: str, **body: Any) -> int:
    """Call what an automation is told by, as its program does; return how many runs it began."""
    door = yard.house.services.webhooks_in
    secret = next(mark for each, _, mark in door.offered(yard.ctx) if each.name == automation)
    at, raw = str(int(datetime.now(UTC).timestamp())), json.dumps(body).encode()
    key = b64decode(secret.removeprefix("whsec_"))
    mark = b64encode(hmac.digest(key, f"{id_}.{at}.".encode() + raw, sha256)).decode()
    return door.receive(yard.ctx.tenant.name, automation, Signed(id_, at, f"v1,{mark}", raw))


def made(yard: Yard, name: str, *, price: int) -> str:
    """Make a product in a category of its own."""
    category = str(yard.create("product_category", {"name": name}))
    values = {"code": name, "name": name, "category": category, "list_price": price}
    return str(yard.create("product", values))


def test_a_channel_sends_leads_and_each_comes_once_and_clean(yard: Yard) -> None:
    """Requirements L-07, L-09, M-16."""
    channel = yard.create("channel", {"name": "Marketplace"})
    lead = {"channel": "Marketplace", "contact_name": "Li Na", "mobile": "13800001234"}

    tell(yard, "lead_of_a_channel", "l1", **lead, need="Two pumps")
    tell(yard, "lead_of_a_channel", "l1", **lead, need="Two pumps")
    yard.work()
    tell(yard, "lead_of_a_channel", "l2", **lead)
    yard.work()

    rows = yard.rows("lead", "need", "channel", "capture_mode", "invalid_reason")
    assert sorted(rows, key=str) == sorted(
        [("Two pumps", channel, "api", None), (None, channel, "api", "duplicate")], key=str
    )


def test_a_day_of_a_channel_that_is_told_again_replaces_the_first(yard: Yard) -> None:
    """Requirements M-02, M-33."""
    yard.create("channel", {"name": "Adverts"})
    day = {"channel": "Adverts", "date": "2026-03-02", "impressions": 1000, "clicks": 80}

    tell(yard, "figures_of_a_channel", "c1", **day, cost="200.00")
    yard.work()
    tell(yard, "figures_of_a_channel", "c2", **day, cost="250.00")
    yard.work()

    assert yard.rows("channel_stat", "cost", "clicks", "source") == [(Decimal(250), 80, "api")]


def test_a_payment_service_tells_of_a_payment_which_finds_its_order(yard: Yard) -> None:
    """Requirements E-11, F-02."""
    customer = str(yard.create("customer", {"name": "Acme", "status": "active"}))
    product = made(yard, "Pump", price=1000)
    values = {"customer": customer, "tax_rate": "0", "lines": [{"product": product}]}
    order = yard.create("sales_order", values)
    plan = {"order": str(order), "customer": customer, "due_date": "2026-03-31", "amount": 1000}
    yard.create("receivable_plan", plan)
    code = yard.get("sales_order", order)["code"]

    for call in ("p1", "p2"):
        tell(yard, "paid_online", call, order=code, amount="400", reference="T-1", method="alipay")
        yard.work()

    assert yard.rows("payment", "amount", "method") == [(Decimal(400), "alipay")]
    assert yard.get("sales_order", order)["outstanding"] == 600


def test_a_carrier_tells_where_the_goods_are(yard: Yard) -> None:
    """Requirement R-13."""
    customer = str(yard.create("customer", {"name": "Nordwind"}))
    product = made(yard, "Seal", price=10)
    values = {"customer": customer, "lines": [{"product": product}]}
    order = yard.create("sales_order", values)
    (line,) = [row[0] for row in yard.rows("order_line", "id", "sales_order") if row[1] == order]
    delivery = yard.create(
        "delivery",
        {
            "order": str(order), "tracking_no": "SF-1",
            "lines": [{"order_line": str(line)}], "stage": "shipped",
        },
    )  # fmt: skip

    tell(yard, "where_the_goods_are", "g1", tracking_no="SF-1", state="in_transit")
    yard.work()
    assert yard.get("delivery", delivery)["logistics_status"] == "in_transit"
    tell(yard, "where_the_goods_are", "g2", tracking_no="SF-1", state="signed")
    yard.work()

    arrived = yard.get("delivery", delivery)
    assert (arrived["logistics_status"], arrived["stage"]) == ("signed", "received")
