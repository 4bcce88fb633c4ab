"""How much of a file is taken in at once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.chunks import CHUNK, FIRST_CHUNK, LARGEST_CHUNK, Pace
from tests.budget import examples

LONG = Pace(FIRST_CHUNK, CHUNK, LARGEST_CHUNK)


@settings(max_examples=examples(50))
@given(st.integers(0, 10_000_000))
def test_a_chunk_is_never_more_than_was_done_before_it_nor_than_the_largest(done: int) -> None:
    rows = LONG.after(done)

    assert FIRST_CHUNK <= rows <= max(CHUNK, min(done, LARGEST_CHUNK))


def test_a_long_file_comes_to_the_largest_chunks() -> None:
    done = sizes = 0
    while done < 200_000:
        done, sizes = done + LONG.after(done), sizes + 1

    assert LONG.after(done) == LARGEST_CHUNK
    assert sizes < 10
