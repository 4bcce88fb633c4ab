"""An export is taken back as it is, and an import tells nobody what is hidden from them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from boot.connection import Address
from boot.settings import read_settings
from boot.wiring import House, furnish
from engine.context import Actor
from engine.errors import RecordRefused
from engine.exchange.exporting import Wanted
from engine.exchange.importing import Order
from engine.exchange.journal import ImportState
from engine.exchange.mapping import MappingInvalid, read_map
from engine.exchange.sinks import Format
from engine.query.spec import ListQuery
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: harbour, label: Harbour, version: "1", currency: CNY}
entities:
  person:
    label: Person
    title: name
    fields:
      name: {type: text, required: true}
      email: {type: email, unique: true}
  deal:
    label: Deal
    title: name
    fields:
      name: {type: text, required: true}
      code: {type: autonumber, pattern: "D-{0000}"}
      person: {type: link, to: person}
      helpers: {type: links, to: person}
      currency: {type: text}
      amount: {type: money, currency: currency}
      papers: {type: file}
      checked: {type: boolean, readonly: true}
      stay: {type: period}
      place: {type: location}
      home: {type: address}
roles:
  guest:
    label: Guest
    rights: {person: {read: all, update: all, import: all}}
    fields: {person: {email: none}}
"""


@pytest.fixture(scope="module")
def harbour(tenant_of: TenantMaker, installation: Installation) -> Shop:
    shop = Shop.open(tenant_of(APP), installation.database)
    shop.create("exchange_rate", {"currency": "USD", "date": "2020-01-01", "rate": "7"})
    return shop


def taken_in(house: House, shop: Shop, file: str, **more: Any) -> ImportState:
    order = Order("deal", "deals.csv", file.encode(), **more)
    return house.services.importer.run(
        shop.ctx, house.services.importer.start(shop.ctx, order, job=None).id
    )


def deals(shop: Shop, house: House, format_: Format) -> bytes:
    query = ListQuery(shop.ctx.model.entities["deal"].key)
    return b"".join(house.services.exporter.export(shop.ctx, Wanted(query, format_)))


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_a_table_with_numbers_rates_and_links_by_id_is_taken_back(
    house: House, harbour: Shop, format_: Format
) -> None:
    ann = harbour.create("person", {"name": "Ann", "email": f"{format_}@x.org"})
    deal = harbour.create(
        "deal",
        {
            "name": "One",
            "person": str(ann),
            "helpers": [str(ann)],
            "amount": "USD 12.50",
            "stay": "2026-03-01/2026-03-31",
            "place": "31.2, 121.4",
            "home": "Bund 1",
        },
    )
    harbour.create("deal", {"name": "Open", "stay": {"from": None, "to": "2026-03-31"}})
    before = harbour.get("deal", deal)
    file = deals(harbour, house, format_)
    order = Order("deal", f"deals.{format_}", file, mode="update", key="id")

    state = house.services.importer.run(
        harbour.ctx, house.services.importer.start(harbour.ctx, order, job=None).id
    )

    assert state.rejected == ()
    assert {"code", "amount", "amount_rate", "checked"} <= set(state.passed_over)
    after = harbour.get("deal", deal)
    for key in before.keys() - {"updated_at", "sys_version"}:
        assert after[key] == before[key]


@pytest.mark.parametrize(
    ("currency", "cell", "worth"),
    [("USD", "10", "70.00"), ("", "USD 10", "70.00"), ("", "¥1,234.50", "1234.50")],
)
def test_an_amount_comes_in_under_its_own_name(
    house: House, harbour: Shop, currency: str, cell: str, worth: str
) -> None:
    name = uuid4().hex

    state = taken_in(house, harbour, f'name,currency,amount\n{name},{currency},"{cell}"\n')

    assert (state.counts["created"], state.passed_over) == (1, ())
    table = csv.DictReader(io.StringIO(deals(harbour, house, "csv").decode("utf-8-sig")))
    assert [row["amount"] for row in table if row["name"] == name] == [worth]


def test_files_are_written_by_their_ids_and_taken_back(
    installation: Installation, harbour: Shop, tmp_path: Path
) -> None:
    address = Address(admin=None, app=installation.url)
    settings = replace(read_settings({}), files=tmp_path.as_uri())
    house = furnish(settings, address, installation.database)
    paper = house.services.files.upload(harbour.ctx, "plan.txt", io.BytesIO(b"a plan"))
    deal = harbour.create("deal", {"name": "Papers", "papers": [str(paper.id)]})
    written = deals(harbour, house, "csv").decode("utf-8-sig")

    state = taken_in(house, harbour, written, mode="update", key="id")

    row = next(row for row in csv.DictReader(io.StringIO(written)) if row["id"] == str(deal))
    assert (row["papers"], state.rejected) == (str(paper.id), ())
    assert deals(harbour, house, "csv").decode("utf-8-sig").count(str(paper.id)) == 1


def test_a_hidden_field_tells_no_rows_apart(house: House, harbour: Shop) -> None:
    actor: Actor = replace(harbour.ctx.actor, kind="person", roles=("guest",))
    guest = replace(harbour.ctx, actor=actor)
    order = Order("person", "p.csv", b"email,name\na@x.org,A\n", mode="update", key="email")

    with pytest.raises(RecordRefused) as refused:
        house.services.importer.start(guest, order, job=None)

    (error,) = refused.value.errors
    assert (error.code, error.params["known"]) == ("import_key", ["id"])


def test_a_map_that_is_too_deep_is_refused() -> None:
    with pytest.raises(MappingInvalid):
        read_map("columns: " + "[" * 5_000 + "]" * 5_000)
