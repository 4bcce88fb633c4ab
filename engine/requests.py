"""What makes a repeated request harmless: its answer is kept in the transaction of its effect.

A unit claims its request's key first, so that a repeat never meets locks or rules that the
first has changed; the answer is written last. Without a key nothing is kept.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select

from engine.context import Context
from engine.once import Answer, KeyReused, KeyRunning, Once, Repeated
from engine.values.identity import new_id

ENTITY = "sys_request"

KEPT = timedelta(hours=24)
"""How long an answer is given again."""

SWEPT = 20
"""How many outlived answers a request with a key takes away."""


def claim(ctx: Context, connection: Connection) -> None:
    """Hold the request's key until the unit ends.

    Raises `Repeated` where it was answered before, `KeyReused` where the key stood for something
    else, `KeyRunning` while another unit holds it.
    """
    if ctx.once is None or not ctx.once.key:
        return
    lock = func.pg_try_advisory_xact_lock(_lock_key(ctx, ctx.once))
    if not connection.execute(select(lock)).scalar_one():
        raise KeyRunning(key=ctx.once.key)
    table, column = _table(ctx)
    kept = connection.execute(
        select(
            *(table.c[column[key]].label(key) for key in ("digest", "status", "body", "headers"))
        )
        .where(*_is_of(ctx, ctx.once), table.c[column["at"]] > ctx.now - KEPT)
        .order_by(table.c[column["at"]].desc())
        .limit(1)
    ).one_or_none()
    if kept is None:
        return
    if kept.digest != ctx.once.digest:
        raise KeyReused(key=ctx.once.key)
    raise Repeated(Answer(int(kept.status), kept.body, kept.headers))


def settle(ctx: Context, connection: Connection, done: object) -> None:
    """Keep the answer to what the unit has done, and take away what is older than a day."""
    once = ctx.once
    if once is None:
        return
    answer = once.answer(connection, done)
    if not once.key:
        return
    table, column = _table(ctx)
    values: dict[str, Any] = {
        "actor": ctx.actor.user,
        "key": once.key,
        "route": once.route,
        "digest": once.digest,
        "status": answer.status,
        "body": answer.body,
        "headers": dict(answer.headers),
        "at": ctx.now,
    }
    named = {column[key]: value for key, value in values.items()}
    connection.execute(insert(table), {"id": new_id(ctx.now), **named})
    outlived = (
        select(table.c.id)
        .where(table.c[column["at"]] < ctx.now - KEPT)
        .limit(SWEPT)
        .with_for_update(skip_locked=True)
    )
    connection.execute(delete(table).where(table.c.id.in_(outlived)))


def _table(ctx: Context) -> tuple[Table, dict[str, str]]:
    fields = ctx.model.entities[ENTITY].fields
    columns = {key: item.column for key, item in fields.items() if item.column}
    return ctx.compiled.tables.of(ENTITY), columns


def _is_of(ctx: Context, once: Once) -> tuple[Any, ...]:
    table, column = _table(ctx)
    wanted = {"actor": ctx.actor.user, "route": once.route, "key": once.key}
    return tuple(table.c[column[key]] == value for key, value in wanted.items())


def _lock_key(ctx: Context, once: Once) -> int:
    name = "\0".join((ctx.tenant.schema, str(ctx.actor.user), once.route, once.key))
    digest = blake2b(name.encode(), digest_size=8, person=b"request").digest()
    return int.from_bytes(digest, "big", signed=True)
