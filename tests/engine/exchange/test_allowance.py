"""Exports are limited by the day, and say who took them along (A-11)."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import openpyxl
import pytest

from boot.wiring import House
from engine.audit.refusals import is_told, refusal
from engine.context import Context
from engine.exchange.allowance import ExportLimited, export_limit
from engine.exchange.exporting import Wanted
from engine.exchange.marks import file_name, mark_of
from engine.exchange.sinks import Format
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery
from metamodel.loader import load, read_text
from metamodel.problems import DefinitionInvalid
from tests.conftest import TenantMaker

APP = """
format: 1
app: {name: vault, label: Vault, version: "1", timezone: Asia/Shanghai}
entities:
  deal:
    label: Deal
    title: name
    owned: true
    fields: {name: {type: text, required: true}}
    collections: {}
  deal_line:
    label: Line
    title_formula: '"line"'
    child_of: {entity: deal, collection: lines}
    fields: {what: {type: text}}
  note:
    label: Note
    title: name
    fields: {name: {type: text}}
roles:
  few: {label: Few, rights: {deal: {create: all, read: all, export: all}}, export_limit: 10}
  more: {label: More, rights: {deal: {read: all, export: all}}, export_limit: 20}
  free: {label: Free, rights: {deal: {read: all, export: all}}}
  reader: {label: Reader, rights: {deal: {read: all}, note: {read: all, export: all}}}
  own: {label: Own, rights: {deal: {read: all, export: own}}, export_limit: 10}
""".replace("    collections: {}\n", "")

Person = Callable[..., Context]


@pytest.fixture(scope="module")
def tenant(tenant_of: TenantMaker, house: House) -> Context:
    made = tenant_of(APP)
    house.writer.create(made, "deal", [{"name": f"D{n}"} for n in range(8)])
    return made


@pytest.fixture
def person(tenant: Context) -> Person:
    who = uuid4()

    def make(*roles: str) -> Context:
        actor = replace(tenant.actor, user=who, name="王 芳/& Co", kind="person", roles=roles)
        return replace(tenant, actor=actor)

    return make


def exported(house: House, ctx: Context, filter_: str = "", format_: Format = "csv") -> bytes:
    condition = parse_filter(ctx, "deal", filter_) if filter_ else None
    wanted = Wanted(ListQuery("deal", filter=condition), format_)
    return b"".join(house.services.exporter.export(ctx, wanted))


@pytest.mark.parametrize(
    ("roles", "limit"),
    [
        (("few",), 10),
        (("few", "more"), 20),
        (("few", "free"), None),
        (("few", "reader"), 10),
        (("few", "administrator"), None),
    ],
)
def test_of_several_roles_that_export_the_largest_limit_holds(
    person: Person, roles: tuple[str, ...], limit: int | None
) -> None:
    ctx = person(*roles)

    assert export_limit(ctx, ctx.model.entities["deal"]) == limit
    assert export_limit(ctx, ctx.model.entities["deal_line"]) == limit


def test_a_day_has_so_many_records_and_no_more(house: House, person: Person) -> None:
    ctx = person("few")
    deal = ctx.model.entities["deal"]

    exported(house, ctx)
    with pytest.raises(ExportLimited) as refused:
        exported(house, ctx)
    exported(house, ctx, 'name in ["D1", "D2"]')

    assert refused.value.params == {"entity": "deal", "limit": 10, "left": 2}
    assert house.services.exporter.left(ctx, deal) == 0


def test_what_is_refused_takes_nothing_off_the_day_and_is_told(
    house: House, person: Person
) -> None:
    ctx = person("few")
    deal = ctx.model.entities["deal"]
    exported(house, ctx)

    with pytest.raises(ExportLimited) as refused:
        exported(house, ctx)

    assert house.services.exporter.left(ctx, deal) == 2
    assert is_told(refused.value)
    assert refusal(ctx, refused.value).detail["code"] == "export_limited"


def test_the_next_day_begins_at_midnight_of_the_tenant(house: House, person: Person) -> None:
    ctx = person("few")
    exported(house, ctx)
    day = timedelta(days=1)
    moment = replace(ctx.moment, now=ctx.moment.now + day, today=ctx.moment.today + day)

    tomorrow = replace(ctx, moment=moment)

    assert house.services.exporter.left(tomorrow, ctx.model.entities["deal"]) == 10
    assert exported(house, tomorrow).count(b"\n") == 9


def test_each_person_has_a_day_of_their_own(house: House, person: Person) -> None:
    ctx = person("few")
    other = replace(ctx, actor=replace(ctx.actor, user=uuid4()))

    exported(house, ctx)

    assert house.services.exporter.left(other, ctx.model.entities["deal"]) == 10


def test_only_records_that_may_be_exported_are_counted(house: House, person: Person) -> None:
    ctx = person("own")

    assert exported(house, ctx).count(b"\n") == 1
    assert house.services.exporter.left(ctx, ctx.model.entities["deal"]) == 10


def test_a_workbook_says_on_every_page_who_took_it_and_when(house: House, person: Person) -> None:
    ctx = person("free")
    mark = mark_of(ctx, "deal")

    book = openpyxl.load_workbook(io.BytesIO(exported(house, ctx, format_="xlsx")))

    sheet = book.worksheets[0]
    assert sheet.oddHeader.left.text.replace("&&", "&") == mark.text
    assert sheet.oddFooter.left.text.replace("&&", "&") == mark.text
    assert (book.properties.creator, book.properties.description) == ("王 芳/& Co", mark.text)


def test_a_file_is_called_after_who_took_it_and_when(person: Person) -> None:
    mark = mark_of(person("free"), "deal")

    assert file_name(mark, "csv") == f"deal_王-芳-Co_{mark.at:%Y%m%d-%H%M}.csv"


def test_a_limit_is_a_whole_number_above_nothing() -> None:
    with pytest.raises(DefinitionInvalid):
        load([read_text(APP.replace("export_limit: 20", "export_limit: 0"), "app.yaml")])
