"""Ids that are made together sort in the order in which they were made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.values.identity import id_texts, new_ids

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize("count", [1, 4_097, 20_000])
def test_ids_are_in_order_and_all_different(count: int) -> None:
    ids = new_ids(NOW, count)

    assert ids == sorted(set(ids))
    assert {each.version for each in ids} == {7}
    assert {each.variant for each in ids} == {"specified in RFC 4122"}


def test_texts_are_ids_of_the_same_kind() -> None:
    texts = id_texts(NOW, 5_000)

    assert texts == sorted(set(texts))
    assert {(len(each), each[12]) for each in texts} == {(32, "7")}
    assert texts[0][:12] == new_ids(NOW, 1)[0].hex[:12]
