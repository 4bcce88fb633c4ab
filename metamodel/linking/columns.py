"""What columns are called in PostgreSQL."""

from __future__ import annotations

from hashlib import sha256


def column_name(key: str, kind: str) -> str:
    """Return a column's name: the key and four hex digits of key and type, at most 63 bytes."""
    digest = sha256(f"{key}:{kind}".encode()).hexdigest()[:4]
    return f"{key[:58]}_{digest}"
