"""The one gate that every message to somebody passes: whether it may go now, and why not.

What is counted is the log itself, under a lock for each customer that holds until the message is
in it: of two that are written at once, one is seen by the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, func, or_, select

from engine.context import Context
from engine.notices.tables import columns_of
from metamodel.outward import ContactLimit
from workflow.lapses import after
from workflow.messages.addresses import mark_of
from workflow.messages.message import MESSAGE, Channel

Reason = Literal["", "tenant_quiet", "unsubscribed", "bounced", "too_often", "too_many"]

MOST_AN_HOUR = 60
"""Messages that one address is sent within an hour, whatever they say: programs talk for ever."""

SETTING = "contact_limit"
"""The setting in which a tenant says how many messages a customer is sent."""

HOUR = timedelta(hours=1)

WENT = ("waiting", "sent", "logged")
"""States of messages that count."""


@dataclass(frozen=True, slots=True)
class Passing:
    """A message at the gate: how and where it goes, the record it is for, what kind it is.

    `address` is written as the log has it.
    """

    channel: Channel
    address: str
    whom: UUID | None = None
    promotional: bool = False


def not_wanted(ctx: Context, connection: Connection, passing: Passing) -> Reason:
    """Return why an address is not written to whatever went there before; blank where it is."""
    if ctx.tenant.quiet:
        return "tenant_quiet"
    mark = mark_of(connection, ctx, passing.address)
    if passing.channel == "email" and mark.bounced_at is not None:
        return "bounced"
    return "unsubscribed" if passing.promotional and mark.unsubscribed_at is not None else ""


def held_back(ctx: Context, connection: Connection, passing: Passing) -> Reason:
    """Return why a message may not go; blank where it may."""
    reason = not_wanted(ctx, connection, passing)
    if reason:
        return reason
    if _went(ctx, connection, replace(passing, whom=None), ctx.now - HOUR) >= MOST_AN_HOUR:
        return "too_many"
    limit = ctx.model.app.contact_limit
    if passing.promotional and limit is not None and _is_full(ctx, connection, passing, limit):
        return "too_often"
    return ""


def _is_full(ctx: Context, connection: Connection, passing: Passing, limit: ContactLimit) -> bool:
    since = after(ctx.model, ctx.now, replace(limit.within, amount=-limit.within.amount))
    if since is None:
        return False
    connection.execute(select(func.pg_advisory_xact_lock(_lock_key(ctx, passing))))
    return _went(ctx, connection, passing, since) >= most_of(ctx, limit)


def most_of(ctx: Context, limit: ContactLimit) -> int:
    """Return how many messages a customer is sent: as the setting says, where there is one."""
    setting = ctx.model.settings.get(SETTING)
    said = ctx.settings.get(SETTING, setting.default) if setting is not None else None
    return limit.most if said is None else int(str(said))


def _went(ctx: Context, connection: Connection, passing: Passing, since: datetime) -> int:
    """Return how many messages a customer was sent since a moment, over all channels."""
    table, column = columns_of(ctx, MESSAGE)
    theirs = column["address"] == passing.address
    if passing.whom is not None:
        theirs = or_(theirs, column["whom"] == passing.whom)
    statement = select(func.count()).select_from(table).where(
        theirs, column["direction"] == "out", column["state"].in_(WENT), column["at"] > since
    )  # fmt: skip
    return int(connection.execute(statement).scalar_one())


def _lock_key(ctx: Context, passing: Passing) -> int:
    who = str(passing.whom or passing.address)
    named = f"{ctx.tenant.schema}\0{who}".encode()
    digest = blake2b(named, digest_size=8, person=b"contact limit").digest()
    return int.from_bytes(digest, "big", signed=True)
