"""A tenant's keys in the open, for as long as one use of them lasts.

AES-256-GCM. A value's nonce is a keyed hash of the value and its place, as in SIV: the same
value in the same place makes the same ciphertext, so that saving it again changes nothing, and
no nonce is ever used for two values. The place is authenticated, too: ciphertext that is moved to
another record or field does not open. Written: a byte for this scheme, four for the key's
version, nonce, ciphertext, tag.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.sealing import KEY_BYTES, Unsealable
from engine.values.sealed import Sealed, Spot, end_of, sought

SCHEME = b"\x01"

VERSION_BYTES = 4

_NONCE = 12
_HEAD = len(SCHEME) + VERSION_BYTES
_BLIND_BYTES = 16


@dataclass(frozen=True, slots=True)
class DataKey:
    """One version of the key that values are encrypted under; `id` outlives a tenant's name."""

    id: UUID
    version: int
    cipher: AESGCM = field(repr=False)
    nonces: bytes = field(repr=False)

    @classmethod
    def of(cls, id_: UUID, version: int, secret: bytes) -> DataKey:
        """Return the key that a secret of 32 bytes makes."""
        return cls(id_, version, AESGCM(_derived(secret, "values")), _derived(secret, "nonces"))


@dataclass(frozen=True, slots=True)
class Ring:
    """All versions of a tenant's key, the current one, and the key of its blind index."""

    keys: Mapping[int, DataKey] = field(repr=False)
    current: int
    blinding: bytes = field(repr=False)

    def seal(self, spot: Spot, text: str, *, tail: bool) -> Sealed:
        """Return a text encrypted for its place; with `tail` its last four digits are found."""
        body = self.close(spot, text.encode())
        return Sealed(body, self.blind(text), self.tail(text) if tail else None)

    def open(self, spot: Spot, body: bytes) -> str:
        """Return the text; raise `Unsealable` for what was not sealed for this place."""
        return self.opened(spot, body).decode()

    def close(self, spot: Spot, plain: bytes) -> bytes:
        """Return any bytes encrypted for their place."""
        key = self.keys[self.current]
        place = _place(key, spot)
        nonce = hmac.digest(key.nonces, place + b"\0" + plain, sha256)[:_NONCE]
        return version_mark(key.version) + nonce + key.cipher.encrypt(nonce, plain, place)

    def opened(self, spot: Spot, body: bytes) -> bytes:
        """Return what `close` encrypted; raise `Unsealable`."""
        key = self.keys.get(version_of(body))
        if key is None or body[: len(SCHEME)] != SCHEME:
            raise Unsealable("value")
        nonce, sealed = body[_HEAD : _HEAD + _NONCE], body[_HEAD + _NONCE :]
        try:
            return key.cipher.decrypt(nonce, sealed, _place(key, spot))
        except (InvalidTag, ValueError):
            raise Unsealable("value") from None

    def blind(self, text: str) -> str:
        """Return what a text is compared by: equal for texts that count as the same."""
        return self._hashed("whole", sought(text))

    def tail(self, text: str) -> str | None:
        """Return what the end of a text is found by; None where it has no more digits than that."""
        end = end_of(text)
        return None if end is None else self._hashed("end", end)

    def ends(self, digits: str) -> str:
        """Return what values are found by that end in these four digits."""
        return self._hashed("end", digits)

    def _hashed(self, purpose: str, text: str) -> str:
        message = f"{purpose}\0{text}".encode()
        return hmac.digest(self.blinding, message, sha256)[:_BLIND_BYTES].hex()


def version_of(body: bytes) -> int:
    """Return the version of the key that a value is encrypted under."""
    return int.from_bytes(body[len(SCHEME) : _HEAD], "big")


def version_mark(version: int) -> bytes:
    """Return how every value under a version begins."""
    return SCHEME + version.to_bytes(VERSION_BYTES, "big")


def _place(key: DataKey, spot: Spot) -> bytes:
    return f"{key.id}:{spot.entity}:{spot.field}:{spot.record}".encode()


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(secret)
