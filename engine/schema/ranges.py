"""Statements that write many rows, narrowed to some of them: a range of ids, or those of a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from uuid import UUID

_MARK = re.compile(r"""(?:'[^']*'|"[^"]*")|\(true /\* (\S+) \*/\)""")
"""A mark, else a text or a name in quotes: what one of these says is never taken for a mark."""


def among(column: str) -> str:
    """Return a condition that always holds, in whose place comes which ids a `column` may have."""
    return f"(true /* {column} */)"


def in_range(statement: str, after: UUID | None, until: UUID) -> str:
    """Return a statement that writes only rows after one id, if any, until another."""

    def between(column: str) -> str:
        begin = f"{column} > '{after}' AND " if after is not None else ""
        return f"{begin}{column} <= '{until}'"

    return _narrowed(statement, between)


def in_list(statement: str, ids: Sequence[UUID]) -> str:
    """Return a statement that writes only rows of these ids."""
    listed = ", ".join(f"'{each}'" for each in ids)
    return _narrowed(statement, lambda column: f"{column} = ANY(ARRAY[{listed}]::uuid[])")


def _narrowed(statement: str, condition: Callable[[str], str]) -> str:
    """Put a condition wherever the statement has room for it, else at its end."""
    if not any(found[1] for found in _MARK.finditer(statement)):
        return f"{statement} AND {condition('id')}"
    return _MARK.sub(lambda found: f"({condition(found[1])})" if found[1] else found[0], statement)
