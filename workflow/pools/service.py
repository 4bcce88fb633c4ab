"""Public pools as their members meet them: looking, claiming, giving back, and what was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engine.access.grants import holds_everything, roles_of, token_allows
from engine.access.policy import Policy
from engine.context import Context
from engine.database import Database
from engine.doors import Edit, Reader
from engine.errors import FieldError, Forbidden, NotFound, RecordRefused, refused_as
from engine.query.spec import LinkValue, Record
from engine.query.titles import titles_of
from engine.records.formed import Stand, values_here
from engine.records.work import Work
from engine.requests import claim as hold_request
from engine.requests import settle
from engine.values.refusals import remark
from metamodel.duties import Pool
from workflow.doing import Hands
from workflow.errors import SeenEnough
from workflow.pools.holdings import (
    Holding,
    count_by,
    keep,
    looks_alone,
    of_record,
    seen_already,
    warnings_of,
)
from workflow.pools.taking import (
    MOST_AT_ONCE,
    Claimed,
    Room,
    acting,
    claim_records,
    due_after,
    midnight,
    room_of,
)
from workflow.service_levels.clock import Clock
from workflow.service_levels.keeping import of_records
from workflow.service_levels.promises import groups_of, levels_of

LONGEST_NOTE = 200
"""Characters of a reason that somebody writes."""


@dataclass(frozen=True, slots=True)
class Warned:
    """That a pool, by its key, takes a record back at an instant, and by which condition."""

    pool: str
    due: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Pools:
    """The door to public pools, under the person's rights; what they move is the app's to move."""

    database: Database
    reader: Reader
    hands: Hands

    def offered(self, ctx: Context) -> tuple[Pool, ...]:
        """Return the pools that a person is a member of, in order."""
        return tuple(each for each in ctx.model.pools.values() if self._is_member(ctx, each))

    def pool(self, ctx: Context, name: str) -> Pool:
        """Return a pool by name; raise `NotFound` where the person is no member of it."""
        found = next((each for each in ctx.model.pools.values() if each.name == name), None)
        if found is None or not self._is_member(ctx, found):
            raise NotFound(pool=name)
        return found

    def through(self, ctx: Context, pool: Pool) -> Context:
        """Return the context in which a member looks at a pool's records."""
        return replace(ctx, pool=pool.key, once=None)

    def room(self, ctx: Context, pool: Pool) -> Room:
        """Return how many records a member may still claim."""
        with self.database.reading(ctx) as connection:
            return room_of(self._work(ctx, connection), pool)

    @refused_as("claim_refused")
    def claim(self, ctx: Context, pool: Pool, wanted: Sequence[UUID] | int) -> Claimed:
        """Give a member the records that are named, or so many of the oldest that are free.

        Raises `RecordRefused` for more than one claim may be for, or where rules refuse it.
        """
        _require_writing(ctx, pool)
        count = wanted if isinstance(wanted, int) else len(wanted)
        if not 0 < count <= MOST_AT_ONCE:
            raise RecordRefused([FieldError("claim_size", ("ids",), {"max": MOST_AT_ONCE})])

        runs = 0

        def unit(connection: Connection) -> Claimed:
            nonlocal runs
            runs += 1
            hold_request(ctx, connection)
            # Most are done at once; what must run again keeps what it found beside a way back.
            writer = self.hands.writing(connection, whole=runs == 1)
            done = claim_records(ctx, connection, self.hands.policy, writer, pool, wanted)
            settle(ctx, connection, done)
            return done

        return self.database.unit(ctx, unit)

    def look(self, ctx: Context, pool: Pool, record: UUID) -> Record:
        """Return a record of a pool as members see it; it counts as looked at once a day.

        Raises `NotFound` for one that is not there any more, `Forbidden` past the day's limit.
        """
        (found,) = self.reader.get(self.through(ctx, pool), pool.entity, [record])
        if pool.daily_views:
            self.database.unit(ctx, lambda connection: _count_view(ctx, connection, pool, record))
        return found

    @refused_as("give_back_refused")
    def give_back(self, ctx: Context, pool: Pool, record: UUID, note: str) -> None:
        """Give a record back to its pool, with a reason; the person must be free to pass it on."""
        _require_writing(ctx, pool)
        self.reader.get(ctx, pool.entity, [record])
        note = remark("reason", note).strip()
        if not note:
            raise RecordRefused([FieldError("required", ("reason",))])
        if len(note) > LONGEST_NOTE:
            raise RecordRefused([FieldError("too_long", ("reason",), {"max": LONGEST_NOTE})])

        def unit(connection: Connection) -> None:
            hold_request(ctx, connection)
            self._give_back(ctx, connection, pool, record, note)
            settle(ctx, connection, None)

        self.database.unit(ctx, unit)

    def takes(self, ctx: Context, entity: str, record: UUID) -> tuple[Pool, ...]:
        """Return the pools that a person may give a record back to."""
        pools = [each for each in ctx.model.pools.values() if each.active and each.entity == entity]
        if not pools:
            return ()
        with self.database.reading(ctx) as connection:
            if not _may_pass_on(ctx, connection, self.hands.policy, pools[0], record):
                return ()
            work = self._work(ctx, connection)
            return tuple(each for each in pools if _is_held(work, each, record))

    def past(self, ctx: Context, entity: str, record: UUID) -> list[Holding]:
        """Return who had a record, the latest first, to whoever may read it."""
        with self.database.reading(ctx) as connection:
            return of_record(connection, ctx, entity, record)

    def names(self, ctx: Context, people: Collection[UUID]) -> Mapping[UUID, LinkValue]:
        """Return what people are called, by their rows of `user`."""
        with self.database.reading(ctx) as connection:
            return titles_of(ctx, self.hands.policy, connection, "user", people)

    def clocks(self, ctx: Context, entity: str, record: UUID) -> Mapping[str, Clock]:
        """Return the last clock of each group of targets of a record, as the app orders them."""
        with self.database.reading(ctx) as connection:
            found = of_records(connection, ctx, entity, [record]).get(record, {})
        groups = (*groups_of(levels_of(ctx.compiled, entity)), *found)
        return {group: found[group] for group in dict.fromkeys(groups) if group in found}

    def warning(self, ctx: Context, entity: str, record: UUID) -> Warned | None:
        """Return the warning that stands for a record, to whoever may read that."""
        pools = [each for each in ctx.model.pools.values() if each.active and each.entity == entity]
        for pool in pools:
            with self.database.reading(ctx) as connection:
                found = warnings_of(connection, ctx, pool.key, [record]).get(record)
            due = due_after(ctx, pool, found.at) if found is not None else None
            if found is not None and due is not None:
                return Warned(pool.key, due, found.reason)
        return None

    def _work(self, ctx: Context, connection: Connection) -> Work:
        return Work.begin(ctx, connection, self.hands.policy)

    def _is_member(self, ctx: Context, pool: Pool) -> bool:
        if not pool.active or ctx.model.entities[pool.entity].off:
            return False
        named = set(pool.members.roles)
        everything = holds_everything(ctx.actor, roles_of(ctx))
        if named and not everything and not named.intersection(ctx.actor.roles):
            return False
        where = pool.members.where
        if where is None:
            return True
        with self.database.reading(ctx) as connection:
            stand = Stand("user", ctx.actor.user)
            key = ("member of", pool.key)
            return bool(values_here(self._work(ctx, connection), stand, [where], key)[0])

    def _give_back(
        self, ctx: Context, connection: Connection, pool: Pool, record: UUID, note: str
    ) -> None:
        work = Work.begin(acting(ctx, pool), connection, self.hands.policy)
        work.lock({(pool.entity, record)})
        entity = ctx.model.entities[pool.entity]
        if not _may_pass_on(ctx, connection, self.hands.policy, pool, record):
            raise Forbidden(action="update", entity=entity.name, id=str(record))
        if not _is_held(work, pool, record):
            raise RecordRefused([FieldError("not_for_pool", (), {"pool": pool.label})])
        held = work.read(pool.entity, [record])[record]
        former = held[entity.fields["owner"].column]
        writing = self.hands.writing(connection)
        writing.update(work.ctx, pool.entity, [Edit(record, {"owner": None})])
        by, at = ctx.actor.user, ctx.now
        entry = Holding(pool.entity, record, "returned", by, at, pool.key, None, former, note=note)
        keep(connection, ctx, [entry])


