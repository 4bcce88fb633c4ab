"""Pages with many lines or related records: as quick as with a few, and all of them reached."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from psycopg import Cursor

from tests.ui.conftest import Visiting, Visitor, titles


def test_a_form_of_many_lines_asks_no_oftener_than_one_of_two(visitor: Visitor) -> None:
    quotes = [_quote_of(visitor, lines) for lines in (2, 30)]
    for quote in quotes:
        visitor.get(f"/records/quote/{quote}/edit")

    # Now and then a visit also notes that the session is still in use.
    forms = [f"/records/quote/{quote}/edit" for quote in quotes]
    asked = [min(_statements(visitor, form) for _ in range(3)) for form in forms]

    assert asked[0] == asked[1] > 3


def _quote_of(visitor: Visitor, lines: int) -> str:
    pumps = [visitor.create("product", name=f"Pump {n}", list_price="5") for n in range(lines)]
    return visitor.create(
        "quote", name=f"{lines} lines", lines=[{"product": pump} for pump in pumps]
    )


def test_related_records_are_paged_in_place_by_as_many_statements_as_for_a_few(
    visitor: Visitor, visiting: Visiting
) -> None:
    few, many = (visitor.create("customer", name=f"Owner of {count}") for count in (3, 200))
    for customer, count in ((few, 3), (many, 200)):
        quotes = [{"name": f"Quote {n:03}", "customer": customer} for n in range(count)]
        visitor.house.writer.create(visitor.ctx, "quote", quotes)
    pages = [f"/records/customer/{each}" for each in (few, many)]
    shown = [titles(visitor.get(page).text) for page in pages]

    # In turns: what is asked of the database once in a while is asked for neither.
    turns = [[_statements(visitor, page) for page in pages] for _ in range(3)]
    asked = [min(of_page) for of_page in zip(*turns, strict=True)]
    behind = _loaded(visitor, visitor.get(pages[1]).text)

    assert asked[0] == asked[1] > 3
    assert (len(shown[0]), len(shown[1])) == (3, 10)
    assert sorted([*shown[1], *behind]) == [f"Quote {n:03}" for n in range(200)]
    address = _more(visitor, visitor.get(pages[1]).text)
    assert titles(visiting("seller").get(address).text) == [], "a seller reads their own alone"
    assert visiting("clerk").get(address).status_code == 404


def _loaded(visitor: Visitor, page: str) -> list[str]:
    """The titles of a related list's rows that are loaded after those of the page, to its end."""
    found: list[str] = []
    while address := _more(visitor, page):
        page = visitor.get(address).text
        found += titles(page)
    return found


def _more(visitor: Visitor, page: str) -> str:
    """Where a related list goes on, "" at its end."""
    address = "".join(re.findall(r'hx-get="([^"]*/related/[^"]*)"', page)[:1])
    return html.unescape(address).removeprefix(f"/{visitor.ctx.tenant.name}")


def _statements(visitor: Visitor, address: str) -> int:
    """How many statements a page sends."""
    sent: list[Any] = []
    execute = Cursor.execute

    def note(cursor: Any, query: Any, *given: Any, **options: Any) -> Any:
        sent.append(query)
        return execute(cursor, query, *given, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cursor, "execute", note)
        assert visitor.get(address).status_code == 200
    return len(sent)
