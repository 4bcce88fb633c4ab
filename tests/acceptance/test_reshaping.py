"""Twelve lines of YAML become a table, a menu entry, a form, a list, an API and a widget."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from tests.acceptance.product import Api, Product

VISIT = Path(__file__).with_name("visit.yaml")


@pytest.fixture(scope="module")
def api(product: Product) -> Api:
    product.tenant("reshaped")
    planned = product.joinery("plan", "reshaped", str(VISIT))
    assert "visit" in planned.stdout
    product.joinery("apply", "reshaped", str(VISIT), "--message", "Plan visits", "--yes")
    return product.api("reshaped")


def test_the_entity_is_in_the_catalogue_of_postgresql(api: Api, fresh_database: URL) -> None:
    engine = create_engine(fresh_database, poolclass=NullPool)

    with engine.connect() as connection:
        columns = connection.execute(
            text("SELECT column_name FROM information_schema.columns WHERE table_name = 'visit'")
        ).scalars()
        names = {column.rsplit("_", 1)[0] for column in columns}

    assert {"place", "hours", "cost", "stage"} <= names


def test_its_records_compute_refuse_and_move(api: Api) -> None:
    made = api.create("visit", place="三号车间", hours="3.5")
    refused = api.call("POST", "/records/visit", {"place": "Far", "hours": "13"})
    moved = api.call("POST", f"/records/visit/{made['id']}/move", {"to": "done"})

    assert made["cost"] == "1575.00"
    assert refused.status == 422
    assert [(error["path"], error["rule"]) for error in refused.body["errors"]] == [
        (["hours"], "short")
    ]
    assert moved.body["stage"] == "done"


def test_it_is_in_metadata_openapi_and_aggregates(api: Api) -> None:
    api.create("visit", place="North gate", hours="2")

    described = api.call("GET", "/metadata/entities/visit").body
    document = api.call("GET", "/openapi.json").body
    total = api.aggregate("visit", measures={"hours": "SUM(hours)", "cost": "SUM(cost)"})

    assert [item["name"] for item in described["fields"] if item["name"] == "cost"] == ["cost"]
    assert "/records/visit" in document["paths"]
    assert float(total[0]["cost"]) == float(total[0]["hours"]) * 450


def test_a_second_apply_changes_nothing(api: Api, product: Product) -> None:
    before = product.joinery("revisions", "reshaped", "--json").stdout

    product.joinery("apply", "reshaped", str(VISIT), "--yes")

    assert product.joinery("revisions", "reshaped", "--json").stdout == before


def test_a_layer_with_mistakes_is_refused_with_every_place(
    api: Api, product: Product, tmp_path: Path
) -> None:
    layer = tmp_path / "broken.yaml"
    layer.write_text(
        "entities:\n"
        "  visit:\n"
        "    fields:\n"
        "      price: {type: mony}\n"
        '      double: {type: money, formula: "cst * 2"}\n',
        encoding="utf-8",
    )

    refused = product.joinery("plan", "reshaped", str(layer), status=1)

    said = refused.stdout + refused.stderr
    assert "broken.yaml:4" in said
    assert "money" in said
    assert "broken.yaml:5" in said
    assert "cost" in said
