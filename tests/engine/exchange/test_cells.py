"""Cells are read as their field's type in the spellings people use, or refused one by one."""

from __future__ import annotations

import pytest

from engine.exchange.cells import CellInvalid, read_cell
from engine.exchange.mapping import MapFile, Target
from metamodel.label import Label
from metamodel.model import Field, Link, Option


def a_field(kind: str, **others: object) -> Field:
    return Field("f", "f", "e", kind, Label(), None, **others)  # type: ignore[arg-type]


STAGES = {
    "won": Option("won", "won", Label({"zh": "赢单", "en": "Closed won"})),
    "lost": Option("lost", "lost", Label({"zh": "输单", "en": "Closed lost"})),
}


@pytest.mark.parametrize(
    ("kind", "cell", "rules", "value"),
    [
        pytest.param("money", "1,234.50", MapFile(), "1234.50", id="grouped"),
        pytest.param("money", "¥1 234 567.8", MapFile(), "1234567.8", id="yen and blanks"),
        pytest.param("money", "(12.30)", MapFile(), "-12.30", id="bookkeeper's minus"),
        pytest.param("money", "1.234,5", MapFile(decimal=","), "1234.5", id="decimal comma"),
        pytest.param("money", "1.234,56", MapFile(), "1234.56", id="comma that is clear"),
        pytest.param("money", "12,5", MapFile(), "12.5", id="short decimal comma"),
        pytest.param("money", "1,234", MapFile(), "1234", id="thousands, not a comma"),
        pytest.param("money", "¥1,234.50", MapFile(), "1234.50", id="yuan sign"),
        pytest.param("money", "１２３元", MapFile(), "123", id="full-width digits"),
        pytest.param("money", "12.30-", MapFile(), "-12.30", id="minus behind"),
        pytest.param("money", "−7", MapFile(), "-7", id="typographic minus"),
        pytest.param("integer", "2,822", MapFile(), 2822, id="grouped integer"),
        pytest.param("percent", "13%", MapFile(), "0.13", id="percent sign"),
        pytest.param("percent", "12.5", MapFile(percents="points"), "0.125", id="points"),
        pytest.param("percent", "0.125", MapFile(percents="fraction"), "0.125", id="fraction"),
        pytest.param("date", "1996-07-04 00:00:00.000", MapFile(), "1996-07-04", id="midnight"),
        pytest.param("date", "2026年3月5日", MapFile(), "2026-03-05", id="Chinese date"),
        pytest.param("date", "5/3/2026", MapFile(dates="dd/mm/yyyy"), "2026-03-05", id="day first"),
        pytest.param("date", "12.05.2026", MapFile(), "2026-05-12", id="dots are day first"),
        pytest.param("date", "25/3/2026", MapFile(), "2026-03-25", id="a day that is no month"),
        pytest.param("date", "3/25/2026", MapFile(), "2026-03-25", id="a month that is first"),
        pytest.param(
            "datetime",
            "2016/8/1 11:05",
            MapFile(zone="Asia/Shanghai"),
            "2016-08-01T03:05:00+00:00",
            id="the tenant's clock",
        ),
        pytest.param(
            "datetime",
            "2026-05-12T08:00:00+02:00",
            MapFile(),
            "2026-05-12T06:00:00+00:00",
            id="an offset of its own",
        ),
        pytest.param("text", "'=1+1", MapFile(), "=1+1", id="guarded"),
        pytest.param("text", "'twas", MapFile(), "'twas", id="apostrophe of its own"),
        pytest.param("boolean", "是", MapFile(), True, id="Chinese yes"),
        pytest.param("choice", "赢单", MapFile(), "won", id="label"),
        pytest.param("choice", "CLOSED WON", MapFile(), "won", id="label in capitals"),
        pytest.param("multi_choice", "赢单；lost", MapFile(), ["won", "lost"], id="several"),
        pytest.param("text", "", MapFile(), None, id="blank"),
        pytest.param("text", "NULL", MapFile(values={"f": {"NULL": None}}), None, id="mapped"),
    ],
)
def test_spellings_that_people_use_are_read(
    kind: str, cell: str, rules: MapFile, value: object
) -> None:
    field = a_field(kind, options=STAGES if "choice" in kind else {})

    assert read_cell(cell, Target(field), rules) == value


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        pytest.param("money", "twelve", "invalid_number", id="words"),
        pytest.param("money", "NaN", "invalid_number", id="not a number"),
        pytest.param("integer", "1.5", "invalid_integer", id="half"),
        pytest.param("percent", "13", "percent_unclear", id="points or fraction?"),
        pytest.param("date", "2026-02-30", "invalid_date", id="no such day"),
        pytest.param("date", "5/3/26", "invalid_date", id="two-digit year"),
        pytest.param("date", "5/3/2026", "invalid_date", id="day or month?"),
        pytest.param("boolean", "perhaps", "invalid_boolean", id="perhaps"),
        pytest.param("choice", "maybe", "unknown_choice", id="no such option"),
    ],
)
def test_a_cell_that_cannot_be_read_says_why(kind: str, cell: str, code: str) -> None:
    field = a_field(kind, options=STAGES if "choice" in kind else {})

    with pytest.raises(CellInvalid) as refused:
        read_cell(cell, Target(field), MapFile())

    assert refused.value.code == code


def test_a_link_is_named_by_the_unique_field_of_its_target() -> None:
    field = a_field("link", link=Link(("customer",)))

    assert read_cell("Acme", Target(field, "name"), MapFile()) == {"name": "Acme"}
