"""Tables of the demo: companies that do not exist, what is sold to them, what they ask for."""

from __future__ import annotations

import csv
from importlib.resources import files


def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table, by the names in its header."""
    text = (files("boot.demo.data") / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
