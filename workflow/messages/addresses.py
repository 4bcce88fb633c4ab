"""Addresses that want nothing more, and those that cannot be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.context import Context
from engine.notices.tables import columns_of
from engine.values.identity import new_id

ADDRESS = "sys_address"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of an address; both blank: nothing that keeps it from being written to."""

    unsubscribed_at: datetime | None = None
    bounced_at: datetime | None = None
    reason: str = ""


def plain(address: str) -> str:
    """Return an address as it is compared."""
    return address.strip().lower()


def mark_of(connection: Connection, ctx: Context, address: str) -> Mark:
    """Return what is known of an address."""
    table, column = columns_of(ctx, ADDRESS)
    named = [column[key].label(key) for key in ("unsubscribed_at", "bounced_at", "reason")]
    wanted = column["address"] == plain(address)
    row = connection.execute(select(*named).where(wanted)).one_or_none()
    return Mark() if row is None else Mark(row[0], row[1], row[2] or "")


def unsubscribe(connection: Connection, ctx: Context, address: str) -> None:
    """Note that an address wants nothing more; when it said so first stays known."""
    _note(connection, ctx, address, {"unsubscribed_at": ctx.now})


def subscribe(connection: Connection, ctx: Context, address: str) -> None:
    """Note that an address wants to be written to again, and can be."""
    _clear(connection, ctx, address, ("unsubscribed_at", "bounced_at", "reason"))


def try_again(connection: Connection, ctx: Context, address: str) -> None:
    """Note that an address may be reached after all; what it wants stays known."""
    _clear(connection, ctx, address, ("bounced_at", "reason"))


def _clear(connection: Connection, ctx: Context, address: str, keys: tuple[str, ...]) -> None:
    table, column = columns_of(ctx, ADDRESS)
    cleared = {column[key].name: None for key in keys}
    connection.execute(update(table).where(column["address"] == plain(address)).values(**cleared))


def note_bounce(connection: Connection, ctx: Context, address: str, reason: str) -> None:
    """Note that an address cannot be reached, with what its server said."""
    _note(connection, ctx, address, {"bounced_at": ctx.now, "reason": reason[:500]})


def _note(
    connection: Connection, ctx: Context, address: str, said: dict[str, datetime | str]
) -> None:
    table, column = columns_of(ctx, ADDRESS)
    id_: UUID = new_id(ctx.now)
    named = {column[key].name: value for key, value in said.items()}
    statement = insert(table).values(
        {column["id"].name: id_, column["address"].name: plain(address), **named}
    )
    known = {name: func.coalesce(table.c[name], statement.excluded[name]) for name in named}
    connection.execute(
        statement.on_conflict_do_update(index_elements=[column["address"]], set_=known)
    )
