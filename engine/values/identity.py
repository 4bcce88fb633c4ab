"""Ids that the application makes: UUIDv7, which sort by the instant they were made at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from os import urandom
from uuid import UUID


def new_id(now: datetime) -> UUID:
    """Return a new id whose first 48 bits are `now` in milliseconds."""
    return new_ids(now, 1)[0]


def new_ids(now: datetime, count: int) -> list[UUID]:
    """Return new ids that sort in the order returned."""
    return [UUID(int=int(text, 16)) for text in id_texts(now, count)]


def id_texts(now: datetime, count: int) -> list[str]:
    """Return new ids as texts of 32 hexadecimal digits, which sort in the order returned."""
    # The instant, their place among those of one call, and noise.
    head = f"{int(now.timestamp() * 1000):012x}"
    noise = urandom(count * 6).hex()
    return [
        f"{head}{0x7000 | place >> 14 & 0xFFF:04x}{0x8000 | place & 0x3FFF:04x}"
        f"{noise[place * 12 : place * 12 + 12]}"
        for place in range(count)
    ]


def id_array(ids: Iterable[UUID]) -> str:
    """Return ids as the text of a PostgreSQL array: all at once, as the driver makes it slowly."""
    return f"{{{b''.join([each.int.to_bytes(16) for each in ids]).hex(',', 16)}}}"
