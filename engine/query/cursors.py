"""Cursors: where a page ended, signed, and bound to the question that was asked."""

from __future__ import annotations

import binascii
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from uuid import UUID

from engine.errors import CursorStale

SIGNATURE = 16
"""Bytes of signature in front of a cursor's content."""


@dataclass(frozen=True, slots=True)
class Place:
    """The last row of a page: its segment (1: those whose first key is blank) and its keys."""

    segment: int
    keys: tuple[object, ...]


class Cursors:
    """Seals and opens cursors with a secret; `question` is all that a cursor is bound to."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, place: Place, question: Sequence[object]) -> str:
        """Return a cursor as text that is safe in a URL."""
        content = [place.segment, [_packed(key) for key in place.keys]]
        body = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
        return urlsafe_b64encode(self._sign(body, question) + body).decode().rstrip("=")

    def open(self, cursor: str, question: Sequence[object]) -> Place:
        """Return the place of a cursor; raise `CursorStale` for any but this question's own."""
        try:
            raw = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
            signature, body = raw[:SIGNATURE], raw[SIGNATURE:]
            if not hmac.compare_digest(signature, self._sign(body, question)):
                raise CursorStale
            segment, keys = json.loads(body)
            return Place(int(segment), tuple(_unpacked(key) for key in keys))
        except (ValueError, TypeError, binascii.Error, InvalidOperation) as error:
            raise CursorStale from error

    def _sign(self, body: bytes, question: Sequence[object]) -> bytes:
        asked = json.dumps(question, default=str, ensure_ascii=False).encode()
        return blake2b(asked + b"\0" + body, key=self._secret[:64], digest_size=SIGNATURE).digest()


_PACK: Mapping[type, tuple[str, Callable[[object], object]]] = {
    Decimal: ("n", str),
    datetime: ("t", lambda value: value.isoformat()),  # type: ignore[attr-defined]
    date: ("d", lambda value: value.isoformat()),  # type: ignore[attr-defined]
    time: ("c", lambda value: value.isoformat()),  # type: ignore[attr-defined]
    timedelta: ("s", lambda value: value.total_seconds()),  # type: ignore[attr-defined]
    UUID: ("u", str),
}

_UNPACK: Mapping[str, Callable[[str], object]] = {
    "n": Decimal,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "c": time.fromisoformat,
    "s": lambda seconds: timedelta(seconds=float(seconds)),
    "u": UUID,
}


def _packed(value: object) -> object:
    packer = _PACK.get(type(value))
    return value if packer is None else [packer[0], packer[1](value)]


def _unpacked(value: object) -> object:
    return _UNPACK[value[0]](value[1]) if isinstance(value, list) else value
