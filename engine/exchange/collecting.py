"""When memory is looked through for what nobody holds: between chunks, not in the midst of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_between() -> Iterator[None]:
    """Put collections off until a chunk is done, and leave out of them what was there before.

    A chunk makes hundreds of thousands of values and hardly a cycle; each collection in its
    midst would look through all of them, and through the model.
    """
    was_on = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


def collect() -> None:
    """Free what a chunk left behind."""
    gc.collect()
