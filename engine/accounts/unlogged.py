"""A log of the door that keeps nothing, for tools and tests that have no installation's log."""

from __future__ import annotations

from sqlalchemy import Connection

from engine.audit.event import PersonEvent


class Unlogged:
    """Takes events and keeps none."""

    def note(self, event: PersonEvent) -> None:
        """Keep nothing."""

    def within(self, connection: Connection, event: PersonEvent) -> None:
        """Keep nothing."""


UNLOGGED = Unlogged()
"""What stands for a log where there is none."""
