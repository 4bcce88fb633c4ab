"""Signing calls to push services, so that they know who calls (RFC 8292).

The key follows from the installation's master key: it is the same as long as that is, lies in no
table, and devices are bound to it.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from engine.pushing.encrypting import point_of
from engine.sealing import MasterKey

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""How many points P-256 has (FIPS 186-5): a private key is a number below it."""

LIFE = timedelta(hours=12)
"""How long a signature holds; services take a day at most."""

_PURPOSE = "web push"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for an installation; `contact` is where its keeper is found, as an address or blank."""

    key: MasterKey
    contact: str = ""

    @property
    def public(self) -> str:
        """The key that devices are bound to, as browsers take it."""
        return coded(point_of(self._own()))

    def authorization(self, endpoint: str, now: datetime) -> str:
        """Return the header that a call to a push service says who calls with."""
        parts = urlsplit(endpoint)
        claims: dict[str, object] = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + LIFE).timestamp()),
        }
        if self.contact:
            claims["sub"] = self.contact
        signed = ".".join(map(_said, ({"typ": "JWT", "alg": "ES256"}, claims)))
        r, s = decode_dss_signature(self._own().sign(signed.encode(), ECDSA(SHA256())))
        mark = coded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"vapid t={signed}.{mark}, k={self.public}"

    def _own(self) -> EllipticCurvePrivateKey:
        number = int.from_bytes(self.key.derive(_PURPOSE), "big")
        return derive_private_key(number % (ORDER - 1) + 1, SECP256R1())


def coded(content: bytes) -> str:
    """Return bytes in the letters of addresses, without padding."""
    return urlsafe_b64encode(content).decode().rstrip("=")


def _said(values: object) -> str:
    return coded(json.dumps(values, separators=(",", ":")).encode())
