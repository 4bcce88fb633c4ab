"""Search over everything, and pickers that offer what fits the form."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import NotFound
from engine.query.pick import choosable
from engine.values.searchkeys import search_query, search_tokens, sort_key
from tests.engine.house import House


@pytest.mark.parametrize(
    "text",
    ["液压泵", "液压", "泵", "yyb", "yeya", "yaben", "YYB", "Ｙｙｂ"],
)
def test_chinese_is_found_by_characters_pinyin_and_initials(house: House, text: str) -> None:
    hits = house.reader.search(house.ctx(), text, entities=["customer"], limit=100)

    pumps = [r for r in house.rows["customer"].values() if "液压泵" in r["name"]]
    live = {row["id"] for row in pumps if not row["sys_trashed_at"]}
    assert {hit.id for hit in hits} == live


@pytest.mark.parametrize("text", ["mul", "Müller", "MULLER", "muller"])
def test_latin_is_found_by_its_beginning_without_case_and_accents(house: House, text: str) -> None:
    hits = house.reader.search(house.ctx(), text, limit=100)

    assert hits
    assert all(hit.title.startswith("Müller") for hit in hits if hit.entity == "customer")


@pytest.mark.parametrize("text", ["", "  ", "!!!", "'", "\\", "zzzz", "' | 'zz"])
def test_what_is_no_word_finds_nothing_and_breaks_nothing(house: House, text: str) -> None:
    assert house.reader.search(house.ctx(), text) == ()


def test_the_closest_titles_come_first_and_details_tell_them_apart(house: House) -> None:
    row = next(r for r in house.rows["customer"].values() if not r["sys_trashed_at"])

    first = house.reader.search(house.ctx(), row["name"])[0]

    assert first.title == row["name"]
    same = [r for r in house.rows["customer"].values() if r["name"] == row["name"]]
    assert first.detail in {each["phone"] for each in same}


def test_a_picker_offers_what_its_filter_allows_for_the_form(house: House) -> None:
    customer = next(iter(house.rows["contact"].values()))["customer"]
    this = {"customer": {"id": str(customer)}}

    hits = house.reader.pick(house.ctx(), "quote", "contact", "", this=this, limit=100)

    mine = {k for k, r in house.rows["contact"].items() if r["customer"] == customer}
    assert {hit.id for hit in hits} == mine


@pytest.mark.parametrize("this", [{}, {"customer": None}, {"customer": ""}, {"customer": "x"}])
def test_a_blank_field_of_the_form_restricts_nothing(house: House, this: dict[str, str]) -> None:
    hits = house.reader.pick(house.ctx(), "quote", "contact", "", this=this, limit=100)

    assert {hit.id for hit in hits} == set(house.rows["contact"])


def test_a_picker_searches_within_what_it_offers(house: House) -> None:
    key, row = next(iter(house.rows["contact"].items()))
    this = {"customer": str(row["customer"])}

    hits = house.reader.pick(house.ctx(), "quote", "contact", row["name"], this=this)
    others = house.reader.pick(house.ctx(), "quote", "contact", "nobody", this=this)

    assert key in {hit.id for hit in hits}
    assert others == ()


def test_a_picker_of_several_entities_offers_all_of_them(house: House) -> None:
    hits = house.reader.pick(house.ctx(), "activity", "about", "", this={}, limit=100)

    assert {hit.entity for hit in hits} == {"customer", "quote"}


def test_what_may_be_chosen_is_what_the_picker_offers(house: House) -> None:
    ctx = house.ctx()
    row = next(iter(house.rows["contact"].values()))
    field = ctx.model.entities["quote"].fields["contact"]
    everybody = [*house.rows["contact"], uuid4()]

    with house.database.reading(ctx) as connection:
        this = {"customer": row["customer"]}
        chosen = choosable(ctx, house.policy, connection, field, everybody, this=this)

    offered = house.reader.pick(ctx, "quote", "contact", "", this=this, limit=100)
    assert chosen == {hit.id for hit in offered}


def test_a_field_that_is_no_link_has_no_picker(house: House) -> None:
    with pytest.raises(NotFound):
        house.reader.pick(house.ctx(), "quote", "code", "", this={})


@given(st.text(max_size=30))
def test_a_text_is_found_by_itself(text: str) -> None:
    tokens = search_tokens([text])

    for part in filter(None, search_query(text).split(" & ")):
        lexeme = part.removesuffix(":*")[1:-1].replace("''", "'").replace("\\\\", "\\")
        if part.endswith(":*"):
            assert any(token.startswith(lexeme) for token in tokens)
        else:
            assert lexeme in tokens


@given(st.lists(st.sampled_from(["王", "李", "陈", "a", "B", "é", " "]), max_size=4).map("".join))
def test_a_sort_key_is_plain_and_folded(text: str) -> None:
    key = sort_key(text)

    assert key is None if not text else key == (key or "").lower()
    assert sort_key(text.swapcase()) == key
