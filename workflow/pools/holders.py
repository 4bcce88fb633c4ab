"""Keeps who had the records of pools when their owner is changed by any other door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from engine.changes import Change, RecordChange
from engine.context import Context
from engine.records.draft import Draft
from metamodel.duties import Pool
from workflow.pools.holdings import Holding, keep


class Holders:
    """Sees every change of an owner; a `Hooks`."""

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
        keep(connection, ctx, [
            _moved(ctx, pools[each.entity], each)
            for each in change.records
            if each.entity in pools and each.operation == "update" and "owner" in each.after
        ])  # fmt: skip


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
