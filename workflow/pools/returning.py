"""What time takes back into pools, after its holder was warned.

A record is taken back while one of the pool's conditions holds of it, and not before its holder
has known for as long as the pool says. Where the condition ceases, so does the warning.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from engine.context import Context
from engine.database import Database
from engine.doors import Edit
from engine.notices import News, tell
from engine.records.work import Work
from engine.tenants.people import SYSTEM
from engine.walking import in_each, one_by_one
from formula.backends.contract import Moment
from metamodel.duties import Pool
from workflow.doing import Hands
from workflow.lapses import after
from workflow.pools.free import losing
from workflow.pools.holdings import Holding, close_warnings, keep, warnings_of
from workflow.pools.taking import acting, before, due_after

POOLS = "pool.returns"

AT_ONCE = 200
"""Records that one unit of work takes back."""

_LOG = logging.getLogger(__name__)

Losing = Mapping[UUID, tuple[UUID, str]]
"""Who loses each record, and under which condition."""


@dataclass(frozen=True, slots=True)
class Due:
    """What time has brought to a pool: whom to warn, whose warning ends, what to take back."""

    warn: Losing
    relieve: tuple[Holding, ...]
    take: Losing


def due_in(
    pool: Pool, soon: Losing, now: Losing, warned: Mapping[UUID, Holding],
    over: Callable[[datetime], bool],
) -> Due:  # fmt: skip
    """Return what is due, from what is lost soon and now, and the warnings that stand.

    `over` tells whether who was warned at an instant has known long enough.
    """
    if pool.warn_before is None:
        return Due({}, tuple(warned.values()), now)
    coming = {**soon, **now}
    standing = {
        record: each
        for record, each in warned.items()
        if record in coming and coming[record][0] == each.holder
    }
    taken = {
        record: found
        for record, found in now.items()
        if record in standing and over(standing[record].at)
    }
    return Due(
        warn={record: found for record, found in coming.items() if record not in standing},
        relieve=tuple(
            each for record, each in warned.items() if record not in standing or record in taken
        ),
        take=taken,
    )


@dataclass(frozen=True, slots=True)
class Returns:
    """Looks after the pools of tenants; a `jobs.Recurring`."""

    database: Database
    hands: Hands
    tenants: Callable[[], Sequence[str]]
    system: Callable[[str], Context]

    @property
    def cron(self) -> str:
        return "7 * * * *"

    def tick(self, at: datetime) -> None:
        """Look after each tenant's pools; one that cannot be reached keeps nobody waiting."""
        in_each(self.tenants(), self.system, self.look, (_LOG, "Pools were not looked after"))

    def look(self, ctx: Context) -> int:
        """Warn and take back in one tenant's pools; return how many records were taken back."""
        if ctx.tenant.frozen:
            return 0
        whose, back = replace(ctx, actor=SYSTEM), 0

        def look_at(pool: Pool) -> None:
            nonlocal back
            for part in self._parts(whose, pool):
                back += self._do_part(whose, pool, part)

        pools = [each for each in ctx.model.pools.values() if each.active and each.returns]
        told = (_LOG, f"A pool of {ctx.tenant.name} was not looked after")
        one_by_one(pools, lambda pool: pool.name, look_at, told)
        return back

    def _parts(self, ctx: Context, pool: Pool) -> list[list[UUID]]:
        """Return the records of a pool that something is due for, as many at once as one unit."""
        with self.database.reading(ctx) as connection:
            due = self._due(ctx, connection, pool, None)
        places = sorted({*due.warn, *due.take, *(each.record for each in due.relieve)})
        return [places[start : start + AT_ONCE] for start in range(0, len(places), AT_ONCE)]

    def _do_part(self, ctx: Context, pool: Pool, ids: Sequence[UUID]) -> int:
        def unit(connection: Connection) -> int:
            work = Work.begin(acting(ctx, pool), connection, self.hands.policy)
            work.lock({(pool.entity, id_) for id_ in ids})
            # What somebody did in between may have saved the record.
            return self._do(work.ctx, connection, pool, self._due(ctx, connection, pool, ids))

        try:
            return self.database.unit(ctx, unit)
        except Exception as error:
            # Whatever it is that one record cannot be taken back for, it holds no other up.
            if len(ids) > 1:
                return sum(self._do_part(ctx, pool, [each]) for each in ids)
            said = getattr(error, "code", "") or type(error).__name__
            _LOG.warning("%s was not taken back into %s: %s", ids[0], pool.name, said)
            return 0

    def _due(
        self, ctx: Context, connection: Connection, pool: Pool, ids: Sequence[UUID] | None
    ) -> Due:
        now = self._losing(ctx, connection, pool, ids)
        soon: Losing = {}
        if pool.warn_before is not None:
            then = after(ctx.model, ctx.now, pool.warn_before, pool.calendar) or ctx.now
            soon = self._losing(_at(ctx, then), connection, pool, ids)
        warned = warnings_of(connection, ctx, pool.key, ids)
        return due_in(pool, soon, now, warned, lambda at: _is_over(ctx, pool, at))

    def _losing(
        self, ctx: Context, connection: Connection, pool: Pool, ids: Sequence[UUID] | None
    ) -> Losing:
        since = None if pool.protected is None else before(ctx, pool, pool.protected)
        work = Work.begin(ctx, connection, self.hands.policy)
        return losing(work, pool, since or ctx.now, ids)

    def _do(self, ctx: Context, connection: Connection, pool: Pool, due: Due) -> int:
        close_warnings(connection, ctx, due.relieve)
        by, at = ctx.actor.user, ctx.now
        entries = [
            Holding(pool.entity, record, "warned", by, at, pool.key, holder, None, reason)
            for record, (holder, reason) in due.warn.items()
            if pool.warn_before is not None
        ]
        if due.take:
            edits = [Edit(record, {"owner": None}) for record in due.take]
            self.hands.writing(connection).update(ctx, pool.entity, edits)
        entries += [
            Holding(pool.entity, record, "withdrawn", by, at, pool.key, None, holder, reason)
            for record, (holder, reason) in due.take.items()
        ]
        keep(connection, ctx, entries)
        for each in entries:
            _tell(ctx, connection, pool, each)
        return len(due.take)


def _tell(ctx: Context, connection: Connection, pool: Pool, entry: Holding) -> None:
    """Tell a holder that a record is going back, or has gone."""
    person = entry.holder or entry.former
    if person is None:
        return
    words: dict[str, object] = {"pool": pool.key, "reason": entry.reason, "what": entry.act}
    if entry.act == "warned" and pool.warn_before is not None:
        then = due_after(ctx, pool, ctx.now)
        words["due"] = None if then is None else then.isoformat()
    record = entry.record if entry.act == "warned" else None
    tell(ctx, connection, [person], News("pool", pool.entity, record, words))


def _is_over(ctx: Context, pool: Pool, at: datetime) -> bool:
    if pool.warn_before is None:
        return True
    then = due_after(ctx, pool, at)
    return then is not None and then <= ctx.now


def _at(ctx: Context, then: datetime) -> Context:
    """Return the context as it will be at another instant."""
    zone = ctx.moment.zone
    moment = Moment(then, then.astimezone(ZoneInfo(zone)).date(), zone)
    return replace(ctx, moment=moment)
