"""Values of encrypted fields on their way through the engine: nobody can read them by accident."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from uuid import UUID

MARK = "***"
"""What stands for an encrypted value where even its mask says too much: history, refusals."""

END = 4
"""How many last digits of a value can be searched."""

_BETWEEN = re.compile(r"[\W_]+")

_CHINESE_PHONE = re.compile(r"(?:00)?86(1\d{10})")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an encrypted value belongs: entity and field by key, and the record."""

    entity: str
    field: str
    record: UUID


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted value as its columns hold it; equal only where value, place and key are.

    `blind` is what values are compared by, `tail` the same of their last four digits where
    those are searched.
    """

    body: bytes = field(repr=False)
    blind: str = field(repr=False)
    tail: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return MARK


@dataclass(frozen=True, slots=True)
class Covered:
    """An encrypted value that was read, with the place that it was read from."""

    spot: Spot
    body: bytes = field(repr=False)

    def __str__(self) -> str:
        return MARK


def compared(value: object) -> object:
    """Return what a value is compared by in the database."""
    return value.blind if isinstance(value, Sealed) else value


def bare(value: object) -> str:
    """Return a text without case, width, accents, spaces and signs: homophones stay apart."""
    folded = unicodedata.normalize("NFKD", str(value or "")).casefold()
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    return _BETWEEN.sub("", letters)


def sought(text: str) -> str:
    """Return what of a text counts when encrypted values are compared.

    A Chinese mobile number is the same with and without its country's code.
    """
    letters = bare(text) or text
    mobile = _CHINESE_PHONE.fullmatch(letters)
    return mobile[1] if mobile else letters


def end_of(text: str) -> str | None:
    """Return the last four digits of a text that has more than these."""
    digits = "".join(char for char in sought(text) if char.isdigit())
    return digits[-END:] if len(digits) > END else None
