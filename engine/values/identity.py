"""Ids that the application makes: UUIDv7, which sort by the instant they were made at."""

from __future__ import annotations

from datetime import datetime
from os import urandom
from uuid import UUID


def new_id(now: datetime) -> UUID:
    """Return a new id whose first 48 bits are `now` in milliseconds."""
    return new_ids(now, 1)[0]


def new_ids(now: datetime, count: int) -> list[UUID]:
    """Return new ids that sort in the order returned."""
    instant = int(now.timestamp() * 1000) << 80
    head = instant | 7 << 76 | 2 << 62
    noise = memoryview(urandom(count * 6))
    return [
        UUID(
            int=head
            | (position >> 14 & 0xFFF) << 64
            | (position & 0x3FFF) << 48
            | int.from_bytes(noise[position * 6 : position * 6 + 6], "big")
        )
        for position in range(count)
    ]
