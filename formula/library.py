"""The functions that formulas call in SQL: what makes them in a database, and their version."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files

from formula import pinyin

SCHEMA = "joinery"
"""The schema they stand in, which is the installation's own."""

TABLE = f"{SCHEMA}.formula_reading"
"""The readings of Chinese characters and words; filled with `readings`."""


def script() -> str:
    """Return the statements that make the functions where there are none."""
    return (files("formula") / "library.sql").read_text("utf-8").replace("{schema}", SCHEMA)


def readings() -> Iterator[tuple[str, str]]:
    """Yield the rows of the table of readings."""
    yield from pinyin.readings().items()


@cache
def version() -> str:
    """Return what tells one form of the functions and their table from any other."""
    text = script() + "".join(f"{han}{reading}" for han, reading in readings())
    return sha256(text.encode()).hexdigest()[:16]
