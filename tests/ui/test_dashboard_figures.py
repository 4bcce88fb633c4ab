"""What a dashboard shows is what the API adds up and what its marks open, whoever looks."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boot.wiring import House
from tests.budget import examples
from tests.clock import on
from tests.conftest import TenantMaker
from tests.ui.conftest import Visitor, visits

APP = """
format: 1
app: {name: figures, label: Figures, version: "1.0", currency: CNY, timezone: Asia/Shanghai}
calendars: {every_day: {label: Every day, default: true, week: {mon-sun: '08:00-16:00'}}}
entities:
  customer:
    label: Customer
    title: name
    fields: {name: {type: text, required: true}}
  deal:
    label: Deal
    title: name
    owned: true
    fields:
      name: {type: text}
      customer: {type: link, to: customer, inverse: deals}
      amount: {type: money}
      due: {type: date}
      kind: {type: choice, options: {old: {label: Old}, fresh: {label: Fresh}}}
    pipelines:
      sales:
        field: stage
        stages: {open: {label: Open}, won: {label: Won, ends: won}, lost: {label: Lost, ends: lost}}
roles:
  seller:
    label: Seller
    rights: {deal: {read: own, create: all, update: own, export: own}, customer: {read: all}}
dashboards:
  all:
    label: All
    filters: {period: {field: due}, owner: {field: owner}, kind: {field: kind}}
    widgets:
      by_customer:
        {type: table, entity: deal, group_by: {customer: customer},
         measures: {total: SUM(amount), n: COUNT()}}
      crossed:
        {type: pivot, entity: deal, group_by: {month: 'STARTOF(due, "month")', kind: kind},
         measures: {n: COUNT()}}
      ranks: {type: leaderboard, entity: deal, group_by: {owner: owner}, measures: {n: COUNT()}}
      funnel: {type: funnel, entity: deal, pipeline: sales, measures: {n: COUNT()}}
  speed:
    label: Speed
    widgets:
      velocity: {type: funnel, entity: deal, pipeline: sales, options: {shows: velocity}}
"""


@pytest.fixture(scope="module")
def people(serving: House, tenant_of: TenantMaker) -> tuple[Visitor, Visitor]:
    """An administrator and a seller, each with deals of their own, some fields blank."""
    ctx = tenant_of(APP)
    visit = visits(serving, ctx)
    chief, seller = visit("administrator"), visit("seller")
    customers = [chief.create("customer", name=name) for name in ("Ox", "Yak")]
    for number in range(14):
        values = {
            "name": f"D{number}",
            "amount": str(number * 10),
            "stage": ("open", "won", "lost")[number % 3],
            "kind": ("old", "fresh", None)[number % 3],
            "due": f"2026-0{1 + number % 4}-15" if number % 5 else None,
            "customer": customers[number % 2] if number % 4 else None,
        }
        who = seller if number % 2 else chief
        who.create("deal", **{key: value for key, value in values.items() if value is not None})
    return chief, seller


def opened(visitor: Visitor, address: str) -> int:
    """How many records an address of a list opens, counted without a limit."""
    page = visitor.client.get(address)
    assert page.status_code == 200
    assert "This filter cannot be used" not in page.text
    return page.text.count('class="row-link"')


def marks(page: str) -> list[tuple[int, str]]:
    """The whole numbers of a dashboard that lead somewhere, with where they lead."""
    cells = re.findall(r'<td class="align-end"[^>]*><a href="([^"]+)">(\d+)</a>', page)
    steps = re.findall(
        r'<a href="([^"]+)"><span class="(?:funnel|rank).*?-value">(\d+)</span>',
        page, re.DOTALL,
    )  # fmt: skip
    return [(int(number), unescape(url)) for url, number in (*cells, *steps)]


@pytest.mark.parametrize("which", [0, 1], ids=["administrator", "seller"])
@pytest.mark.parametrize(
    "asked", ["", "?period=2026-01-01..2026-02-28", "?owner=me&kind=old", "?kind=fresh&owner=me"]
)
def test_every_mark_opens_as_many_records_as_it_counts(
    people: tuple[Visitor, Visitor], which: int, asked: str
) -> None:
    """P-*: click-through is the same predicate, dashboard filters and rights included."""
    visitor = people[which]

    found = marks(visitor.get(f"/dashboards/all{asked}").text)

    assert found
    for number, url in found:
        assert (opened(visitor, url), url) == (number, url)


@settings(
    max_examples=examples(6), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    st.sampled_from([0, 1]),
    st.sampled_from(["", "due >= DATE(2026, 2, 1)", 'kind == "old"', "amount > 30"]),
    st.sampled_from(["customer", "kind", "stage", 'STARTOF(due, "quarter")', "owner"]),
)  # fmt: skip
def test_the_sums_of_a_report_are_those_of_the_api_and_of_its_records(
    people: tuple[Visitor, Visitor], which: int, filter_: str, group: str
) -> None:
    visitor = people[which]
    said = {"entity": "deal", "type": "table", "group": group, "measure": "SUM(amount)",
            "filter": filter_, "widget": "report", "as": "csv"}  # fmt: skip
    asked = {"group_by": [group], "measures": {"total": "SUM(amount)"}}

    answer = visitor.client.post(
        f"/api/v1{visitor.path('/aggregate/deal')}",
        json=asked | ({"filter": filter_} if filter_ else {}),
        headers={"X-CSRF-Token": visitor.csrf},
    )
    file = visitor.client.get(visitor.path("/reports/new"), query_string=said)

    assert answer.status_code == 200, answer.text
    rows = list(csv.reader(StringIO(file.text.lstrip("\ufeff"))))[1:]
    told = sorted(Decimal(row["total"] or 0) for row in answer.json["rows"])
    shown = sorted(Decimal(value or 0) for name, value in rows if name != "Total")
    assert shown == told
    if len(told) > 1:
        assert Decimal(rows[-1][1]) == sum(told)


def test_beside_a_pipeline_of_another_day_present_figures_say_that_they_are_todays(
    people: tuple[Visitor, Visitor],
) -> None:
    dated = people[0].get("/dashboards/all?as_of=2026-01-31").text

    tiles = dict(re.findall(r'data-tile="(\w+)">(.*?)</header>', dated, re.DOTALL))
    told = {name for name, head in tiles.items() if "today&#39;s figures" in head}
    assert told == {"by_customer", "crossed", "ranks"}
    assert "as of Jan 31, 2026" in tiles["funnel"] or "31 Jan 2026" in tiles["funnel"]
    assert "today&#39;s figures" not in people[0].get("/dashboards/all").text


def test_a_velocity_tells_how_long_records_stay_in_a_stage_and_by_which_statement(
    serving: House, tenant_of: TenantMaker
) -> None:
    """ux: stages with a memory; every chart shows the SQL it ran."""
    ctx = tenant_of(APP)
    chief, seller = (visits(serving, ctx)(role) for role in ("administrator", "seller"))
    begun = datetime.now(UTC).replace(hour=2) - timedelta(days=20)
    deals = serving.writer.create(on(ctx, begun), "deal", [{"name": name} for name in "abc"]).ids
    for deal, days in zip(deals, (2, 5), strict=False):
        later = on(ctx, begun + timedelta(days=days))
        serving.writer.move(later, "deal", [deal], pipeline="sales", to="won", values={})

    page = chief.get("/dashboards/speed").text
    sql = chief.get("/dashboards/speed?widget=velocity&as=sql").text

    assert "3.5 days" in page
    assert "2 passed" in page
    assert "sys_stage_visit" in sql
    assert "3.5 days" not in seller.get("/dashboards/speed").text
