"""How the last look into each mailbox ended, for those who set it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from engine.context import Context
from engine.notices.tables import columns_of
from engine.values.identity import new_id
from workflow.messages.addresses import plain
from workflow.messages.channels import SETTING, Mailbox


@dataclass(frozen=True, slots=True)
class Look:
    """When a mailbox was looked into, and what went wrong, as a code; blank: nothing."""

    at: datetime
    why: str


def look_ended(connection: Connection, ctx: Context, mailbox: Mailbox, why: str) -> None:
    """Keep how a look into a mailbox ended."""
    table, column = columns_of(ctx, SETTING)
    value = {"at": ctx.now.isoformat(), "why": why}
    row = {"id": new_id(ctx.now), "name": _named(mailbox), "value": value}
    statement = insert(table).values({column[key].name: each for key, each in row.items()})
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[column["name"]], set_={column["value"].name: value}
        )
    )


def last_look(connection: Connection, ctx: Context, mailbox: Mailbox) -> Look | None:
    """Return how the last look into a mailbox ended; None before the first."""
    table, column = columns_of(ctx, SETTING)
    named = select(column["value"]).where(column["name"] == _named(mailbox))
    found = connection.execute(named).scalar_one_or_none()
    return None if found is None else Look(datetime.fromisoformat(found["at"]), found["why"])


def _named(mailbox: Mailbox) -> str:
    return f"mailbox {plain(mailbox.address)}"
