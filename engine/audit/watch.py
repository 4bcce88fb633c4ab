"""Notices who reads more records in a short time than people do (A-11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from time import time
from typing import Protocol
from uuid import UUID

from engine.audit.event import Auditing, Event
from engine.context import Context

WINDOW = 600.0
"""Seconds of each part of time in which records are counted."""

LIMIT = 5_000
"""Records that somebody reads in that time before it is told, where the app says nothing."""

SETTING = "bulk_read_limit"
"""The app's setting that says otherwise."""

READ = "read"
"""Under which kind reads are counted."""

TENTH = 10

MOST = 10_000
"""People that are counted at once."""


class Tally(Protocol):
    """Counts what somebody read in a time, in one place for all processes."""

    def add(self, ctx: Context, since: datetime, records: int) -> int | None:
        """Count more; return how many it are now."""
        ...


@dataclass(slots=True)
class Reading:
    """What somebody read in a part of time: as was counted for all, and what was not yet."""

    part: int
    counted: int = 0
    uncounted: int = 0


class Watch:
    """Counts what each person reads, and tells the audit log of too much: once in each part.

    Few reads are counted in memory alone. The tally, which all processes share, is asked at each
    tenth of the limit, and where the limit would be passed: so who reads as people do costs
    nothing more, and each process holds back a tenth at most.
    """

    def __init__(self, audit: Auditing, tally: Tally, *, clock: Callable[[], float] = time) -> None:
        self._audit = audit
        self._tally = tally
        self._clock = clock
        self._read: dict[tuple[str, UUID], Reading] = {}
        self._lock = Lock()

    def count(self, ctx: Context, entity: str, records: int) -> None:
        """Count records of an entity, by key, that a person was just shown or sent."""
        if not records or ctx.actor.kind == "system":
            return
        limit, part = limit_of(ctx), int(self._clock() // WINDOW)
        due = self._added((ctx.tenant.name, ctx.actor.user), records, limit, part)
        if not due:
            return
        since = datetime.fromtimestamp(part * WINDOW, UTC)
        total = self._tally.add(ctx, since, due) or 0
        self._learn((ctx.tenant.name, ctx.actor.user), part, total)
        if total - due <= limit < total:
            told = {"records": total, "limit": limit, "seconds": int(WINDOW)}
            self._audit.note(ctx, Event("bulk_read", entity, detail=told))

    def _added(self, who: tuple[str, UUID], records: int, limit: int, part: int) -> int:
        """Note what was read; return how many records the tally is to be told of now."""
        with self._lock:
            found = self._read.get(who)
            if found is None or found.part != part:
                if len(self._read) >= MOST:
                    self._read = {k: each for k, each in self._read.items() if each.part == part}
                found = self._read[who] = Reading(part)
            found.uncounted += records
            passed = found.counted + found.uncounted > limit
            if found.counted > limit or not (passed or found.uncounted >= limit // TENTH):
                return 0
            due, found.uncounted = found.uncounted, 0
        return due

    def _learn(self, who: tuple[str, UUID], part: int, total: int) -> None:
        with self._lock:
            found = self._read.get(who)
            if found is not None and found.part == part:
                found.counted = max(found.counted, total)


def limit_of(ctx: Context) -> int:
    """Return how many records somebody may read in the time before it is told."""
    setting = ctx.model.settings.get(SETTING)
    if setting is None:
        return LIMIT
    said = ctx.settings.get(SETTING, setting.default)
    return LIMIT if said is None else int(str(said))
