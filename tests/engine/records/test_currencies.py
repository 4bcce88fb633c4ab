"""Amounts in other currencies: entered, worth what their day's rate says, and kept so."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from engine.access.policy import Policy
from engine.errors import RecordRefused
from metamodel import DefinitionInvalid, load, read_text
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: trade, label: Trade, version: "1.0", currency: CNY}
entities:
  deal:
    label: Deal
    title: name
    fields:
      name: {type: text}
      currency:
        type: choice
        options: {cny: {label: CNY}, usd: {label: USD}, jpy: {label: JPY}, kwd: {label: KWD}}
      signed: {type: date}
      amount: {type: money, currency: currency, rate_on: signed, min: 0, label: {zh: 金额}}
      tax: {type: money, formula: "amount * 10%"}
      paid: {type: money, currency: currency}
      dollars: {type: decimal, formula: 'amount.original if currency == "usd" else 0'}
      lines_total: {type: money, formula: "SUM(lines.price)"}
      dollars_total: {type: decimal, formula: 'SUM(lines.price.original, currency == "usd")'}
  line:
    label: Line
    title: currency
    child_of: {entity: deal, collection: lines}
    fields:
      currency: {type: choice, options: {cny: {label: CNY}, usd: {label: USD}}}
      price: {type: money, currency: currency}
"""

ROLES = """
roles:
  hidden: {label: H, rights: {deal: {read: all, update: all}}, fields: {deal: {amount: none}}}
  shown: {label: S, rights: {deal: {read: all, update: all}}, fields: {deal: {amount: read}}}
  part:
    label: P
    rights: {deal: {read: all, update: all}}
    fields: {deal: {amount: none, amount_original: write, amount_rate: read}}
"""
PARTS = {"amount", "amount_original", "amount_rate"}


@pytest.fixture(scope="module")
def trade(tenant_of: TenantMaker, installation: Installation) -> Shop:
    shop = Shop.open(tenant_of(APP), installation.database)
    for currency, day, rate in (
        ("USD", "2026-01-01", "7"),
        ("USD", "2026-02-01", "7.25"),
        ("JPY", "2026-01-01", "0.045"),
        ("KWD", "2026-01-01", "23.4"),
    ):
        shop.create("exchange_rate", {"currency": currency, "date": day, "rate": rate})
    return shop


def deal(shop: Shop, **values: Any) -> dict[str, Any]:
    return shop.get("deal", shop.create("deal", values))


@pytest.mark.parametrize(
    ("entered", "worth"),
    [
        ({"amount": "100"}, "100.00"),
        ({"amount_original": "100", "currency": "usd", "signed": "2026-01-31"}, "700.00"),
        ({"amount": "100", "currency": "usd", "signed": "2026-02-01"}, "725.00"),
        ({"amount": "USD 1,000.10", "signed": "2026-01-15"}, "7000.70"),
        ({"amount": "12.345 kwd", "signed": "2026-03-01"}, "288.87"),
        ({"amount": {"amount": 300, "currency": "JPY"}, "signed": "2026-03-01"}, "13.50"),
        ({"amount": "1", "amount_original": "2", "currency": "cny"}, "2.00"),
        ({"amount": None, "currency": "usd"}, None),
    ],
)
def test_an_amount_is_worth_what_the_rate_of_its_day_says(
    trade: Shop, entered: dict[str, Any], worth: str | None
) -> None:
    made = deal(trade, **entered)

    assert made["amount"] == (Decimal(worth) if worth else None)
    if worth:
        assert made["tax"] == (Decimal(worth) / 10).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert trade.differences() == []


@pytest.mark.parametrize(
    ("entered", "code", "at"),
    [
        ({"amount": "JPY 1.5", "signed": "2026-03-01"}, "currency_decimals", "amount_original"),
        ({"amount": "KWD 1.5", "signed": "2025-12-31"}, "rate_missing", "currency"),
        ({"amount": "XQX 1.5"}, "unknown_currency", "amount"),
        ({"amount": "GBP 1.5"}, "unknown_choice", "currency"),
        ({"amount": "USD 1.5", "currency": "cny"}, "currency_differs", "amount"),
        ({"amount": "USD 1.5", "paid": "JPY 3"}, "currency_differs", "paid"),
        ({"amount": "much"}, "invalid_number", "amount"),
        ({"amount": {"sum": 1}}, "invalid_amount", "amount"),
        ({"amount": "-1"}, "out_of_range", "amount"),
        ({"amount_rate": "8"}, "readonly", "amount_rate"),
    ],
)
def test_what_no_amount_can_be_is_refused_at_its_field(
    trade: Shop, entered: dict[str, Any], code: str, at: str
) -> None:
    with pytest.raises(RecordRefused) as refused:
        deal(trade, **entered)

    assert (code, (at,)) in [(each.code, each.path) for each in refused.value.errors]


