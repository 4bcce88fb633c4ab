"""Sealing small secrets under the installation's master key, which no table holds.

AES-256-GCM (NIST SP 800-38D) under a key that HKDF (RFC 5869) derives for each purpose. A sealed
value starts with a version byte, so that another scheme can follow; then nonce and ciphertext.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from secrets import token_bytes, token_hex

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32

_VERSION = b"\x01"
_NONCE = 12
_WRITTEN = re.compile(r"[0-9a-f]{64}")


class Unsealable(Exception):  # noqa: N818 - named after what is the matter
    """A sealed value that this master key, for this purpose, does not open."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key above all keys of an installation: 32 bytes, never shown and never stored by us."""

    secret: bytes = field(repr=False)

    @classmethod
    def read(cls, written: str) -> MasterKey:
        """Return the key of 64 hexadecimal digits; raise `ValueError` for anything else."""
        if not _WRITTEN.fullmatch(written.strip().lower()):
            raise ValueError("a master key is written as 64 hexadecimal digits")
        return cls(bytes.fromhex(written.strip()))

    @staticmethod
    def write_new() -> str:
        """Return a new random key as it is written down."""
        return token_hex(KEY_BYTES)

    def derive(self, purpose: str) -> bytes:
        """Return the 32 bytes that belong to one purpose, the same every time."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(self.secret)

    def seal(self, plain: bytes, *, purpose: str) -> bytes:
        """Return `plain` encrypted, which only the same key and purpose open."""
        nonce = token_bytes(_NONCE)
        sealed = AESGCM(self.derive(purpose)).encrypt(nonce, plain, purpose.encode())
        return _VERSION + nonce + sealed

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Return what was sealed; raise `Unsealable`."""
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        if sealed[:1] != _VERSION:
            raise Unsealable(purpose)
        try:
            return AESGCM(self.derive(purpose)).decrypt(nonce, body, purpose.encode())
        except (InvalidTag, ValueError):
            raise Unsealable(purpose) from None
