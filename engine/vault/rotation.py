"""Turning a tenant's key: every value is encrypted anew, some at a time, while people work.

Safe to stop anywhere and to call again: what is under the newest version is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, LargeBinary, func, select

from engine.context import Context
from engine.database import Database
from engine.vault.filling import reseal
from engine.vault.keys import Vault
from engine.vault.ring import VERSION_BYTES, version_mark
from metamodel.model import Field

BATCH = 2_000
"""Values in one transaction: few enough that nobody waits for long."""

Progress = Callable[[int], None]
"""Told after each transaction how many values are done."""


def encrypted_fields(ctx: Context) -> Iterator[Field]:
    """Yield every field that holds ciphertext, retired ones included."""
    for entity in ctx.model.entities.values():
        yield from (each for each in entity.fields.values() if each.encrypted and each.column)


def turn(
    database: Database, vault: Vault, ctx: Context, *, progress: Progress | None = None
) -> int:
    """Encrypt everything under the newest version of the key; return how many values were not.

    The versions before stay: backups and clones of that time need them.
    """
    done, newest = 0, vault.ring(ctx.tenant).current
    for field in encrypted_fields(ctx):
        while found := database.unit(ctx, partial(_some, ctx, field)):
            done += found
            if progress is not None:
                progress(done)
    vault.retire(ctx.tenant, newest)
    return done


def due(database: Database, ctx: Context) -> int:
    """Return how many values are not under the newest version of the key."""
    with database.reading(ctx) as connection:
        newest = ctx.rings.ring(ctx.tenant, connection).current
        counts = (
            connection.execute(
                select(func.count())
                .select_from(ctx.compiled.tables.of(field.entity))
                .where(_differs(ctx, field, newest))
            ).scalar_one()
            for field in encrypted_fields(ctx)
        )
        return sum(counts)


def _some(ctx: Context, field: Field, connection: Connection) -> int:
    """Encrypt some values anew; return how many they were."""
    ring = ctx.rings.ring(ctx.tenant, connection)
    table = ctx.compiled.tables.of(field.entity)
    rows: list[tuple[UUID, bytes]] = [
        (row[0], row[1])
        for row in connection.execute(
            select(table.c.id, table.c[field.column])
            .where(_differs(ctx, field, ring.current))
            .order_by(table.c.id)
            .limit(BATCH)
            .with_for_update()
        )
    ]
    reseal(connection, ctx, ring, field, rows)
    return len(rows)


def _differs(ctx: Context, field: Field, version: int) -> Any:  # Any: a condition of SQLAlchemy's
    mark = version_mark(version)
    return func.substr(_column(ctx, field), 1, 1 + VERSION_BYTES, type_=LargeBinary()) != mark


def _column(ctx: Context, field: Field) -> Any:  # Any: a column of bytes
    return ctx.compiled.tables.column(field.entity, field.column)
