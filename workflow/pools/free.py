"""The records of a pool: those that nobody has, those that somebody has, as statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
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

_WITHOUT = bindparam("without", type_=ARRAY(Uuid()))

Standing = Literal["taken", "elsewhere", "free"]


def take_free(
    work: Work, pool: Pool, most: int, without: Collection[UUID], ids: Sequence[UUID] | None = None
) -> list[UUID]:
    """Return records of a pool that nobody has, locked: those named, or the oldest.

    What others are at is passed over, and so is what is to be left out.
    """

    def make() -> Select[Any]:
        source, free = _free(work, pool)
        chosen = [*free, not_(source.row.c.id == any_(_WITHOUT))]
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

    values: dict[str, Any] = {"most": most, "without": list(without)}
    if ids is not None:
        values["ids"] = list(ids)
    return [row[0] for row in work.run(("free", pool.key, ids is not None), make, **values)]


def standing(work: Work, pool: Pool, ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """Return how records stand that are there at all: taken, elsewhere, or in the pool."""

    def make() -> Select[Any]:
        source, free = _free(work, pool)
        holder = source.row.c[_owner(work, pool)]
        facts = (holder.is_(None).label("unowned"), and_(*free).label("free"))
        return (
            select(source.row.c.id, *facts)
            .select_from(source.joins.clause())
            .where(source.row.c.id == any_(IDS), *source.alive())
        )

    rows = work.run(("standing", pool.key), make, ids=list(ids))
    return {
        id_: "taken" if not unowned else "free" if free else "elsewhere"
        for id_, unowned, free in rows
    }


def held_by(work: Work, pool: Pool, ids: Sequence[UUID] | None = None) -> int:
    """Return how many records whoever acts has that the pool would take back some day.

    With `ids`, how many of these.
    """

    def make() -> Select[Any]:
        source = _source(work, pool)
        belongs = [*source.alive(), source.row.c[_owner(work, pool)] == _ME]
        if pool.when is not None:
            belongs.append(compile_filter(pool.when, source))
        if pool.exempt is not None:
            belongs.append(not_(compile_filter(pool.exempt, source)))
        if ids is not None:
            belongs.append(source.row.c.id == any_(IDS))
        return select(func.count()).select_from(source.joins.clause()).where(*belongs)

    values: dict[str, Any] = {"me": work.ctx.actor.user} | ({} if ids is None else {"ids": [*ids]})
    return int(work.run(("held", pool.key, ids is not None), make, **values)[0][0])


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
        causes = [compile_filter(pool.returns[name].when, source) for name in names]
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


def _given(work: Work, pool: Pool, source: RowSource, holder: Any) -> Any:  # Any: SQL
    table, column = columns_of(work.ctx, HOLDING)
    return exists().where(
        column["entity"] == pool.entity,
        column["record"] == source.row.c.id,
        column["act"].in_(("claimed", "given")),
        column["holder"] == holder,
        column["at"] > _SINCE,
    )
