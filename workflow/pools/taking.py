"""Claims: records of a pool go to whoever was first, each to one, within everybody's limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from engine.access.policy import Policy
from engine.context import Cause, Context
from engine.doors import Edit, Writer
from engine.records.work import Work
from metamodel.actions import Lapse
from metamodel.duties import Pool
from workflow.lapses import after
from workflow.pools.free import held_by, standing, take_free
from workflow.pools.holdings import Holding, count_by, keep, lost_after

MOST_AT_ONCE = 200
"""Records that one claim may be for."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many records a person may still claim: under each limit, None where there is none."""

    holds: int | None = None
    today: int | None = None

    @property
    def left(self) -> int:
        """How many that is in all."""
        limits = [each for each in (self.holds, self.today) if each is not None]
        return max(0, min(limits, default=MOST_AT_ONCE))

    @property
    def reason(self) -> str:
        """Which limit is reached: `holds_enough` or `claimed_enough`; blank where none is."""
        if self.holds is not None and self.holds <= 0:
            return "holds_enough"
        return "claimed_enough" if self.today is not None and self.today <= 0 else ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What became of a claim: the records that are the person's now, and why others are not.

    A record is `taken`, `busy` (somebody is at it), `cooling` (the person had it too lately),
    `elsewhere` (it is not in the pool), or beyond the limit `holds_enough` or `claimed_enough`.
    """

    got: tuple[UUID, ...] = ()
    missed: Mapping[UUID, str] = field(default_factory=dict)
    room: Room = Room()


def room_of(work: Work, pool: Pool) -> Room:
    """Return how many records of a pool whoever acts may still claim now."""
    holds = pool.hold_limit - held_by(work, pool) if pool.hold_limit else None
    if not pool.daily_claims:
        return Room(holds)
    since = midnight(work.ctx)
    claimed = count_by(work.connection, work.ctx, pool.key, "claimed", since)
    return Room(holds, pool.daily_claims - claimed)


def claim_records(
    ctx: Context, connection: Connection, policy: Policy, writer: Writer,
    pool: Pool, wanted: Sequence[UUID] | int,
) -> Claimed:  # fmt: skip
    """Give whoever acts the records that are named, or so many of the oldest.

    Several claims of one person wait for each other, so that none goes past a limit.
    """
    work = Work.begin(acting(ctx, pool), connection, policy)
    if pool.hold_limit or pool.daily_claims:
        work.lock({("user", ctx.actor.user)})
    room, lost = room_of(work, pool), _lost(ctx, connection, pool)
    named = None if isinstance(wanted, int) else list(dict.fromkeys(wanted))
    most = min(room.left, wanted if isinstance(wanted, int) else len(named or ()))
    got = take_free(work, pool, most, lost, named) if most else []
    if got:
        writer.update(work.ctx, pool.entity, [Edit(id_, _mine(ctx)) for id_ in got])
        keep(connection, ctx, [
            Holding(pool.entity, id_, "claimed", ctx.actor.user, ctx.now, pool.key, ctx.actor.user)
            for id_ in got
        ])  # fmt: skip
    left = Room(
        None if room.holds is None else room.holds - len(got),
        None if room.today is None else room.today - len(got),
    )
    if named is None and lost and most and not got:
        # What waits is there for others: whoever asks for the next one had it too lately.
        named = take_free(work, pool, 1, ())
    missed = _missed(work, pool, [each for each in named or () if each not in set(got)], lost)
    beyond = {id_: left.reason for id_, why in missed.items() if why == "busy" and left.reason}
    return Claimed(tuple(got), {**missed, **beyond}, left)


def acting(ctx: Context, pool: Pool) -> Context:
    """Return the context in which a pool moves records: for somebody, under no role's limits."""
    actor = replace(ctx.actor, kind="system", scopes=None)
    return replace(ctx, actor=actor, cause=Cause("pool", pool.key), pool="", once=None)


def midnight(ctx: Context) -> datetime:
    """Return when the tenant's day began."""
    return datetime.combine(ctx.moment.today, time(), tzinfo=ZoneInfo(ctx.moment.zone))


def before(ctx: Context, pool: Pool, lapse: Lapse) -> datetime | None:
    """Return the instant that lies a lapse before now, in the pool's working time."""
    return after(ctx.model, ctx.now, Lapse(-lapse.amount, lapse.unit), pool.calendar)


def due_after(ctx: Context, pool: Pool, warned_at: datetime) -> datetime | None:
    """Return when a pool takes back what somebody was warned of at an instant."""
    if pool.warn_before is None:
        return warned_at
    return after(ctx.model, warned_at, pool.warn_before, pool.calendar)


def _mine(ctx: Context) -> dict[str, str | None]:
    department = ctx.actor.department
    return {
        "owner": str(ctx.actor.user),
        "department": None if department is None else str(department),
    }


def _lost(ctx: Context, connection: Connection, pool: Pool) -> frozenset[UUID]:
    """Return the records that somebody lost too lately to claim them now."""
    since = None if pool.cool_down is None else before(ctx, pool, pool.cool_down)
    return frozenset() if since is None else lost_after(connection, ctx, pool, since)


def _missed(work: Work, pool: Pool, ids: Sequence[UUID], lost: frozenset[UUID]) -> dict[UUID, str]:
    """Return why records were not to be had; one that is free now was in somebody's hands."""
    known = standing(work, pool, ids) if ids else {}
    found: dict[UUID, str] = {id_: known.get(id_, "elsewhere") for id_ in ids}
    in_pool = {id_: "cooling" if id_ in lost else "busy" for id_, why in found.items()
               if why == "free"}  # fmt: skip
    return {**found, **in_pool}
