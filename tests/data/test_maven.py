"""A company's 8,800 deals come in, and every figure is the one counted from its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from tests.acceptance.product import Api, Product
from tests.data.figures import WON_AND_LOST_BY_PRODUCT, WON_BY_AGENT, WON_BY_QUARTER, tables

MANAGERS = {
    "Central": ("Dustin Brinkmann", "Melvin Marxen"),
    "East": ("Cara Losch", "Rocco Neubert"),
    "West": ("Celia Rouche", "Summer Sewald"),
}

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def maven(test_data: Path) -> Path:
    return test_data / "maven-crm-sales"


@pytest.fixture(scope="module")
def imported(product: Product, maven: Path, maps: Path, layers: Path) -> dict[str, dict[str, int]]:
    """The counts of each import, in the order of the imports."""
    product.tenant("maven")
    product.joinery("apply", "maven", str(layers / "maven.yaml"), "--yes")
    api = product.api("maven")
    for office, managers in MANAGERS.items():
        department = api.create("department", name=office)
        for name in managers:
            api.create("user", name=name, department=department["id"])
    series = {line.split(",")[1] for line in (maven / "products.csv").read_text().splitlines()[1:]}
    for name in sorted(series):
        api.create("product_category", name=name)
    api.create("customer", name="Account not recorded")
    loads = (
        ("user", "sales_teams.csv", "maven_teams.yaml", ()),
        ("product", "products.csv", "maven_products.yaml", ()),
        ("customer", "accounts.csv", "maven_accounts.yaml", ()),
        ("customer", "accounts.csv", "maven_parents.yaml", ("--mode", "update", "--key", "name")),
        ("opportunity", "sales_pipeline.csv", "maven_pipeline.yaml", ()),
    )
    return {
        rules: _load(product, entity, maven / file, maps / rules, *mode)
        for entity, file, rules, mode in loads
    }


def _load(product: Product, entity: str, file: Path, rules: Path, *mode: str) -> dict[str, int]:
    done = product.joinery(
        "import", "maven", entity, str(file), "--map", str(rules), *mode, "--json"
    )
    counts: dict[str, int] = json.loads(done.stdout)["counts"]
    return counts


@pytest.fixture(scope="module")
def api(product: Product, imported: Mapping[str, object]) -> Api:
    return product.api("maven")


def test_every_row_comes_in(imported: dict[str, dict[str, int]], api: Api) -> None:
    stages = api.aggregate("opportunity", group_by=["stage"], measures={"n": "COUNT()"})
    orphans = api.aggregate(
        "opportunity", filter='customer.name == "Account not recorded"', measures={"n": "COUNT()"}
    )

    assert [counts["created"] for counts in imported.values()] == [35, 7, 85, 0, 8800]
    assert imported["maven_parents.yaml"]["updated"] == 85
    assert {row["stage"]: row["n"] for row in stages} == {
        "won": 4238, "lost": 2473, "qualify": 1589, "lead": 500,
    }  # fmt: skip
    assert orphans[0]["n"] == 1425


def test_the_misspellings_of_the_files_are_mended(api: Api) -> None:
    misspelt = api.everything("opportunity", filter='product.name == "GTXPro"')
    mended = api.aggregate(
        "opportunity", filter='product.name == "GTX Pro"', measures={"n": "COUNT()"}
    )
    countries = api.aggregate("customer", group_by=["country"], measures={"n": "COUNT()"})
    subsidiaries = api.aggregate(
        "customer", filter="not ISBLANK(parent)", measures={"n": "COUNT()"}
    )

    assert misspelt == []
    assert mended[0]["n"] == 1480
    assert {"country": "Philippines", "n": 1} in countries
    assert subsidiaries[0]["n"] == 15


def test_won_amount_by_agent_equals_the_files(api: Api, maven: Path) -> None:
    expected = tables(pipeline=maven / "sales_pipeline.csv").execute(WON_BY_AGENT).fetchall()

    rows = api.aggregate(
        "opportunity",
        filter='stage == "won"',
        group_by=[{"agent": "owner.name"}],
        measures={"won": "SUM(amount)"},
    )

    assert sorted((row["agent"], Decimal(row["won"]) * 100) for row in rows) == expected
    assert len(expected) == 30


def test_won_amount_by_quarter_equals_the_files(api: Api, maven: Path) -> None:
    expected = tables(pipeline=maven / "sales_pipeline.csv").execute(WON_BY_QUARTER).fetchall()

    rows = api.aggregate(
        "opportunity",
        filter='stage == "won"',
        group_by=[{"quarter": 'STARTOF(close_date, "quarter")'}],
        measures={"won": "SUM(amount)"},
    )

    assert sorted((row["quarter"], Decimal(row["won"]) * 100) for row in rows) == expected


def test_win_rate_by_product_equals_the_files(api: Api, maven: Path) -> None:
    counted = tables(pipeline=maven / "sales_pipeline.csv").execute(WON_AND_LOST_BY_PRODUCT)

    rows = api.aggregate(
        "opportunity",
        group_by=[{"product": "product.name"}],
        measures={
            "won": 'COUNT(stage == "won")',
            "lost": 'COUNT(stage == "lost")',
            "rate": 'ROUND(COUNT(stage == "won") / COUNT(stage in ["won", "lost"]), 4)',
        },
    )

    assert sorted((row["product"], row["won"], row["lost"]) for row in rows) == counted.fetchall()
    for row in rows:
        exact = Decimal(row["won"]) / (row["won"] + row["lost"])
        assert abs(Decimal(row["rate"]) - exact) <= Decimal("0.00005")


def test_the_roll_ups_on_customers_equal_the_sum_of_their_deals(api: Api, product: Product) -> None:
    by_customer = api.aggregate(
        "opportunity",
        filter='stage == "won"',
        group_by=[{"customer": "customer.name"}],
        measures={"won": "SUM(amount)"},
    )

    customers = api.everything("customer", fields="name,won_amount", filter="won_amount > 0")

    assert {row["name"]: row["won_amount"] for row in customers} == {
        row["customer"]: row["won"] for row in by_customer
    }
    product.joinery("recompute", "maven", "--check")
