"""Tokens that records are found by, as they are written for many records at once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.values.searchkeys import search_tokens, token_text
from tests.budget import examples


@settings(max_examples=examples(200))
@given(st.lists(st.one_of(st.text(max_size=40), st.text("aB9 _-.@泵", max_size=90)), max_size=4))
def test_written_tokens_are_those_of_one_record(texts: list[str]) -> None:
    assert set(token_text(texts).split(" ")) - {""} == set(search_tokens(texts))
