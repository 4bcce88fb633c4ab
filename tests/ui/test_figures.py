"""Where a computed value comes from: in words, with what it read, and what last moved it."""

from __future__ import annotations

import html

from tests.ui.conftest import Visitor


def test_a_total_is_explained_by_its_formula_its_lines_and_who_moved_it(visitor: Visitor) -> None:
    pump = visitor.create("product", name="Explained pump")
    lines = [{"product": pump, "quantity": "2", "unit_price": "10"}]
    quote = visitor.create("quote", name="Explained", lines=lines)
    changed = {"lines": [*lines, {"product": pump, "unit_price": "5"}]}
    saved = visitor.send(f"/records/quote/{quote}", {"values": changed, "version": 1})
    assert saved.status_code == 200, saved.text

    answer = visitor.get(f"/records/quote/{quote}/figures/subtotal", language="zh")

    assert answer.status_code == 200, answer.text
    assert "合计(「明细.金额」)" in html.unescape(answer.text)
    assert answer.text.count("Explained pump") >= 1
    assert all(figure in answer.text for figure in ("25.00", "20.00", "5.00"))
    assert "Lin Xiao" in answer.text


def test_a_value_is_explained_by_those_that_it_reads(visitor: Visitor) -> None:
    pump = visitor.create("product", name="Taxed pump")
    quote = visitor.create("quote", name="Taxed", lines=[{"product": pump, "unit_price": "100"}])

    answer = visitor.get(f"/records/quote/{quote}/figures/total")

    shown = html.unescape(answer.text)
    assert "ROUND(「Subtotal」 * (1 + 「Tax rate」), 2)" in shown
    assert "100.00" in shown
    assert "13%" in shown
    assert "113.00" in shown


def test_what_nobody_computes_is_not_explained(visitor: Visitor) -> None:
    customer = visitor.create("customer", name="Plain")

    assert visitor.get(f"/records/customer/{customer}/figures/name").status_code == 404
    assert visitor.get(f"/records/customer/{customer}/figures/nothing").status_code == 404
