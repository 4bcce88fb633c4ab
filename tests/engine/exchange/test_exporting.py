"""What is exported comes back as it was: every value, and nothing that a spreadsheet runs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from boot.wiring import House
from engine.context import Context
from engine.doors import Bulk
from engine.exchange.exporting import Wanted
from engine.exchange.importing import Order
from engine.exchange.sinks import Format
from engine.query.parse import parse_filter, parse_paths
from engine.query.spec import ListQuery
from engine.records.draft import read_row
from tests.budget import examples
from tests.conftest import TenantMaker

APP = """
format: 1
app: {name: attic, label: Attic, version: "1", languages: [en, zh]}
entities:
  room:
    label: Room
    title: name
    fields:
      name: {type: text, required: true, unique: true}
  thing:
    label: Thing
    title: name
    fields:
      name: {type: text, required: true}
      batch: {type: text}
      notes: {type: long_text}
      price: {type: money}
      share: {type: percent, scale: 4}
      count: {type: integer}
      on: {type: date}
      at: {type: datetime}
      clock: {type: time}
      spare: {type: boolean}
      kind: {type: choice, options: {a: {label: {en: Alpha, zh: 甲}}, b: {label: B}}}
      kinds: {type: multi_choice, options: {a: {label: A}, b: {label: B}}}
      tags: {type: tags}
      room: {type: link, to: room}
      about: {type: link, to: [room, thing], inverse: abouts}
      twice: {type: money, formula: "price * 2"}
  box:
    label: Box
    title: name
    fields:
      name: {type: text, required: true}
      total: {type: money, formula: "SUM(lines.worth)"}
  box_line:
    label: Line
    title_formula: '"line"'
    child_of: {entity: box, collection: lines}
    fields:
      what: {type: text}
      price: {type: money}
      worth: {type: money, formula: "price * 2"}
