"""Totals and taxes of real invoices come out as another program calculated them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from boot.wiring import House
from engine.context import Context
from tests.conftest import TenantMaker

pytestmark = pytest.mark.data

FIGURES = (
    "sum", "discount", "charge", "tax_included", "total", "tax", "retained_tax", "total_with_tax",
    "payable", "due",
)  # fmt: skip

Json = Mapping[str, Any]
Rate = tuple[str, ...]


@pytest.fixture(scope="module")
def ctx(tenant_of: TenantMaker) -> Context:
    return tenant_of((Path(__file__).parent / "apps" / "documents.yaml").read_text("utf-8"))


def documents(folder: Path) -> Iterator[tuple[str, Json]]:
    """Yield the calculated documents of the folder that have lines and totals."""
    for path in sorted(folder.glob("*/out/*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        found = found.get("doc", found)
        if "totals" in found and "lines" in found:
            yield f"{path.parts[-3]}/{path.stem}", found


def test_every_document_comes_to_the_same_figures(
    test_data: Path, ctx: Context, house: House
) -> None:
    compared = 0
    for name, said in documents(test_data / "gobl-invoices-a"):
        record = enter(house, ctx, name, said)
        found = house.reader.get(ctx, "document", [record])[0].values
        for figure in (each for each in FIGURES if each in said["totals"]):
            assert found[figure] == Decimal(said["totals"][figure]), (name, figure)
            compared += 1

    assert compared > 250


def enter(house: House, ctx: Context, name: str, said: Json) -> UUID:
    """Create a document with its lines and taxes, and say what each tax is taken of."""
    retained = {
        each["code"] for each in said["totals"].get("taxes", {}).get("categories", ())
        if each.get("retained")
    }  # fmt: skip
    changes = [(each, False) for each in said.get("discounts", ())]
    changes += [(each, True) for each in said.get("charges", ())]
    rates = list(dict.fromkeys(rate(tax) for part in parts(said) for tax in part.get("taxes", ())))
    tax = said.get("tax", {})
    document = house.writer.create(ctx, "document", [{
        "code": name,
        "prices_include": tax.get("prices_include"),
        "rounds_lines": tax.get("rounding") == "currency",
        "advance": said["totals"].get("advance"),
        "lines": [line(each) for each in said["lines"]],
        "adjustments": [adjustment(each, charge=charge) for each, charge in changes],
        "taxes": [
            {"category": each[0], "percent": each[1], "surcharge": each[2],
             "retained": each[0] in retained}
            for each in rates
        ],
    }]).ids[0]  # fmt: skip
    made = house.reader.get(ctx, "document", [document])[0].lines
    taxes = dict(zip(rates, (each.id for each in made["taxes"]), strict=True))
    entered = [*((("line"), each.id) for each in made["lines"]),
               *((("adjustment"), each.id) for each in made["adjustments"])]  # fmt: skip
    uses = [
        {"tax": str(taxes[rate(tax)]), kind: str(record)}
        for part, (kind, record) in zip(parts(said), entered, strict=True)
        for tax in part.get("taxes", ())
    ]
    house.writer.create(ctx, "tax_use", uses)
    return document


def parts(said: Json) -> list[Json]:
    """Everything that taxes are taken of: lines, discounts, charges."""
    return [*said["lines"], *said.get("discounts", ()), *said.get("charges", ())]


def rate(tax: Json) -> Rate:
    """What makes one sum of a tax: its kind, its rate, and what it is told apart by."""
    return (
        tax["cat"], tax.get("percent", "0%"), tax.get("surcharge", "0%"), tax.get("key", ""),
        tax.get("country", ""), json.dumps(tax.get("ext"), sort_keys=True),
    )  # fmt: skip


def line(said: Json) -> dict[str, object]:
    percents = [Decimal(each["percent"].rstrip("%")) / 100 for each in said.get("discounts", ())]
    return {
        "quantity": said["quantity"],
        "price": said["item"]["price"],
        "discount": str(sum(percents, Decimal(0))),
    }


def adjustment(said: Json, *, charge: bool) -> dict[str, object]:
    percent = said.get("percent")
    return {
        "charge": charge,
        "percent": percent,
        "fixed": None if percent else said["amount"],
    }