def test_a_blank_currency_is_the_one_that_the_amount_names(trade: Shop) -> None:
    made = deal(trade, amount="USD 10", currency=None, signed="2026-01-05")

    assert (made["currency"], made["amount"]) == ("usd", Decimal("70.00"))


def test_what_a_role_may_do_with_an_amount_holds_for_its_parts(
    tenant_of: TenantMaker, installation: Installation
) -> None:
    shop = Shop.open(tenant_of(APP + ROLES), installation.database)
    policy = Policy(installation.database)
    for role, readable, writable in (
        ("hidden", set(), set()),
        ("shown", PARTS, set()),
        ("part", PARTS - {"amount"}, {"amount_original"}),
    ):
        actor = replace(shop.ctx.actor, kind="person", roles=(role,))
        ctx = replace(shop.ctx, actor=actor)
        assert policy.readable(ctx, "deal") & PARTS == readable
        assert policy.writable(ctx, "deal") & PARTS == writable


def test_a_rate_stays_until_somebody_asks_for_it_or_the_currency_changes(trade: Shop) -> None:
    made = deal(trade, amount="USD 100", signed="2026-01-10")["id"]

    trade.update("deal", made, {"signed": "2026-02-10", "amount": "200"})
    kept = trade.get("deal", made)
    trade.records.recalculate(trade.ctx, "deal", [made])
    asked = trade.get("deal", made)
    trade.update("deal", made, {"currency": "cny"})
    home = trade.get("deal", made)

    assert [each["amount"] for each in (kept, asked, home)] == [1400, 1450, 200]
    assert trade.differences() == []


def test_amounts_of_lines_add_up_in_the_currency_of_the_app_or_in_one(trade: Shop) -> None:
    lines = [{"price": "USD 10"}, {"price": "USD 2.50"}, {"price": "5"}]

    made = deal(trade, lines=lines)

    assert made["dollars_total"] == Decimal("12.50")
    assert made["lines_total"] == Decimal("72.50") + Decimal("18.13") + Decimal("5.00")


def problems_of(text: str) -> list[str]:
    with pytest.raises(DefinitionInvalid) as refused:
        load([read_text(text, "trade.yaml")])
    return [each.code for each in refused.value.problems]


def test_amounts_in_several_currencies_are_not_added_up() -> None:
    wrong = APP.replace(', currency == "usd")', ")")

    assert problems_of(wrong) == ["formula_mixed_currencies"]


def test_an_amount_names_its_currency_among_the_fields_of_its_record() -> None:
    wrong = APP.replace("currency: currency, rate_on: signed", "currency: curency, rate_on: name")

    assert problems_of(wrong)[:2] == ["bad_currency", "bad_currency"]


def test_every_rate_of_a_central_bank_is_found_on_its_day_and_until_the_next(
    tenant_of: TenantMaker, installation: Installation
) -> None:
    folder = os.environ.get("JOINERY_TEST_DATA")
    if not folder:
        pytest.skip("JOINERY_TEST_DATA names no folder with the rates of the ECB")
    app = APP.replace("currency: CNY", "currency: EUR").replace(
        "usd: {label: USD}", "usd: {label: USD}, eur: {label: EUR}"
    )
    shop = Shop.open(tenant_of(app), installation.database)
    rates = dict(_dollars(Path(folder) / "fx-ecb-rates" / "eurofxref-hist.zip"))
    days = sorted(rates)[-40:]
    for day in days:
        shop.create("exchange_rate", {"currency": "USD", "date": day, "rate": str(rates[day])})

    made: dict[str, UUID] = {}
    for day in days:
        made[day] = shop.create("deal", {"amount": "USD 1000", "signed": day})

    for day, id_ in made.items():
        worth = (1000 * rates[day]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert shop.get("deal", id_)["amount"] == worth


def _dollars(path: Path) -> list[tuple[str, Decimal]]:
    """Return what a dollar was worth in euro, by day."""
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as file:
        rows = csv.DictReader(io.TextIOWrapper(file, "utf-8"))
        named = [{key.strip(): value.strip() for key, value in row.items() if key} for row in rows]
    return [
        (row["Date"], (1 / Decimal(row["USD"])).quantize(Decimal("1e-10"), ROUND_HALF_UP))
        for row in named
        if row.get("USD") not in (None, "", "N/A")
    ]
