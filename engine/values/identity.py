"""Ids that the application makes: UUIDv7, which sort by the instant they were made at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from os import urandom
from uuid import UUID


def new_id(now: datetime) -> UUID:
    """Return a new id whose first 48 bits are `now` in milliseconds."""
    return new_ids(now, 1)[0]


def new_ids(now: datetime, count: int) -> list[UUID]:
    """Return new ids that sort in the order returned."""
    return [UUID(int=number) for number in _numbers(now, count)]


def id_texts(now: datetime, count: int) -> list[str]:
    """Return new ids as texts of 32 hexadecimal digits, which sort in the order returned."""
    return [f"{number:032x}" for number in _numbers(now, count)]


def _numbers(now: datetime, count: int) -> Iterator[int]:
    """Yield ids: the instant, their place among those of one call, and noise."""
    head = int(now.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62
    noise = memoryview(urandom(count * 6))
    for place in range(count):
        yield (
            head
            | (place >> 14 & 0xFFF) << 64
            | (place & 0x3FFF) << 48
            | int.from_bytes(noise[place * 6 : place * 6 + 6], "big")
        )