def _require_writing(ctx: Context, pool: Pool) -> None:
    entity = ctx.model.entities[pool.entity]
    if not token_allows(ctx, entity, "update"):
        raise Forbidden(action="update", entity=entity.name)


def _is_held(work: Work, pool: Pool, record: UUID) -> bool:
    """Return whether somebody has a record that belongs to a pool."""
    held = work.read(pool.entity, [record]).get(record)
    owner = work.entity(pool.entity).fields["owner"].column
    if held is None or held[owner] is None:
        return False
    if pool.when is None:
        return True
    return bool(
        values_here(work, Stand(pool.entity, record), [pool.when], ("of pool", pool.key))[0]
    )


def _may_pass_on(
    ctx: Context, connection: Connection, policy: Policy, pool: Pool, record: UUID
) -> bool:
    may = policy.permitted(ctx, connection, [record], entity=pool.entity, action="assign")
    return record in may


def _count_view(ctx: Context, connection: Connection, pool: Pool, record: UUID) -> None:
    since = midnight(ctx)
    if seen_already(connection, ctx, pool.key, record, since):
        return
    looks_alone(connection, ctx, pool.key)
    if seen_already(connection, ctx, pool.key, record, since):
        return
    seen = count_by(connection, ctx, pool.key, "seen", since)
    if seen >= pool.daily_views:
        raise SeenEnough(pool=pool.label, max=pool.daily_views)
    by = ctx.actor.user
    keep(connection, ctx, [Holding(pool.entity, record, "seen", by, ctx.now, pool.key)])
