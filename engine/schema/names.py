"""Names of constraints and indexes: the same for the same definition, new for a new one.

A name ends in a hash of what it stands for, so that comparing a model with a database is
comparing names, and what changed is simply another name.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

LONGEST = 63
"""PostgreSQL cuts longer names silently, and two could become one."""


def object_name(prefix: str, table: str, label: str, definition: Sequence[str]) -> str:
    """Return the name of a constraint or index of `table` that reads as its `label`."""
    text = "\0".join((prefix, table, label, *definition))
    digest = blake2b(text.encode(), digest_size=4).hexdigest()
    readable = f"{prefix}_{table}_{label}".encode()[: LONGEST - len(digest) - 1]
    return f"{readable.decode(errors='ignore')}_{digest}"


def quoted(name: str) -> str:
    """Return a name as PostgreSQL reads it literally."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Return a text as an SQL literal; standard_conforming_strings is always on."""
    return "'" + value.replace("'", "''") + "'"
