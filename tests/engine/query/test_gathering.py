"""Roll-ups that are worked out when read, held against the same ones that are stored."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.access.policy import Policy
from engine.query.parse import parse_filter, parse_group, parse_measure, parse_paths, parse_sort
from engine.query.reader import Records as Reader
from engine.query.spec import AggregateQuery, ListQuery
from tests.budget import examples
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

FORMULAS = {
    "sum": ("decimal", "SUM(lines.amount)"),
    "sum_some": ("decimal", 'SUM(lines.amount, kind == "a")'),
    "count": ("integer", "COUNT(lines)"),
    "count_some": ("integer", "COUNT(lines, amount > this.floor)"),
    "kinds": ("integer", "COUNTDISTINCT(lines.kind)"),
    "mean": ("decimal", "AVG(lines.amount)"),
    "least": ("decimal", "MIN(lines.amount)"),
    "most": ("decimal", 'MAX(lines.amount, kind != "a")'),
    "first": ("decimal", "FIRST(lines.amount, amount)"),
    "last": ("decimal", 'LAST(lines.amount, amount, kind == "a")'),
    "any": ("boolean", 'ANY(lines, kind == "b")'),
    "all": ("boolean", 'ALL(lines, kind == "b")'),
    "names": ("text", 'JOIN(lines.kind, "-")'),
    "parts": ("decimal", "SUM(lines.X_weight)"),
    "around": ("decimal", "SUM(group.limits.amount) - COUNT(lines)"),
    "near": ("integer", "COUNT(group.limits, amount > this.floor)"),
}


def app() -> str:
    """Return an app in which every roll-up is there twice: stored as `s_…`, and as `u_…`."""
    fields = []
    for name, (type_, formula) in FORMULAS.items():
        stored, read = formula.replace("X_", "s_"), formula.replace("X_", "u_")
        fields.append(f"      s_{name}: {{type: {type_}, formula: '{stored}'}}")
        fields.append(f"      u_{name}: {{type: {type_}, stored: false, formula: '{read}'}}")
    return APP.replace("      FORMULAS", "\n".join(fields))


APP = """
format: 1
app: {name: baskets, label: Baskets, version: "1.0"}
entities:
  group:
    label: Group
    title: name
    fields: {name: {type: text}}
  basket:
    label: Basket
    title: name
    fields:
      name: {type: text}
      floor: {type: decimal, scale: 2}
      group: {type: link, to: group, inverse: baskets}
      FORMULAS
  line:
    label: Line
    title: kind
    child_of: {entity: basket, collection: lines}
    fields:
      kind: {type: text}
      amount: {type: decimal, scale: 2}
      s_weight: {type: decimal, scale: 2, formula: "SUM(parts.weight)"}
      u_weight: {type: decimal, scale: 2, stored: false, formula: "SUM(parts.weight)"}
  limit:
    label: Limit
    title_formula: '"limit"'
    fields:
      group: {type: link, to: group, inverse: limits}
      amount: {type: decimal, scale: 2}
  part:
    label: Part
    title_formula: '"part"'
    fields:
      line: {type: link, to: line, inverse: parts, on_delete: cascade}
      weight: {type: decimal, scale: 2}
"""

numbers = st.one_of(st.none(), st.decimals(min_value=-50, max_value=50, places=2))
lines = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), numbers, st.lists(numbers, max_size=2)), max_size=4
)
baskets = st.lists(st.tuples(numbers, st.booleans(), lines), min_size=1, max_size=4)


@dataclass(frozen=True, slots=True)
class Baskets:
    """The app with its doors to writing and reading."""

    shop: Shop
    reader: Reader

    def fill(self, rows: list[Any]) -> None:
        """Put every basket of earlier examples away, and make these."""
        ctx = self.shop.ctx
        old = [row.id for row in self.reader.find(ctx, ListQuery("basket", limit=500)).rows]
        self.shop.records.delete(ctx, "basket", old)
        group = str(self.shop.create("group", {"name": "G"}))
        for amount in ("-20", "0", "20"):
            self.shop.create("limit", {"group": group, "amount": amount})
        for at, (floor, grouped, members) in enumerate(rows):
            body: dict[str, Any] = {"name": f"B{at}", "floor": _wire(floor)}
            body["lines"] = [{"kind": kind, "amount": _wire(amount)} for kind, amount, _ in members]
            if grouped:
                body["group"] = group
            made = self.shop.create("basket", body)
            kept = self.shop.members("line", "basket", made)
            for line, (_, _, parts) in zip(kept, members, strict=True):
                for weight in parts:
                    part = {"line": str(line["id"]), "weight": _wire(weight)}
                    self.shop.create("part", part)

    def names(self, condition: str = "", sort: str = "name") -> list[str]:
        """Return the baskets for which a condition holds, in an order."""
        ctx = self.shop.ctx
        query = ListQuery(
            "basket",
            filter=parse_filter(ctx, "basket", condition) if condition else None,
            sort=parse_sort(ctx, "basket", sort),
            paths=parse_paths(ctx, "basket", "name"),
            count="exact",
        )
        page = self.reader.find(ctx, query)
        assert page.total == len(page.rows)
        return [str(row.values["name"]) for row in page.rows]

    def groups(self, group: str, measure: str) -> list[dict[str, Any]]:
        """Return one measure by one formula."""
        ctx = self.shop.ctx
        query = AggregateQuery(
            "basket",
            group_by={"group": parse_group(ctx, "basket", group)},
            measures={"measure": parse_measure(ctx, "basket", measure)},
        )
        return [dict(row) for row in self.reader.aggregate(ctx, query).rows]


def _wire(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


@pytest.fixture(scope="module")
def house(tenant_of: TenantMaker, installation: Installation) -> Baskets:
    shop = Shop.open(tenant_of(app()), installation.database)
    return Baskets(shop, Reader(installation.database, Policy(installation.database), "secret"))


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=baskets)
def test_what_is_worked_out_when_read_is_what_is_stored(house: Baskets, rows: list[Any]) -> None:
    house.fill(rows)

    page = house.reader.find(house.shop.ctx, ListQuery("basket", limit=500)).rows

    assert len(page) == len(rows)
    for row in page:
        whole = house.reader.get(house.shop.ctx, "basket", [row.id])[0].values
        for name in FORMULAS:
            stored = row.values[f"s_{name}"]
            assert row.values[f"u_{name}"] == whole[f"u_{name}"] == stored, name
    for name, (type_, _) in FORMULAS.items():
        condition = f"{{}}_{name}" if type_ == "boolean" else f"not ISBLANK({{}}_{name})"
        assert house.names(condition.format("u")) == house.names(condition.format("s")), name
        assert house.names("", f"u_{name},name") == house.names("", f"s_{name},name"), name
        assert house.groups(f"u_{name}", "COUNT()") == house.groups(f"s_{name}", "COUNT()"), name
    assert house.groups("name", "SUM(u_sum, u_count_some > 0)") == house.groups(
        "name", "SUM(s_sum, s_count_some > 0)"
    )
    assert house.shop.differences() == []


def test_a_filter_may_read_one_total_inside_the_condition_of_another(house: Baskets) -> None:
    house.fill([("1", False, [("a", "2", []), ("a", "6", []), ("b", None, [])])])

    found = house.names("COUNT(lines, amount > this.u_mean) == 1 and COUNT(lines) == 3")

    assert found == ["B0"]
