"""Business calendars: what is written becomes what formulas count by."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from textwrap import dedent

import pytest

from formula.calendars import add_workdays, workdays
from metamodel import DefinitionInvalid, Model, load, read_text
from metamodel.linking.calendars import STANDARD

APP = """
    format: 1
    app: {name: desk, label: Desk}
    entities: {note: {label: Note, fields: {name: {type: text}}}}
"""
OFFICE = """
    calendars:
      office:
        label: {en: Office, zh: 办公}
        week: {mon-fri: "09:00-12:00, 13:00-18:00", fri: "09:00-12:00"}
        holidays: {2026-10-01/2026-10-07: {en: National Day, zh: 国庆节}, 2026-01-01: 元旦}
        workdays: {2026-10-10: true, 2026-09-20: "10:00-24:00"}
"""
MORNING = ((540, 720),)
DAY = ((540, 720), (780, 1080))


def _load(text: str, over: str = "") -> Model:
    layers = [read_text(dedent(APP + text), "app.yaml")]
    if over:
        layers.append(read_text(dedent(over), "tenant.yaml"))
    return load(layers)


def test_a_calendar_holds_its_week_and_the_days_that_differ() -> None:
    office = _load(OFFICE).calendars["office"]

    assert office.week == (DAY, DAY, DAY, DAY, MORNING, (), ())
    assert office.days[0] == (date(2026, 1, 1), ())
    assert dict(office.days)[date(2026, 10, 5)] == ()
    assert dict(office.days)[date(2026, 10, 10)] == DAY
    assert dict(office.days)[date(2026, 9, 20)] == ((600, 1440),)


def test_the_first_calendar_is_the_default_where_none_says_so() -> None:
    model = _load(OFFICE + "      night: {week: {sat: 00:00-24:00}}\n")

    assert model.calendars[""] is model.calendars["office"]


def test_the_calendar_that_says_so_is_the_default() -> None:
    model = _load(OFFICE + "      night: {default: true, week: {sat: 00:00-24:00}}\n")

    assert model.calendars[""].name == "night"


def test_an_app_without_calendars_counts_monday_to_friday() -> None:
    assert _load("").calendars == {"": STANDARD}
    assert workdays(STANDARD, date(2026, 3, 2), date(2026, 3, 8)) == 5


def test_a_layer_adds_days_and_takes_others_away() -> None:
    over = """
        calendars:
          office:
            week: {sat: "09:00-12:00"}
            holidays: {2026-10-01/2026-10-07: {$retire: true}, 2026-10-08: Party}
    """

    office = _load(OFFICE, over).calendars["office"]

    assert office.week[5] == MORNING
    assert [day for day, hours in office.days if not hours] == [date(2026, 1, 1), date(2026, 10, 8)]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("week: {mon: 9 to 6}", "bad_hours"),
        ('week: {mon: "18:00-09:00"}', "bad_hours"),
        ('week: {mon: "09:00-12:00, 11:00-13:00"}', "bad_hours"),
        ('week: {mon: "09:00-24:30"}', "bad_hours"),
        ('week: {fri-mon: "09:00-12:00"}', "unknown_weekday"),
        ('week: {foo: "09:00-12:00"}', "unknown_weekday"),
        ("holidays: {2026-02-30: x}", "bad_day"),
        ("holidays: {2026-02-03/2026-02-01: x}", "bad_day"),
        ("holidays: {2026-02-03/2028-02-01: x}", "bad_day"),
        ("holidays: {someday: x}", "bad_day"),
        ('workdays: {2026-02-01: "noon"}', "bad_hours"),
    ],
)
def test_what_is_no_calendar_is_told_with_its_place(written: str, code: str) -> None:
    with pytest.raises(DefinitionInvalid) as raised:
        _load(f"    calendars: {{office: {{{written}}}}}\n")

    assert [problem.code for problem in raised.value.problems] == [code]
    assert raised.value.problems[0].place.line == 5


def test_two_defaults_are_refused() -> None:
    with pytest.raises(DefinitionInvalid) as raised:
        _load("    calendars: {a: {default: true}, b: {default: true}}\n")

    assert [problem.code for problem in raised.value.problems] == ["two_defaults"]


def test_a_formula_names_a_calendar_and_depends_on_it() -> None:
    fields = "{type: decimal, formula: 'WORKDAYS(DATE(created_at), TODAY(), \"office\")'}"
    app = APP.replace("{type: text}}", f"{{type: text}}, open: {fields}}}")

    model = load([read_text(dedent(app + OFFICE), "app.yaml")])

    formula = model.entities["note"].fields["open"].formula
    assert formula is not None and formula.dependencies.calendars == {"office"}


def test_a_formula_that_names_no_calendar_is_told_the_nearest() -> None:
    fields = "{type: decimal, formula: 'WORKDAYS(DATE(created_at), TODAY(), \"offise\")'}"
    app = APP.replace("{type: text}}", f"{{type: text}}, open: {fields}}}")

    with pytest.raises(DefinitionInvalid) as raised:
        load([read_text(dedent(app + OFFICE), "app.yaml")])

    (problem,) = raised.value.problems
    assert problem.code == "formula_unknown_calendar"
    assert "`office`" in problem.hint


def test_working_days_are_found_forwards_and_backwards() -> None:
    office = _load(OFFICE).calendars["office"]

    assert add_workdays(office, date(2026, 9, 30), Decimal(1)) == date(2026, 10, 8)
    assert add_workdays(office, date(2026, 10, 8), Decimal(-1)) == date(2026, 9, 30)
