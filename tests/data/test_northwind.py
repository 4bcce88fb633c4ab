"""Another system's orders come in with their lines, and every total is right to the cent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from tests.acceptance.product import Api, Product
from tests.data.figures import FREIGHT, ORDER_TOTALS, tables

pytestmark = pytest.mark.data

LOADS = (
    ("product_category", "categories.csv", "northwind_categories.yaml", 8),
    ("product", "products.csv", "northwind_products.yaml", 77),
    ("customer", "customers.csv", "northwind_customers.yaml", 91),
    ("sales_order", "orders.csv", "northwind_orders.yaml", 830),
    ("order_line", "order_details.csv", "northwind_lines.yaml", 2155),
)


@pytest.fixture(scope="module")
def folder(test_data: Path) -> Path:
    return test_data / "northwind" / "csv"


@pytest.fixture(scope="module")
def api(product: Product, folder: Path, maps: Path, layers: Path) -> Api:
    product.tenant("northwind")
    product.joinery("apply", "northwind", str(layers / "northwind.yaml"), "--yes")
    for entity, file, rules, rows in LOADS:
        done = product.joinery(
            "import", "northwind", entity, str(folder / file), "--map", str(maps / rules), "--json"
        )
        counts = json.loads(done.stdout)["counts"]
        assert counts["created"] == rows, (file, counts)
    return product.api("northwind")


@pytest.fixture(scope="module")
def expected(folder: Path) -> Mapping[str, int]:
    """The total of each order in cents, its freight included, by its old number."""
    files = tables(orders=folder / "orders.csv", lines=folder / "order_details.csv")
    freight = dict(files.execute(FREIGHT).fetchall())
    return {
        number: cents + freight[number] for number, cents in files.execute(ORDER_TOTALS).fetchall()
    }


def test_the_total_of_every_order_equals_the_files(api: Api, expected: Mapping[str, int]) -> None:
    orders = api.everything("sales_order", fields="legacy_id,total,outstanding")

    assert {row["legacy_id"]: Decimal(row["total"]) * 100 for row in orders} == expected
    assert all(row["outstanding"] == row["total"] for row in orders)


def test_the_ten_best_customers_equal_the_files(
    api: Api, folder: Path, expected: Mapping[str, int]
) -> None:
    files = tables(orders=folder / "orders.csv", customers=folder / "customers.csv")
    files.execute("CREATE TABLE totals (number TEXT, cents INTEGER)")
    files.executemany("INSERT INTO totals VALUES (?, ?)", expected.items())
    best = files.execute(
        "SELECT companyName, SUM(cents) FROM totals JOIN orders ON orderID = number"
        " JOIN customers USING (customerID) GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
    ).fetchall()

    answer = api.call(
        "GET",
        "/records/customer",
        query={"sort": "-order_amount", "limit": "10", "fields": "name,order_amount"},
    )

    found = [(row["name"], Decimal(row["order_amount"]) * 100) for row in answer.body["data"]]
    assert found == best


def test_orders_made_from_the_nested_file_have_the_same_totals(
    api: Api, test_data: Path, expected: Mapping[str, int]
) -> None:
    nested = json.loads((test_data / "northwind" / "json" / "orders.json").read_text())[:40]
    products = {row["legacy_id"]: row["id"] for row in api.everything("product")}
    customers = {row["legacy_id"]: row["id"] for row in api.everything("customer")}

    made = api.call(
        "POST",
        "/bulk/sales_order",
        {"create": [_order(item, customers, products) for item in nested]},
    )

    assert made.status == 200, made.body
    for item, result in zip(nested, made.body["results"], strict=True):
        found = api.read("sales_order", result["id"])
        assert Decimal(found["total"]) * 100 == expected[str(item["orderID"])]


def _order(
    item: Mapping[str, object], customers: Mapping[str, str], products: Mapping[str, str]
) -> dict[str, object]:
    details = item["details"]
    assert isinstance(details, list)
    return {
        "customer": customers[str(item["customerID"])],
        "order_date": str(item["orderDate"])[:10],
        "freight": str(item["freight"]),
        "tax_rate": "0",
        "lines": [
            {
                "product": products[str(line["productID"])],
                "unit_price": str(line["unitPrice"]),
                "quantity": str(line["quantity"]),
                "discount": str(line["discount"]),
            }
            for line in details
        ],
    }


def test_no_stored_value_differs_from_its_formula(api: Api, product: Product) -> None:
    product.joinery("recompute", "northwind", "--check")
