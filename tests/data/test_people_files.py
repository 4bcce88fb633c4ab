"""Real files of people and orders come in as they are: Chinese, semicolons, 500 contacts."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from boot.wiring import House
from engine.context import Context
from engine.exchange.importing import Order
from engine.exchange.journal import ImportState
from engine.records.draft import read_row
from tests.conftest import TenantMaker

APP = """
format: 1
app: {name: files, label: Files, version: "1", timezone: Asia/Shanghai}
entities:
  meal:
    label: {en: Meal, zh: 用餐}
    title: number
    fields:
      number: {type: code}
      order_id: {type: integer, unique: true}
      guests: {type: integer}
      spent: {type: money}
      started: {type: datetime}
      phone: {type: phone}
      name: {type: text, search: true}
  contact:
    label: Contact
    title: last_name
    fields:
      first_name: {type: text}
      last_name: {type: text, search: true}
      company: {type: text}
      zip: {type: text}
      phone: {type: phone}
      email: {type: email, unique: true}
      web: {type: url}
  call:
    label: Call
    title: job
    fields:
      age: {type: integer, min: 0}
      job: {type: text}
      housing: {type: boolean}
      duration: {type: integer}
      rate: {type: decimal, scale: 3}
      answer: {type: boolean}
"""

MEALS = """
columns:
  order_id: order_id
  number_consumers: guests
  expenditure: spent
  use_start_time: started
  order_number: number
  phone: phone
  name: name
values:
  phone: {NA: null}
ignore: [emp_id, mode, dining_table_id, dining_table_name, dishes_count, accounts_payable,
         check_closed, lock_time, cashier_id, pc_id, org_id, print_doc_bill_num,
         lock_table_info, order_status]
"""

CONTACTS = """
columns: {first_name: first_name, last_name: last_name, company_name: company, phone1: phone}
ignore: [address, city, county, state, phone2]
"""

CALLS = """
columns: {age: age, job: job, housing: housing, duration: duration, euribor3m: rate, y: answer}
values: {housing: {unknown: null}}
ignore: [marital, education, default, loan, contact, month, day_of_week, campaign, pdays,
         previous, poutcome, emp.var.rate, cons.price.idx, cons.conf.idx, nr.employed]
"""


@pytest.fixture(scope="module")
def ctx(tenant_of: TenantMaker) -> Context:
    return tenant_of(APP)


def taken_in(
    house: House, ctx: Context, entity: str, content: bytes | Path, map_: str
) -> ImportState:
    order = Order(entity, f"{entity}.csv", content, map=map_)
    begun = house.services.importer.start(ctx, order, job=None)
    return house.services.importer.run(ctx, begun.id, origin=order.origin)


def rows(house: House, ctx: Context, entity: str) -> list[dict[str, Any]]:
    kind = ctx.model.entities[entity]
    table = ctx.compiled.tables.of(entity)
    with house.database.reading(ctx) as connection:
        found = connection.execute(select(table)).mappings().all()
    return [dict(read_row(kind, row)[0]) for row in found]


def test_orders_in_gbk_keep_their_chinese(house: House, ctx: Context, test_data: Path) -> None:
    path = test_data / "gbk-meal-orders" / "meal_order_info.csv"
    written = list(csv.DictReader(io.StringIO(path.read_text("gb18030"))))

    state = taken_in(house, ctx, "meal", path, MEALS)

    assert state.counts == {"created": len(written), "updated": 0, "rejected": 0}
    found = {int(row["order_id"]): row for row in rows(house, ctx, "meal")}
    assert {at: row["name"] for at, row in found.items()} == {
        int(row["order_id"]): row["name"] or None for row in written
    }
    assert any(row["name"][0] >= "\\u4e00" for row in found.values())
    assert str(found[417]["started"]) == "2016-08-01 03:05:00+00:00"


def test_five_hundred_contacts_are_five_hundred_records(
    house: House, ctx: Context, test_data: Path
) -> None:
    state = taken_in(house, ctx, "contact", test_data / "us-500-contacts" / "us-500.csv", CONTACTS)

    assert state.counts == {"created": 500, "updated": 0, "rejected": 0}
    butt = next(row for row in rows(house, ctx, "contact") if row["email"] == "jbutt@gmail.com")
    assert (butt["company"], butt["zip"]) == ("Benton, John B Jr", "70116")


def test_a_bank_writes_semicolons(house: House, ctx: Context, test_data: Path) -> None:
    with zipfile.ZipFile(test_data / "bank-marketing-uci" / "bank-additional.zip") as archive:
        content = archive.read("bank-additional/bank-additional.csv")
    written = list(csv.DictReader(io.StringIO(content.decode()), delimiter=";"))

    state = taken_in(house, ctx, "call", content, CALLS)

    assert state.counts == {"created": len(written), "updated": 0, "rejected": 0}
    found = rows(house, ctx, "call")
    assert sum(row["age"] for row in found) == sum(int(row["age"]) for row in written)
    assert sum(row["answer"] for row in found) == sum(row["y"] == "yes" for row in written)
