"""Encrypting values that are there already: when a field becomes encrypted, or its key turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.database import driver_of
from engine.schema.ddl import qualified
from engine.schema.names import quoted
from engine.values.sealed import Sealed, Spot
from engine.vault.ring import Ring
from metamodel.model import Field


def seal_column(
    connection: Connection, ctx: Context, field: Field, former: str, ids: Sequence[UUID]
) -> None:
    """Encrypt what the column `former` holds in the clear for these records; what is so stays."""
    # All names are the model's own; every value is a bind.
    statement = f"SELECT id, {quoted(former)} FROM {_table(ctx, field)} WHERE id = ANY(%s)"  # noqa: S608
    rows = driver_of(connection).execute(statement.encode(), (list(ids),)).fetchall()
    ring = ctx.rings.ring(ctx.tenant, connection)
    write(connection, ctx, field, ((id_, _sealed(ring, field, id_, text)) for id_, text in rows))


def reseal(
    connection: Connection,
    ctx: Context,
    ring: Ring,
    field: Field,
    rows: Iterable[tuple[UUID, bytes]],
) -> None:
    """Encrypt values anew, under the current version of the key."""
    opened = (
        (id_, ring.open(Spot(field.entity, field.key, id_), bytes(body))) for id_, body in rows
    )
    write(connection, ctx, field, ((id_, _sealed(ring, field, id_, text)) for id_, text in opened))


def write(
    connection: Connection, ctx: Context, field: Field, values: Iterable[tuple[UUID, Sealed | None]]
) -> None:
    """Put encrypted values into their columns, where they differ from what is there."""
    found = list(values)
    if not found:
        return
    tail = f", {quoted(field.tail_column)} = v.tail" if field.tail_column else ""
    column = quoted(field.column)
    statement = (
        f"UPDATE {_table(ctx, field)} t"  # noqa: S608 - names of the model
        f" SET {column} = v.body, {quoted(field.blind_column)} = v.blind{tail}"
        " FROM unnest(%s::uuid[], %s::bytea[], %s::text[], %s::text[]) v(id, body, blind, tail)"
        f" WHERE t.id = v.id AND t.{column} IS DISTINCT FROM v.body"
    )
    columns = (
        [id_ for id_, _ in found],
        [sealed and sealed.body for _, sealed in found],
        [sealed and sealed.blind for _, sealed in found],
        [sealed and sealed.tail for _, sealed in found],
    )
    driver_of(connection).execute(statement.encode(), columns)


def _sealed(ring: Ring, field: Field, id_: UUID, text: str | None) -> Sealed | None:
    if not text:
        return None
    return ring.seal(Spot(field.entity, field.key, id_), text, tail=bool(field.tail_column))


def _table(ctx: Context, field: Field) -> str:
    return qualified(ctx.tenant.schema, ctx.model.entities[field.entity].table)
