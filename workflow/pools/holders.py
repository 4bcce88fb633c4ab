"""Keeps who had the records of pools when their owner is changed by any other door.

Nobody takes more back from the trash for themselves than a pool lets them have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from engine.access.policy import Policy
from engine.changes import Change, RecordChange
from engine.context import Context
from engine.errors import FieldError, RecordRefused
from engine.records.draft import Draft
from engine.records.work import Work
from metamodel.duties import Pool
from workflow.pools.free import held_by
from workflow.pools.holdings import Holding, keep


@dataclass(frozen=True, slots=True)
class Holders:
    """Sees every change of an owner; a `Hooks`."""

    policy: Policy

    def concerns(self, ctx: Context, entity: str) -> bool:
        """Return False: a new record has had no holder."""
        return False

    def watches(self, ctx: Context, entity: str) -> bool:
        """Return whether it is to be kept who has records of an entity."""
        return entity in pools_by_entity(ctx)

    def before_commit(
        self, ctx: Context, connection: Connection, change: Change, records: Sequence[Draft]
    ) -> None:
        """Keep whose records became, and whose they were."""
        if ctx.cause.door == "pool" or not ctx.model.pools:
            return
        pools = pools_by_entity(ctx)
        if any(each.operation == "restore" for each in change.records):
            self._require_room(Work.begin(ctx, connection, self.policy), change)
        keep(connection, ctx, [
            _moved(ctx, pools[each.entity], each)
            for each in change.records
            if each.entity in pools and each.operation == "update" and "owner" in each.after
        ])  # fmt: skip

    def _require_room(self, work: Work, change: Change) -> None:
        """Raise `RecordRefused` where somebody has more than a limit by what they took back."""
        ctx = work.ctx
        limited = [each for each in ctx.model.pools.values() if each.active and each.hold_limit]
        for pool in limited if ctx.actor.kind == "person" else ():
            back = [each.id for each in change.records
                    if each.operation == "restore" and each.entity == pool.entity]  # fmt: skip
            if not back or not held_by(work, pool, back):
                continue
            # Claims and other records of theirs from the trash count together.
            work.lock({("user", ctx.actor.user)})
            if held_by(work, pool) > pool.hold_limit:
                said = {"pool": pool.label, "max": pool.hold_limit}
                raise RecordRefused([FieldError("holds_enough", (), said)])


def pools_by_entity(ctx: Context) -> Mapping[str, Pool]:
    """Return the first active pool of each entity that has one, kept with the model."""

    def find() -> Mapping[str, Pool]:
        active = [each for each in ctx.model.pools.values() if each.active]
        return {each.entity: each for each in reversed(active)}

    return ctx.compiled.keep("pools by entity", find)


def _moved(ctx: Context, pool: Pool, change: RecordChange) -> Holding:
    holder, former = change.after["owner"], change.before.get("owner")
    return Holding(
        entity=change.entity,
        record=change.id,
        act="given",
        by=ctx.actor.user,
        at=ctx.now,
        pool=pool.key,
        holder=holder if isinstance(holder, UUID) else None,
        former=former if isinstance(former, UUID) else None,
    )
