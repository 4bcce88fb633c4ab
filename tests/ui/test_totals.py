"""Totals under a list's columns: there at once where it is short, behind its rows where not."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.ui.conftest import Visiting, Visitor

LIST = "/records/quote?view=all"


@pytest.fixture(scope="module")
def quotes(visitor: Visitor) -> list[str]:
    customer = visitor.create("customer", name="Sums")
    pump = visitor.create("product", name="Summed", list_price="10.00")
    values = {"customer": customer, "lines": [{"product": pump, "unit_price": "10.00"}]}
    many = [{"name": f"Sum {number:03}", **values} for number in range(60)]
    visitor.house.writer.create(visitor.ctx, "quote", many)
    return [each["name"] for each in many]


def test_rows_of_a_long_list_do_not_wait_for_its_totals(
    visitor: Visitor, visiting: Visiting, quotes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    short = visitor.get(LIST).text

    monkeypatch.setattr("engine.query.find.CAP", len(quotes) - 1)
    long = visitor.get(LIST).text

    total, address = _total(short), re.search(r'data-totals-url="([^"]+)"', long)
    assert "data-totals-url" not in short
    assert (_total(long), bool(total.strip("–…"))) == ("…", True)
    assert address is not None
    behind = unescape(address[1]).removeprefix(visitor.path(""))
    assert visitor.get(behind).json == {"total": total}
    assert visiting("seller").get(behind).json != {"total": total}, "a seller reads their own alone"
    assert visiting("clerk").get(behind).status_code == 404


def test_what_is_searched_for_has_no_totals(visitor: Visitor, quotes: list[str]) -> None:
    page = visitor.get(f"{LIST}&q=Sum").text

    assert quotes[0] in page
    assert (_total(page), "data-totals-url" in page) == ("–", False)


def _total(page: str) -> str:
    """What stands under the column of totals."""
    found = re.search(r'data-total-of="total">([^<]*)<', page)
    assert found is not None
    return found[1]
