"""What a tenant has set up to write and be written to by: mailboxes, and robots of groups.

It holds passwords, so it lies sealed under the installation's master key.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from engine.context import Context
from engine.errors import EngineError
from engine.notices.tables import columns_of
from engine.sealing import MasterKey, Unsealable
from engine.values.identity import new_id

SETTING = "sys_setting"

NAME = "channels"

RobotKind = Literal["wecom", "dingtalk"]


class ChannelsClosed(EngineError):
    """Passwords that were sealed under another master key: they have to be entered again."""

    code = "channels_closed"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mail to `address` is fetched from: a server that speaks IMAP over TLS.

    `plain` is for a server on this very machine, which speaks without.
    """

    address: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot of a group; its address holds a key, and `secret` signs what is said to it."""

    name: str
    kind: RobotKind
    address: str = field(repr=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Channels:
    """All that a tenant has set up."""

    mailboxes: tuple[Mailbox, ...] = ()
    robots: tuple[Robot, ...] = ()


@dataclass(frozen=True, slots=True)
class Cabinet:
    """Keeps what tenants have set up."""

    key: MasterKey

    def read(self, ctx: Context, connection: Connection) -> Channels:
        """Return what a tenant has set up; raise `ChannelsClosed`."""
        table, column = columns_of(ctx, SETTING)
        named = select(column["value"]).where(column["name"] == NAME)
        row = connection.execute(named).one_or_none()
        if row is None:
            return Channels()
        try:
            plain = self.key.open(bytes.fromhex(row[0]["sealed"]), purpose=_purpose(ctx))
        except Unsealable:
            raise ChannelsClosed from None
        found: dict[str, Any] = json.loads(plain)
        mailboxes = tuple(Mailbox(**each) for each in found["mailboxes"])
        return Channels(mailboxes, tuple(Robot(**each) for each in found["robots"]))

    def write(self, ctx: Context, connection: Connection, channels: Channels) -> None:
        """Keep what a tenant has set up."""
        table, column = columns_of(ctx, SETTING)
        plain = json.dumps(asdict(channels)).encode()
        value = {"sealed": self.key.seal(plain, purpose=_purpose(ctx)).hex()}
        row = {"id": new_id(ctx.now), "name": NAME, "value": value}
        statement = insert(table).values({column[key].name: each for key, each in row.items()})
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[column["name"]], set_={column["value"].name: value}
            )
        )


def _purpose(ctx: Context) -> str:
    return f"channels {ctx.tenant.schema}"
