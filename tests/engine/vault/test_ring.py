"""What is sealed opens with the same key in the same place, and nowhere else."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.sealing import Unsealable
from engine.values.sealed import Spot
from engine.vault.ring import DataKey, Ring, version_of
from tests.budget import examples

SPOT = Spot("patient", "identity", UUID(int=7))


def a_ring(*, first: bytes = b"1" * 32, current: int = 1) -> Ring:
    """Return a ring of two versions."""
    keys = {1: DataKey.of(UUID(int=1), 1, first), 2: DataKey.of(UUID(int=2), 2, b"2" * 32)}
    return Ring(keys, current, b"b" * 32)


TEXTS = st.text(min_size=1, max_size=200)


@settings(max_examples=examples(200))
@given(TEXTS, st.sampled_from([1, 2]))
def test_opening_gives_back_what_was_sealed(text: str, current: int) -> None:
    sealed = a_ring(current=current).seal(SPOT, text, tail=True)

    assert a_ring().open(SPOT, sealed.body) == text
    assert version_of(sealed.body) == current


@settings(max_examples=examples(100))
@given(TEXTS, TEXTS)
def test_values_are_told_apart_by_the_ciphertext_and_found_by_the_blind(
    one: str, other: str
) -> None:
    ring = a_ring()
    first, second = (ring.seal(SPOT, text, tail=True) for text in (one, other))

    assert (first.body == second.body) == (one == other)
    assert one.encode() not in first.body or len(one.encode()) < 3


@pytest.mark.parametrize(
    "moved",
    [
        Spot("visit", "identity", UUID(int=7)),
        Spot("patient", "account", UUID(int=7)),
        Spot("patient", "identity", UUID(int=8)),
    ],
)
def test_what_is_moved_to_another_place_does_not_open(moved: Spot) -> None:
    sealed = a_ring().seal(SPOT, "secret", tail=False)

    with pytest.raises(Unsealable):
        a_ring().open(moved, sealed.body)


@settings(max_examples=examples(100))
@given(TEXTS, st.integers(min_value=0, max_value=10_000), st.integers(1, 255))
def test_what_was_touched_does_not_open(text: str, at: int, change: int) -> None:
    body = bytearray(a_ring().seal(SPOT, text, tail=False).body)
    body[at % len(body)] ^= change

    with pytest.raises(Unsealable):
        a_ring().open(SPOT, bytes(body))


def test_another_key_opens_nothing() -> None:
    sealed = a_ring().seal(SPOT, "secret", tail=False)

    with pytest.raises(Unsealable):
        a_ring(first=b"x" * 32).open(SPOT, sealed.body)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+86 138-1234-5678", "13812345678"),
        ("008613812345678", "138 1234 5678"),
        ("11010119900307721x", "110101 19900307 721X"),
        ("ＡＢＣ１２３", "abc123"),
        ("Lee@X.cn", "lee@x.cn"),
    ],
)
def test_texts_that_count_as_the_same_have_the_same_blind(one: str, other: str) -> None:
    assert a_ring().blind(one) == a_ring().blind(other)


@settings(max_examples=examples(50))
@given(TEXTS)
def test_the_blind_is_of_the_key_as_well(text: str) -> None:
    assume(text.strip())

    assert a_ring().blind(text) != Ring({}, 1, b"c" * 32).blind(text)


def test_the_end_of_a_short_number_is_not_told_apart() -> None:
    assert a_ring().tail("1234") is None
    assert a_ring().tail("0-1234-5678") == a_ring().ends("5678")
