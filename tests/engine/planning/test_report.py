"""A plan in plain words: what it costs, who waits, what it does to which records (P-03, P-04)."""

from __future__ import annotations

import csv
from typing import Any

from engine.planning import report, report_facts
from engine.planning.rows import rows_csv
from tests.engine.schema.test_publish import add_customer

LAYER = """
entities:
  customer:
    fields:
      city: {type: text, index: true, required: true}
      note: {type: decimal}
    rules: {no_debt: {refuse_when: "budget < 0", message: No debts}}
"""


def test_a_report_says_what_each_step_takes_and_who_waits(shop: Any) -> None:
    add_customer(shop, name="Ada", note="12 months")

    found = report(proposed(shop), None, "en")

    steps = {line.code: line for line in found.steps}
    assert (steps["add_column"].lock, steps["add_column"].cost_said) == ("exclusive", "at once")
    assert steps["add_column"].wait_said == "everybody waits for a moment"
    assert found.risk == "loses"
    assert found.seconds >= found.waits > 0
    assert ("added", ("entities", "customer", "fields", "city")) in [
        (each.kind, each.path) for each in found.changes
    ]
    said = [each.name for each in report(proposed(shop), None, "zh").changes]
    assert "Customer › 字段“City”" in said


def test_every_effect_names_some_records_and_has_a_file_of_all(shop: Any) -> None:
    for number in range(12):
        add_customer(shop, name=f"c{number}", note=f"={number} months", budget=str(-number))

    proposal = proposed(shop)
    found = report(proposal, None, "en")

    effects = {line.code: line for line in found.effects}
    assert {code: line.rows for code, line in effects.items()} == {
        "not_converted": 12,
        "now_required": 12,
        "breaks_rule": 11,
    }
    assert len(effects["not_converted"].records) == 5
    assert effects["breaks_rule"].records[0].text.startswith("c")
    lines = rows(shop, proposal, found)
    assert len(lines) == 1 + 12 + 12 + 11
    kept = [line for line in lines if line[0] == "not_converted"]
    # A spreadsheet runs no cell that somebody typed.
    assert sorted(line[3] for line in kept)[0] == "'=0 months"
    only = rows(shop, proposal, found, [effects["breaks_rule"].number])
    assert {line[0] for line in only[1:]} == {"breaks_rule"}


def test_facts_of_a_report_say_the_same_for_programs(shop: Any) -> None:
    add_customer(shop, name="Ada", note="12 months")

    facts: Any = report_facts(report(proposed(shop), None, "zh"))

    [effect] = [each for each in facts["effects"] if each["code"] == "not_converted"]
    assert (effect["rows"], effect["samples"], effect["listed"]) == (1, ["12 months"], True)
    assert effect["records"][0]["text"] == "12 months"


def test_what_uses_a_changed_field_is_told(shop: Any) -> None:
    shop.publish('entities: {customer: {fields: {twice: {type: money, formula: "budget * 2"}}}}')
    layer = (
        'entities: {customer: {fields: {twice: {type: money, formula: "budget * 2"}, '
        "budget: {min: 1}}}}"
    )

    found = report(shop.publisher.propose(shop.tenant, shop.layered(layer)), None, "en")

    assert ("entities", "customer", "fields", "twice") in [each.path for each in found.touched]


def proposed(shop: Any) -> Any:
    return shop.publisher.propose(shop.tenant, shop.layered(LAYER))


def rows(shop: Any, proposal: Any, found: Any, only: Any = None) -> list[list[str]]:
    pieces = b"".join(rows_csv(shop.publisher, shop.tenant, proposal, found, only))
    return list(csv.reader(pieces.decode("utf-8-sig").splitlines()))
