"""The records of a pool: those that nobody has, those that somebody has, as statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
)

from engine.notices.tables import columns_of
from engine.query.joins import RowSource
from engine.records.work import IDS, Work
from formula import compile_filter
from metamodel.duties import Pool
from workflow.pools.holdings import HOLDING

_ME = bindparam("me", type_=Uuid())

_SINCE = bindparam("since", type_=DateTime(timezone=True))


def take_free(
    work: Work, pool: Pool, most: int, since: datetime | None, ids: Sequence[UUID] | None = None
) -> list[UUID]:
    """Return records of a pool that whoever acts may have, locked: those named, or the oldest.

    What others are at is passed over. Nobody takes what they lost after `since`.
    """

    def make() -> Select[Any]:
        source, free = _free(work, pool)
        chosen = [*free, not_(_lost(work, pool, source))]
        if ids is not None:
            chosen.append(source.row.c.id == any_(IDS))
        return (
            select(source.row.c.id)
            .select_from(source.joins.clause())
            .where(*chosen)
            .order_by(source.row.c.id)
            .limit(bindparam("most", type_=Integer()))
            .with_for_update(of=source.row, key_share=True, skip_locked=True)
        )

    values: dict[str, Any] = {"me": work.ctx.actor.user, "since": since or work.ctx.now}
    if ids is not None:
        values["ids"] = list(ids)
    key = ("free", pool.key, ids is not None)
    return [row[0] for row in work.run(key, make, most=most, **values)]


def standing(
    work: Work, pool: Pool, ids: Sequence[UUID], since: datetime | None
) -> dict[UUID, str]:
    """Return why records are not to be had now, as far as they are there at all."""

    def make() -> Select[Any]:
        source, free = _free(work, pool)
        holder = source.row.c[_owner(work, pool)]
        facts = (holder.is_(None), and_(*free), _lost(work, pool, source))
        named = [fact.label(f"f{at}") for at, fact in enumerate(facts)]
        return (
            select(source.row.c.id, *named)
            .select_from(source.joins.clause())
            .where(source.row.c.id == any_(IDS), *source.alive())
        )

    values = {"me": work.ctx.actor.user, "since": since or work.ctx.now}
    rows = work.run(("standing", pool.key), make, ids=list(ids), **values)
    return {row[0]: _why(*row[1:]) for row in rows}


def held_by(work: Work, pool: Pool) -> int:
    """Return how many records whoever acts has that the pool would take back some day."""

    def make() -> Select[Any]:
        source = _source(work, pool)
        belongs = [*source.alive(), source.row.c[_owner(work, pool)] == _ME]
        if pool.when is not None:
            belongs.append(compile_filter(pool.when, source))
        if pool.exempt is not None:
            belongs.append(not_(compile_filter(pool.exempt, source)))
        return select(func.count()).select_from(source.joins.clause()).where(*belongs)

    return int(work.run(("held", pool.key), make, me=work.ctx.actor.user)[0][0])


def losing(
    work: Work, pool: Pool, since: datetime, ids: Sequence[UUID] | None = None
) -> dict[UUID, tuple[UUID, str]]:
    """Return the records that time takes back at the work's moment: from whom, and why.

    Nobody loses what they were given after `since`.
    """
    names = tuple(pool.returns)

    def make() -> Select[Any]:
        source = _source(work, pool)
        holder = source.row.c[_owner(work, pool)]
        causes = [compile_filter(pool.returns[name], source) for name in names]
        chosen = [*source.alive(), holder.is_not(None), or_(*causes)]
        if pool.protected is not None:
            chosen.append(not_(_given(work, pool, source, holder)))
        if pool.when is not None:
            chosen.append(compile_filter(pool.when, source))
        if pool.exempt is not None:
            chosen.append(not_(compile_filter(pool.exempt, source)))
        if ids is not None:
            chosen.append(source.row.c.id == any_(IDS))
        named = [cause.label(f"r{at}") for at, cause in enumerate(causes)]
        return (
            select(source.row.c.id, holder, *named)
            .select_from(source.joins.clause())
            .where(*chosen)
            .order_by(source.row.c.id)
        )

    values: dict[str, Any] = {"since": since} if ids is None else {"since": since, "ids": list(ids)}
    rows = work.run(("losing", pool.key, ids is not None), make, **values)
    return {
        row[0]: (row[1], next(name for name, holds in zip(names, row[2:], strict=True) if holds))
        for row in rows
    }


def _source(work: Work, pool: Pool) -> RowSource:
    compiled = work.ctx.compiled
    return RowSource.over(compiled, pool.entity, compiled.tables.of(pool.entity).alias())


def _owner(work: Work, pool: Pool) -> str:
    return work.entity(pool.entity).fields["owner"].column


def _free(work: Work, pool: Pool) -> tuple[RowSource, list[Any]]:
    """Return rows of a pool's entity, and what makes one of them free. Any: conditions in SQL."""
    source = _source(work, pool)
    free: list[Any] = [*source.alive(), source.row.c[_owner(work, pool)].is_(None)]
    if pool.when is not None:
        free.append(compile_filter(pool.when, source))
    return source, free


def _lost(work: Work, pool: Pool, source: RowSource) -> Any:  # Any: a condition in SQL
    table, column = columns_of(work.ctx, HOLDING)
    return exists().where(
        column["entity"] == pool.entity,
        column["record"] == source.row.c.id,
        column["pool"] == pool.key,
        column["act"].in_(("returned", "withdrawn")),
        column["former"] == _ME,
        column["at"] > _SINCE,
    )


def _given(work: Work, pool: Pool, source: RowSource, holder: Any) -> Any:  # Any: SQL
    table, column = columns_of(work.ctx, HOLDING)
    return exists().where(
        column["entity"] == pool.entity,
        column["record"] == source.row.c.id,
        column["act"].in_(("claimed", "given")),
        column["holder"] == holder,
        column["at"] > _SINCE,
    )


def _why(unowned: bool, free: bool, lost: bool) -> str:
    if not unowned:
        return "taken"
    if not free:
        return "elsewhere"
    return "cooling" if lost else "busy"
