"""Notices who reads more records in a short time than people do (A-11)."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic
from uuid import UUID

from engine.audit.event import Auditing, Event
from engine.context import Context

WINDOW = 600.0
"""Seconds in which records are counted."""

LIMIT = 5_000
"""Records that somebody reads in that time before it is told, where the app says nothing."""

SETTING = "bulk_read_limit"
"""The app's setting that says otherwise."""

MOST = 10_000
"""People that are counted at once."""


class Watch:
    """Counts what each person reads through this process, and tells the audit log of too much.

    Each person's time begins with their first read; they are told of once in it.
    """

    def __init__(self, audit: Auditing, *, clock: Callable[[], float] = monotonic) -> None:
        self._audit = audit
        self._clock = clock
        self._read: dict[tuple[str, UUID], tuple[float, int]] = {}
        self._lock = Lock()

    def count(self, ctx: Context, entity: str, records: int) -> None:
        """Count records of an entity, by key, that a person was just shown or sent."""
        if not records or ctx.actor.kind == "system":
            return
        limit = limit_of(ctx)
        total, before = self._added((ctx.tenant.name, ctx.actor.user), records)
        if before <= limit < total:
            told = {"records": total, "limit": limit, "seconds": int(WINDOW)}
            self._audit.note(ctx, Event("bulk_read", entity, detail=told))

    def _added(self, who: tuple[str, UUID], records: int) -> tuple[int, int]:
        now = self._clock()
        with self._lock:
            ends, before = self._read.get(who, (0.0, 0))
            if ends <= now:
                if len(self._read) >= MOST:
                    self._read = {key: each for key, each in self._read.items() if each[0] > now}
                ends, before = now + WINDOW, 0
            self._read[who] = (ends, before + records)
        return before + records, before


def limit_of(ctx: Context) -> int:
    """Return how many records somebody may read in the time before it is told."""
    setting = ctx.model.settings.get(SETTING)
    if setting is None:
        return LIMIT
    said = ctx.settings.get(SETTING, setting.default)
    return LIMIT if said is None else int(str(said))
