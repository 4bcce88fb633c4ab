"""How commands show what they found: tables and sentences for people, JSON for programs."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import click


def show_json(value: object) -> None:
    """Print a value as JSON, people's letters as they are."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def show_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headers, in columns that fit Chinese letters as well."""
    lines = [tuple(headers), *(tuple(_text(cell) for cell in row) for row in rows)]
    widths = [max(width(line[at]) for line in lines) for at in range(len(headers))]
    for line in lines:
        cells = (cell + " " * (widths[at] - width(cell)) for at, cell in enumerate(line))
        click.echo("  ".join(cells).rstrip())


def show_facts(facts: Mapping[str, object]) -> None:
    """Print names and what they are, one on a line."""
    longest = max((width(name) for name in facts), default=0)
    for name, value in facts.items():
        click.echo(f"{name}{' ' * (longest - width(name))}  {_text(value)}")


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return str(value)


def _plain(value: object) -> Any:  # Any: json asks for whatever it can write.
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, frozenset | set | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
