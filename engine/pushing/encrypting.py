"""Encrypting what is said to a device, so that the service between reads nothing of it (RFC 8291).

One record of the content coding `aes128gcm` (RFC 8188), under a key agreed with the device.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from secrets import token_bytes

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

POINT = 65
"""Bytes of a public key, uncompressed."""

SECRET = 16
"""Bytes of what a device and its app alone know."""

SALT = 16

RECORD = 4096
"""Bytes of a record, which is also the most that every service takes."""

MOST = RECORD - SALT - 4 - 1 - POINT - 16 - 1
"""Bytes of content that fit into one."""

_LAST = b"\x02"


@dataclass(frozen=True, slots=True)
class Once:
    """What is new for each message: a key of our own, and a salt."""

    own: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    salt: bytes = field(default_factory=lambda: token_bytes(SALT))


def encrypted(content: bytes, theirs: bytes, secret: bytes, once: Once | None = None) -> bytes:
    """Return content that only the device of a public key and a secret reads.

    Raises `ValueError` for a key that is none, or content that does not fit.
    """
    if len(content) > MOST:
        raise ValueError(f"content of {len(content)} bytes does not fit into {MOST}")
    fresh = once or Once()
    device = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), theirs)
    ours = point_of(fresh.own)
    agreed = fresh.own.exchange(ECDH(), device)
    shared = _derived(agreed, secret, b"WebPush: info\x00" + theirs + ours, 32)
    key = _derived(shared, fresh.salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(shared, fresh.salt, b"Content-Encoding: nonce\x00", 12)
    head = fresh.salt + RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return head + AESGCM(key).encrypt(nonce, content + _LAST, None)


def point_of(key: EllipticCurvePrivateKey) -> bytes:
    """Return the public key that belongs to a private one, as it is sent."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=salt, info=info).derive(material)
