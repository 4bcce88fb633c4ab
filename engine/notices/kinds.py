"""The kinds of notices that there are, in the order in which somebody chooses among them."""

from __future__ import annotations

KINDS: tuple[str, ...] = (
    "mention",
    "comment",
    "assigned",
    "shared",
    "due",
    "finished",
    "told",
    "approval",
    "pool",
)
"""Spoken to in a comment; a comment on one's own record; named in a record by somebody else;
given a record; something to do comes due; work that one began has ended; told by what
the app does by itself; asked to decide on a record, or told what was decided; a
record that one has goes back into a pool, or has gone."""

MENTIONS = frozenset({"mention", "comment"})
"""Kinds in which somebody speaks to the person."""

REMINDERS = frozenset({"due"})
"""Kinds that time brings."""
