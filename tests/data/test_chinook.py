"""A shop's invoices come to the totals that its own database holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from boot.wiring import House
from engine.context import Context
from engine.query.parse import parse_group, parse_measure, parse_sort
from engine.query.spec import AggregateQuery, ListQuery
from tests.conftest import TenantMaker

pytestmark = pytest.mark.data

BOUGHT = """
    SELECT CustomerId, CAST(round(sum(Total) * 100) AS INTEGER), count(*), max(date(InvoiceDate))
    FROM Invoice GROUP BY CustomerId
"""


@pytest.fixture(scope="module")
def source(test_data: Path) -> Iterator[sqlite3.Connection]:
    path = test_data / "chinook" / "Chinook_Sqlite.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        yield connection


@pytest.fixture(scope="module")
def shop(source: sqlite3.Connection, tenant_of: TenantMaker, house: House) -> Context:
    """The shop with everything that its database holds of people and invoices."""
    ctx = tenant_of((Path(__file__).parent / "apps" / "chinook.yaml").read_text("utf-8"))
    employees = _enter(house, ctx, "employee", [
        (number, {"number": number, "name": name})
        for number, name in source.execute(
            "SELECT EmployeeId, FirstName || ' ' || LastName FROM Employee"
        )
    ])  # fmt: skip
    customers = _enter(house, ctx, "customer", [
        (number, {"number": number, "name": name, "country": country, "phone": phone,
                  "email": email, "rep": str(employees[rep])})
        for number, name, country, phone, email, rep in source.execute(
            "SELECT CustomerId, FirstName || ' ' || LastName, Country, Phone, Email, SupportRepId"
            " FROM Customer"
        )
    ])  # fmt: skip
    lines: dict[int, list[dict[str, object]]] = {}
    for invoice, track, quantity, price in source.execute(
        "SELECT InvoiceId, Name, Quantity, printf('%.2f', InvoiceLine.UnitPrice)"
        " FROM InvoiceLine JOIN Track USING (TrackId) ORDER BY InvoiceLineId"
    ):
        line = {"track": track, "quantity": quantity, "price": price}
        lines.setdefault(invoice, []).append(line)
    _enter(house, ctx, "invoice", [
        (number, {"number": str(number), "customer": str(customers[customer]), "day": day,
                  "lines": lines[number]})
        for number, customer, day in source.execute(
            "SELECT InvoiceId, CustomerId, date(InvoiceDate) FROM Invoice"
        )
    ])  # fmt: skip
    return ctx


def _enter(
    house: House, ctx: Context, entity: str, rows: list[tuple[int, dict[str, object]]]
) -> dict[int, UUID]:
    change = house.writer.create(ctx, entity, [values for _, values in rows])
    ids = [each.id for each in change.records if each.entity == entity and not each.computed]
    return dict(zip((number for number, _ in rows), ids, strict=True))


def test_all_invoice_totals_are_those_of_the_shop(
    source: sqlite3.Connection, shop: Context, house: House
) -> None:
    wanted = {
        str(number): Decimal(total)
        for number, total in source.execute("SELECT InvoiceId, printf('%.2f', Total) FROM Invoice")
    }

    page = house.reader.find(
        shop, ListQuery("invoice", sort=parse_sort(shop, "invoice", "number"), limit=500)
    )

    assert {row.values["number"]: row.values["total"] for row in page.rows} == wanted
    assert len(wanted) == 412


def test_customers_know_what_they_bought(
    source: sqlite3.Connection, shop: Context, house: House
) -> None:
    page = house.reader.find(shop, ListQuery("customer", limit=500))

    found = {
        row.values["number"]: (
            row.values["bought"], row.values["invoice_count"], str(row.values["last_bought"])
        )
        for row in page.rows
    }  # fmt: skip
    assert found == {
        number: (Decimal(cents) / 100, count, day)
        for number, cents, count, day in source.execute(BOUGHT)
    }


def test_countries_are_grouped_as_in_sql(
    source: sqlite3.Connection, shop: Context, house: House
) -> None:
    query = AggregateQuery(
        "invoice",
        group_by={"country": parse_group(shop, "invoice", "customer.country")},
        measures={
            "sum": parse_measure(shop, "invoice", "SUM(total)"),
            "count": parse_measure(shop, "invoice", "COUNT()"),
        },
    )

    rows = house.reader.aggregate(shop, query).rows

    assert {row["country"]: (row["sum"], row["count"]) for row in rows} == {
        country: (Decimal(cents) / 100, count)
        for country, cents, count in source.execute(
            "SELECT BillingCountry, CAST(round(sum(Total) * 100) AS INTEGER), count(*)"
            " FROM Invoice GROUP BY BillingCountry"
        )
    }