"""


@pytest.fixture(scope="module")
def ctx(tenant_of: TenantMaker, house: House) -> Context:
    made = tenant_of(APP)
    house.writer.create(made, "room", [{"name": "Cellar"}, {"name": "阁楼"}])
    return made


def exported(house: House, ctx: Context, batch: str, format_: Format, fields: str = "") -> bytes:
    query = ListQuery("thing", filter=parse_filter(ctx, "thing", f'batch == "{batch}"'))
    wanted = Wanted(query, format_, parse_paths(ctx, "thing", fields))
    return b"".join(house.services.exporter.export(ctx, wanted))


def stored(house: House, ctx: Context, batch: str) -> list[dict[str, Any]]:
    """Return what is kept of a batch, without what every record has of its own."""
    kind, table = ctx.model.entities["thing"], ctx.compiled.tables.of("thing")
    of = table.c[kind.fields["batch"].column]
    with house.database.reading(ctx) as connection:
        rows = connection.execute(select(table).where(of == batch)).mappings().all()
    own = {"id", "created_at", "created_by", "updated_at", "updated_by", "batch"}
    found = [
        {key: value for key, value in read_row(kind, row)[0].items() if key not in own}
        for row in rows
    ]
    return sorted(found, key=repr)


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
risky = st.builds("{}{}".format, st.sampled_from(["=", "+", "-", "@", "'=", "''+", "'"]), words)
lines = st.one_of(words, risky)
instants = st.datetimes().map(lambda at: at.isoformat() + "Z")
things = st.fixed_dictionaries(
    {"name": lines.filter(lambda text: text.strip())},
    optional={
        "notes": lines,
        "price": st.decimals(-(10**12), 10**12, places=2).map(str),
        "share": st.decimals(0, 1, places=4).map(str),
        "count": st.integers(-(10**9), 10**9),
        "on": st.dates(date(1900, 3, 1)).map(str),
        "at": instants,
        "clock": st.times().map(lambda at: at.replace(microsecond=0).isoformat()),
        "spare": st.booleans(),
        "kind": st.sampled_from(["a", "b"]),
        "kinds": st.lists(st.sampled_from(["a", "b"]), unique=True),
        "tags": st.lists(st.text("abc北京", min_size=1, max_size=4), max_size=3, unique=True),
        "room": st.sampled_from([{"name": "Cellar"}, {"name": "阁楼"}]),
    },
)


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(payloads=st.lists(things, min_size=1, max_size=5))
def test_json_lines_bring_back_every_value(
    house: House, ctx: Context, payloads: list[dict[str, Any]]
) -> None:
    first, second = uuid4().hex, uuid4().hex
    house.writer.create(ctx, "thing", [{**each, "batch": first} for each in payloads])

    file = exported(house, ctx, first, "jsonl").replace(first.encode(), second.encode())
    begun = house.services.importer.start(ctx, Order("thing", "things.jsonl", file), job=None)
    ended = house.services.importer.run(ctx, begun.id)

    assert (ended.state, ended.rejected) == ("done", ())
    assert stored(house, ctx, second) == stored(house, ctx, first)


PLAIN: Mapping[str, Any] = {
    "name": "=1+1", "notes": "-x\n@y", "price": "-1234.50", "share": "0.125", "count": 7,
    "on": "2026-03-05", "at": "2026-03-05T10:20:30Z", "clock": "08:30:00", "spare": True,
    "kind": "a", "kinds": ["a", "b"], "tags": ["x", "北京"], "room": {"name": "阁楼"},
}  # fmt: skip


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_a_table_brings_back_what_it_shows(house: House, ctx: Context, format_: Format) -> None:
    first, second = uuid4().hex, uuid4().hex
    room = house.writer.create(ctx, "room", [{"name": f"Room {first}"}]).ids[0]
    about = {"about": {"entity": "room", "id": str(room)}}
    plain = {**PLAIN, **about}
    bare = {"name": "'=quoted", "tags": ["one"]}
    house.writer.create(ctx, "thing", [{**each, "batch": first} for each in (plain, bare)])

    file = exported(house, ctx, first, format_)
    rules = f"ignore: [batch]\ndefaults: {{batch: {second}}}"
    begun = house.services.importer.start(
        ctx, Order("thing", f"things.{format_}", file, map=rules), job=None
    )
    ended = house.services.importer.run(ctx, begun.id)

    assert (ended.state, ended.rejected) == ("done", ())
    assert stored(house, ctx, second) == stored(house, ctx, first)


def test_what_a_spreadsheet_would_run_is_text(house: House, ctx: Context) -> None:
    batch = uuid4().hex
    payloads = [{"name": sign + "cmd", "price": "-5", "batch": batch} for sign in "=+-@"]
    house.writer.create(ctx, "thing", payloads)

    text = exported(house, ctx, batch, "csv", "name,price").decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(exported(house, ctx, batch, "xlsx", "name"))).active

    assert sorted(line.split(",")[1:] for line in text.splitlines()[1:]) == [
        [f"'{sign}cmd", "-5.00"] for sign in "+-=@"
    ]
    assert sheet is not None
    assert {row[1].data_type for row in sheet.iter_rows(min_row=2)} == {"s"}


def test_a_workbook_has_numbers_days_and_percentages(house: House, ctx: Context) -> None:
    batch = uuid4().hex
    house.writer.create(ctx, "thing", [{**PLAIN, "batch": batch}])

    file = exported(house, ctx, batch, "xlsx", "price,share,on,spare")
    sheet = openpyxl.load_workbook(io.BytesIO(file)).active

    assert sheet is not None
    _, price, share, day, spare = next(sheet.iter_rows(min_row=2))
    assert (price.value, share.value, spare.value) == (-1234.5, 0.125, True)
    assert "%" in share.number_format
    assert day.value.date() == date(2026, 3, 5)


def test_thousands_of_rows_come_in_order_and_whole(house: House, ctx: Context) -> None:
    batch = uuid4().hex
    payloads = [{"name": f"{at:05d}", "price": str(at), "batch": batch} for at in range(2_300)]
    house.writer.bulk(ctx, "thing", Bulk(create=payloads))

    text = exported(house, ctx, batch, "csv", "name,price").decode("utf-8-sig")

    rows = [line.split(",")[1:] for line in text.splitlines()[1:]]
    assert sorted(rows) == [[f"{at:05d}", f"{Decimal(at):.2f}"] for at in range(2_300)]


def test_json_lines_bring_back_lines_in_their_order(house: House, ctx: Context) -> None:
    mark = uuid4().hex
    lines = [{"what": "b", "price": "1.50"}, {"what": "a", "price": "2"}, {"what": "c"}]
    made = house.writer.create(ctx, "box", [{"name": mark, "lines": lines}]).ids[0]
    query = ListQuery("box", filter=parse_filter(ctx, "box", f'name == "{mark}"'))

    file = b"".join(house.services.exporter.export(ctx, Wanted(query, "jsonl")))
    begun = house.services.importer.start(ctx, Order("box", "boxes.jsonl", file), job=None)
    ended = house.services.importer.run(ctx, begun.id)

    assert (ended.counts["created"], ended.rejected) == (1, ())
    page = house.reader.find(ctx, query)
    [copy] = [row.id for row in page.rows if row.id != made]
    first, second = house.reader.get(ctx, "box", [made, copy])
    assert second.values["total"] == first.values["total"] == Decimal("7.00")
    assert [line.values["what"] for line in second.lines["lines"]] == ["b", "a", "c"]
