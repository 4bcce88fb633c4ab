"""What is kept of who had a record: claimed, given, given back, taken back, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Column, Connection, Table, and_, func, insert, or_, select, update

from engine.context import Context
from engine.notices.tables import columns_of
from engine.values.identity import new_id
from metamodel.duties import Pool

HOLDING = "sys_holding"

Act = Literal["claimed", "given", "returned", "withdrawn", "seen", "warned", "was_warned"]
"""What became of a record: claimed from a pool; given by somebody, or left without a holder;
given back by a person; taken back by time; looked at in a pool; its holder warned, and warned
formerly."""

MOVES: tuple[Act, ...] = ("claimed", "given", "returned", "withdrawn")
"""What changed who has a record."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One line of it; `pool` is a key, blank where none had to do with it.

    `holder` is who has the record afterwards, `former` who had it before. `reason` names a
    condition of the pool, `note` is what a person wrote.
    """

    entity: str
    record: UUID
    act: Act
    by: UUID
    at: datetime
    pool: str = ""
    holder: UUID | None = None
    former: UUID | None = None
    reason: str = ""
    note: str = ""
    id: UUID | None = None


def keep(connection: Connection, ctx: Context, entries: Sequence[Holding]) -> None:
    """Keep what became of records."""
    if not entries:
        return
    table, column = _table(ctx)
    connection.execute(insert(table), [
        {column["id"].name: new_id(ctx.now)}
        | {column[key].name: getattr(each, key) for key in _KEYS}
        for each in entries
    ])  # fmt: skip


_KEYS = ("entity", "record", "pool", "act", "holder", "former", "by", "at", "reason", "note")


def count_by(connection: Connection, ctx: Context, pool: str, act: Act, since: datetime) -> int:
    """Return how many records whoever acts has, say, claimed from a pool since an instant."""
    table, column = _table(ctx)
    mine = (column["by"] == ctx.actor.user, column["at"] >= since)
    statement = select(func.count(column["record"].distinct())).select_from(table)
    found = connection.execute(statement.where(*mine, column["pool"] == pool, column["act"] == act))
    return int(found.scalar_one())


def seen_already(
    connection: Connection, ctx: Context, pool: str, record: UUID, since: datetime
) -> bool:
    """Return whether whoever acts has looked at a record of a pool since an instant."""
    table, column = _table(ctx)
    mine = (column["by"] == ctx.actor.user, column["at"] >= since)
    here = (column["pool"] == pool, column["record"] == record, column["act"] == "seen")
    statement = select(column["id"]).select_from(table).where(*mine, *here).limit(1)
    return connection.execute(statement).first() is not None


def looks_alone(connection: Connection, ctx: Context, pool: str) -> None:
    """Wait for other first looks of whoever acts at records of a pool: they count together.

    What they look at, what others look at, and claims are not waited for.
    """
    whose = func.concat_ws("/", ctx.tenant.schema, pool, str(ctx.actor.user))
    lock = func.pg_advisory_xact_lock(func.hashtextextended(whose, 12))
    connection.execute(select(lock))


def lost_after(
    connection: Connection, ctx: Context, pool: Pool, since: datetime
) -> frozenset[UUID]:
    """Return the records that whoever acts gave back to a pool, or lost to it, after an instant.

    Whoever left a record without a holder by any other door gave it back, too.
    """
    table, column = _table(ctx)
    back = and_(column["pool"] == pool.key, column["act"].in_(("returned", "withdrawn")))
    left = and_(
        column["entity"] == pool.entity, column["act"] == "given", column["holder"].is_(None)
    )
    mine = (column["former"] == ctx.actor.user, column["at"] > since, or_(back, left))
    rows = connection.execute(select(column["record"]).select_from(table).where(*mine))
    return frozenset(row[0] for row in rows)


def of_record(
    connection: Connection, ctx: Context, entity: str, record: UUID, limit: int = 50
) -> list[Holding]:
    """Return who had a record, the latest first."""
    table, column = _table(ctx)
    here = (column["entity"] == entity, column["record"] == record)
    statement = select(*column.values()).where(*here, column["act"].in_(MOVES))
    statement = statement.order_by(column["at"].desc(), column["id"].desc()).limit(limit)
    return [_holding(column, row) for row in connection.execute(statement)]


def warnings_of(
    connection: Connection, ctx: Context, pool: str, records: Sequence[UUID] | None = None
) -> Mapping[UUID, Holding]:
    """Return the warnings of a pool that stand, by record: of some, or of all."""
    table, column = _table(ctx)
    here = (column["pool"] == pool, column["act"] == "warned")
    statement = select(*column.values()).select_from(table).where(*here)
    if records is not None:
        statement = statement.where(column["record"].in_(list(records)))
    found = (_holding(column, row) for row in connection.execute(statement))
    return {each.record: each for each in found}


def close_warnings(connection: Connection, ctx: Context, ended: Sequence[Holding]) -> None:
    """Keep that warnings do not stand any more."""
    if ended:
        table, column = _table(ctx)
        ids = [each.id for each in ended]
        former = {column["act"].name: "was_warned"}
        connection.execute(update(table).where(column["id"].in_(ids)).values(former))


def _table(ctx: Context) -> tuple[Table, Mapping[str, Column[Any]]]:
    return columns_of(ctx, HOLDING)


def _holding(column: Mapping[str, Column[Any]], row: Any) -> Holding:  # Any: a row
    held = {key: row._mapping[each.name] for key, each in column.items()}
    texts = {key: held[key] or "" for key in ("pool", "reason", "note")}
    return Holding(**{**held, **texts})
