"""Random formulas that type-check in the little world, and random records for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from tests.formula.world import KIND, STAGE, World

TEXTS = [
    "a", "B", "é", "Zoë", "中文", "\U0001f600x", "John smith", "1,234.5", "-7", " pad ", "ſK",
    "große",
    "重庆银行 2", "a;b;;c", "北京、上海",
]  # fmt: skip

_number_leaf = st.sampled_from(
    ["amount", "cost", "quantity", "0", "1", "7", "2.5", "0.005", "100", "-3", "12345.678",
     "customer.level", "SUM(lines.amount)", "COUNT(lines)", "AVG(lines.amount)",
     "MAX(lines.amount)",
     "SUM(lines.quantity, kind == this.kind)", "COUNTDISTINCT(lines.kind)", "LEN(name)",
     "MIN(lines.amount, amount > this.cost)", "(discount * 7)", "MONTH(due)", "WEEK(start)",
     "FIRST(lines.amount, due)", "LAST(lines.quantity, amount)", "NUMBER(name)",
     "DATEDIFF(start, due, \"month\")", "(due - start)", "HOUR(called_at)", "FIND(\"a\", name)",
     "YEAR(due)", "QUARTER(called_at)", "DAY(signed_at)", "WEEKDAY(start)", "AGE(start)",
     "MINUTE(opens)", "HOUR(opens)", "MINUTE(called_at)", "HOURS(spent)",
     "HOURS(signed_at - called_at)", "WORKDAYS(start, due)", "WORKDAYS(due, start, \"service\")",
     "WORKHOURS(called_at, signed_at)", "WORKHOURS(signed_at, called_at, \"service\")",
     "(FILLED(name, due, customer, amount) * 100)", "(FILLED(lines.amount, not free) * 9)"]
)  # fmt: skip
_text_leaf = st.sampled_from(
    ["name", "note", "kind", "customer.name", '"a"', '"Zo"', '"中"', "JOIN(lines.name)",
     'TEXT(due, "YYYY/M/D")', 'TEXT(called_at, "HH:mm DD")', "LABEL(kind)", "LABEL(stage)",
     "LABEL(customer.kind)", "RMBUPPER(amount)", "RMBUPPER(cost)", "(\"x\" & customer)"]
)  # fmt: skip
_date_leaf = st.sampled_from(
    ["due", "start", "TODAY()", "DATE(called_at)", "customer.since", "DATE(2024, quantity, 30)",
     "MAX(lines.due)", "ADDWORKDAYS(due, quantity)", "ADDWORKDAYS(start, -3, \"service\")",
     "ADDWORKDAYS(called_at, 1)"]
)  # fmt: skip
_truth_leaf = st.sampled_from(
    ["active", "customer.vip", "true", "ANY(lines, free)", "ALL(lines, amount > 1)",
     '(kind == "parts")', '(stage not in ["won", null])', '("a" in tags)', "ISBLANK(due)",
     "(customer == null)", "HASROLE(\"sales\")", "ISOWNER()", "INMYTEAM(owner)", "MANAGEROF(owner)",
     "(opens < TIME(12, quantity))", '(opens == "09:30")', "(spent >= DURATION(cost))",
     "ISBLANK(tags)", "ISBLANK(lines)", "(id in customer.deals)", "(name in SPLIT(note, \";\"))",
     "OVERLAPS(start, due, customer.since, TODAY())", "OVERLAPS(called_at, signed_at, NOW(), null)",
     "OVERLAPS(called_at, due, start, signed_at)", "AND(active, customer.vip)",
     "OR(active, customer.vip, false)", "NOT(active)", "(owner == user.id)",
     "DESCENDANTS(owner.manager, user.id)", "DESCENDANTS(owner.manager, owner)"]
)  # fmt: skip


def _numbers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner,
                  st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner),
        st.builds("(-{})".format, inner),
        st.builds("ROUND({}, {})".format, inner, st.integers(-2, 4)),
        st.builds("{}({}, {})".format, st.sampled_from(["ROUNDUP", "ROUNDDOWN"]), inner,
                  st.integers(-1, 3)),
        st.builds("{}({}, {})".format, st.sampled_from(["CEILING", "FLOOR", "MOD", "MIN", "MAX",
                  "COALESCE"]), inner, inner),
        st.builds("{}({})".format, st.sampled_from(["ABS", "SIGN", "SQRT"]), inner),
        st.builds("POWER({}, {})".format, inner, st.integers(-2, 3)),
        st.builds("(ROUND({}, 2) ** {})".format, inner, st.integers(0, 3)),
        st.builds("BUCKET({}, 0, 10, 99.5)".format, inner),
        st.builds("SWITCH(kind, \"machine\", {}, null, {}, {})".format, inner, inner, inner),
    )  # fmt: skip


_number = st.recursive(_number_leaf, _numbers, max_leaves=5)
_days = st.one_of(
    _date_leaf,
    st.builds("({} + {})".format, _date_leaf, st.sampled_from(["quantity", "-400", "1"])),
    st.builds('DATEADD({}, {}, "{}")'.format, _date_leaf,
              st.sampled_from(["quantity", "-13", "1"]),
              st.sampled_from(["day", "week", "month", "quarter", "year"])),
    st.builds("EOMONTH({}, quantity)".format, _date_leaf),
    st.builds('{}({}, "{}")'.format, st.sampled_from(["STARTOF", "ENDOF"]), _date_leaf,
              st.sampled_from(["day", "week", "month", "quarter", "year"])),
)  # fmt: skip
_instants = st.one_of(
    st.sampled_from(["called_at", "signed_at", "NOW()", "DATETIME(due, quantity, 30)",
                     "(called_at + DURATION(cost))", "(signed_at - spent)",
                     "ADDWORKHOURS(called_at, cost)", "ADDWORKHOURS(signed_at, quantity / 7)",
                     "ADDWORKHOURS(called_at, -quantity, \"service\")"]),
    st.builds('DATEADD(called_at, {}, "{}")'.format, st.sampled_from(["quantity", "-30"]),
              st.sampled_from(["minute", "hour", "day", "month"])),
)  # fmt: skip


def _texts(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} & {})".format, inner, inner),
        st.builds("{}({})".format, st.sampled_from(["UPPER", "LOWER", "PROPER", "TRIM"]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["LEFT", "RIGHT"]), inner,
                  st.sampled_from(["2", "quantity", "-1"])),
        st.builds("MID({}, quantity, 2)".format, inner),
        st.builds("REPLACE({}, 2, 1, {})".format, inner, inner),
        st.builds("SUBSTITUTE({}, {}, {})".format, inner, inner, inner),
        st.builds('JOIN("; ", {}, {})'.format, inner, inner),
        st.builds("PAD({}, 6)".format, inner),
        st.builds("MASK({}, 1, 1)".format, inner),
        st.builds('PINYIN({}, "{}")'.format, inner,
                  st.sampled_from(["joined", "spaced", "initials"])),
        st.builds('SPLIT({}, "{}", {})'.format, inner, st.sampled_from([";", "、", " "]),
                  st.sampled_from(["1", "-1", "quantity"])),
        st.builds("CONCAT({}, {}, quantity)".format, inner, inner),
        st.builds("RMBUPPER(ROUND({}, 3))".format, _number),
        st.builds("(ROUND({}, 3) & {})".format, _number, inner),
        st.builds('TEXT({}, "{}")'.format, _number, st.sampled_from(["0", "#,##0.00", "000.0%"])),
    )  # fmt: skip


_text = st.recursive(_text_leaf, _texts, max_leaves=4)
_compare = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
_orderless = st.sampled_from(["==", "!="])
_comparisons = st.one_of(
    _truth_leaf,
    st.builds("({} {} {})".format, _number, _compare, _number),
    st.builds("({} {} {})".format, _days, _compare, _days),
    st.builds("({} {} {})".format, _instants, _compare, _instants),
    st.builds("({} {} {})".format, _text, _orderless, _text),
    st.builds("{}({}, {})".format, st.sampled_from(["CONTAINS", "STARTSWITH", "ENDSWITH"]), _text,
              _text),
    st.builds("BETWEEN({}, {}, {})".format, _number, _number, _number),
    st.builds("({} in [{}, {}, null])".format, _number, _number, _number),
)  # fmt: skip
_truth = st.recursive(
    _comparisons,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or", "==", "!="]), inner),
        st.builds("(not {})".format, inner),
        st.builds("IF({}, {}, {})".format, inner, inner, inner),
    ),
    max_leaves=4,
)
formulas = st.one_of(
    _number, _text, _days, _instants, _truth,
    st.builds("IF({}, {}, {})".format, _truth, _number, _number),
    st.builds("IFS({}, {}, {}, {})".format, _truth, _text, _truth, _text),
)  # fmt: skip
"""Formulas of every type; one may still be refused for its bounds."""


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


_money = st.decimals(Decimal("-99999.99"), Decimal("99999.99"), places=2)
_moments = st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31)).map(  # noqa: DTZ001
    lambda value: value.replace(tzinfo=UTC)
)
_dates = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def _customers() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "name": _maybe(st.sampled_from(TEXTS)),
            "level": _maybe(st.integers(-5, 9999).map(Decimal)),
            "vip": st.booleans(),
            "since": _maybe(_dates),
        }
    )


def _lines() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "amount": _maybe(_money),
            "quantity": _maybe(st.integers(-20, 100).map(Decimal)),
            "name": _maybe(st.sampled_from(TEXTS)),
            "kind": _maybe(st.sampled_from(KIND.codes)),
            "free": st.booleans(),
            "due": _maybe(_dates),
        }
    )


def _deals() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "amount": _maybe(_money),
            "cost": _maybe(st.decimals(Decimal(-10), Decimal(10), places=4)),
            "quantity": _maybe(st.integers(-40, 400).map(Decimal)),
            "discount": _maybe(st.decimals(Decimal(0), Decimal(1), places=4)),
            "name": _maybe(st.sampled_from(TEXTS)),
            "note": _maybe(st.sampled_from(TEXTS)),
            "kind": _maybe(st.sampled_from(KIND.codes)),
            "stage": _maybe(st.sampled_from(STAGE.codes)),
            "active": st.booleans(),
            "start": _maybe(_dates),
            "due": _maybe(_dates),
            "called_at": _maybe(_moments),
            "signed_at": _maybe(_moments),
            "spent": _maybe(st.integers(0, 10**6).map(lambda value: timedelta(seconds=value))),
            "opens": _maybe(st.times()),
            "owner": st.sampled_from([None, UUID(int=7), UUID(int=9)]),
            "tags": st.lists(st.sampled_from(["a", "b"])).map(tuple),
        }
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A few deals, some with a customer, some with lines."""
    deals, lines, customers = [], [], []
    for number in range(4):
        identity = UUID(int=number + 1)
        customer = draw(_maybe(_customers()))
        if customer is not None:
            customers.append({"id": identity, **customer})
        for place, line in enumerate(draw(st.lists(_lines(), max_size=3))):
            lines.append({"id": UUID(int=100 * number + place + 100), "deal": identity, **line})
        link = None if customer is None else identity
        deals.append({"id": identity, "customer": link, **draw(_deals())})
    people = [
        {"id": UUID(int=9), "team": UUID(int=8), "manager": UUID(int=7)},
        {"id": UUID(int=7), "team": draw(st.sampled_from([None, UUID(int=8)]))},
    ]
    outside = {
        ("user", "id"): UUID(int=7),
        ("user", "team"): draw(st.sampled_from([None, UUID(int=8)])),
        ("user", "roles"): ("sales",),
        ("user", "language"): draw(st.sampled_from(["en", "zh", "fr"])),
    }
    rows = {"deal": deals, "line": lines, "customer": customers, "person": people}
    return World(rows, outside)
