"""Carries messages that wait in the log, each until it is taken or cannot be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.database import Database
from engine.errors import EngineError
from engine.jobs import Job
from workflow.messages.addresses import note_bounce
from workflow.messages.errors import Unreachable
from workflow.messages.gate import Passing, not_wanted
from workflow.messages.message import Message, State, change, take
from workflow.messages.results import is_withdrawn

UNSENT: frozenset[State] = frozenset({"waiting", "failed"})


class Carrier(Protocol):
    """Hands messages of one channel to whoever brings them to people."""

    def carry(self, ctx: Context, message: Message) -> Mapping[str, object] | None:
        """Hand a message over, under an id that tells one which comes twice.

        What it returns is kept along with the message.
        Raises `Unreachable` where that is of no use, any other `EngineError` where it is tried
        again.
        """
        ...


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Carries one message; a `jobs.Task`, tried again for about a day.

    A worker that dies after a message was taken, and before that is kept, sends it once more
    under the same id.
    """

    database: Database
    system: Callable[[str], Context]
    carriers: Mapping[str, Carrier]
    attempts: int = 10

    def run(self, job: Job) -> None:
        """Carry the message of a job; raise what keeps it from being tried no more."""
        ctx, id_ = self.system(job.tenant), UUID(job.payload["message"])
        message = self.database.unit(ctx, lambda connection: _taken(ctx, connection, id_))
        if message is None:
            return
        message = replace(message, attempts=message.attempts + 1)
        try:
            told = self._carry(ctx, message)
        except Unreachable as error:
            said = str(error.params.get("said", ""))
            self._keep(ctx, replace(message, state="bounced", error=said, done_at=ctx.now))
        except EngineError as error:
            last = job.attempt >= self.attempts
            state: State = "failed" if last else "waiting"
            done_at = ctx.now if last else None
            self._keep(ctx, replace(message, state=state, error=error.code, done_at=done_at))
            raise
        else:
            self._keep(ctx, replace(message, state="sent", error="", done_at=ctx.now,
                                    detail={**message.detail, **(told or {})}))  # fmt: skip

    def _carry(self, ctx: Context, message: Message) -> Mapping[str, object] | None:
        return self.carriers[message.channel].carry(ctx, message)

    def _keep(self, ctx: Context, message: Message) -> None:
        def unit(connection: Connection) -> None:
            change(connection, ctx, message)
            if message.state == "bounced":
                note_bounce(connection, ctx, message.address, message.error)

        self.database.unit(ctx, unit)


def _taken(ctx: Context, connection: Connection, id_: UUID) -> Message | None:
    """Return a message to be carried; one that is not wanted any more is held back for good."""
    message = take(connection, ctx, id_)
    if message is None or message.state not in UNSENT:
        return None
    promotional = bool(message.detail.get("promotional"))
    passing = Passing(message.channel, message.address, message.whom, promotional)
    reason = not_wanted(ctx, connection, passing) or is_withdrawn(ctx, connection, message)
    if reason:
        change(connection, ctx, replace(message, state="held", error=reason, done_at=ctx.now))
        return None
    return message
