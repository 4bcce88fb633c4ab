"""What a record shows of a mail that was opened: since when, how often; it never goes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.database import Database
from engine.doors import Edit
from engine.errors import NotFound
from engine.jobs import Job
from workflow.messages.following import Deed
from workflow.messages.message import Message, one
from workflow.messages.results import (
    FOLLOWED,
    OPTIONS,
    Shows,
    Writing,
    edit_of,
    reached,
    shown_now,
)

FURTHER: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"sent", "opened", "clicked"}),
    "sent": frozenset({"opened", "clicked"}),
    "opened": frozenset({"clicked"}),
}
"""Where each option of a state goes on to, as a mail is seen; from others nothing leads on."""


@dataclass(frozen=True, slots=True)
class Seen:
    """That a mail was opened, or a link of it followed, and when."""

    deed: Deed
    at: str


def seen_edit(ctx: Context, record: UUID, message: Message, shows: Shows, seen: Seen) -> Edit:
    """Return what a record shows from now on of its mail, which was seen once more."""
    shown = message.detail["result"]
    now = {**shows, **_counted(shows, seen)}
    fields = ctx.model.entities[shown["entity"]].fields
    news = (name for name in FOLLOWED if name in shows and now[name] != shows[name])
    values = {fields[shown[name]].name: now[name] for name in news}
    state = fields[shown["state"]]
    told = reached(state, OPTIONS[message.state], now)
    if told in FURTHER.get(shows["state"], ()):
        # One that does not yet show when it went, shows that by the way.
        went = edit_of(ctx, record, shown, message).values if shows["state"] == "queued" else {}
        values = {**went, **values, state.name: told}
    return Edit(record, values)


def _counted(shows: Shows, seen: Seen) -> Mapping[str, Any]:
    """Return since when and how often a mail was seen. Any: moments and numbers."""
    clicked = seen.deed == "clicked"
    opens, clicks = int(shows.get("opens") or 0), int(shows.get("clicks") or 0)
    return {
        "opened": shows.get("opened") or seen.at,
        "clicked": shows.get("clicked") or (seen.at if clicked else None),
        # Whoever follows a link has opened the mail, though its pictures may not be shown.
        "opens": max(opens, 1) if clicked else opens + 1,
        "clicks": clicks + clicked,
    }


@dataclass(frozen=True, slots=True)
class NoteSeen:
    """Has a record show that its mail was seen; a `jobs.Task`."""

    database: Database
    writing: Writing
    system: Callable[[str], Context]
    attempts: int = 5

    def run(self, job: Job) -> None:
        """Write it into the record; one that is gone shows nothing any more."""
        ctx, id_ = self.system(job.tenant), UUID(job.payload["message"])
        seen = Seen(job.payload["deed"], job.payload["at"])

        def unit(connection: Connection) -> None:
            message = one(connection, ctx, id_)
            shown = message.detail.get("result") if message is not None else None
            if message is None or message.record is None or not shown:
                return
            shows = shown_now(ctx, connection, message.record, shown)
            if shows is None:
                return
            edit = seen_edit(ctx, message.record, message, shows, seen)
            if edit.values:
                self.writing(connection).update(ctx, shown["entity"], [edit])

        try:
            self.database.unit(ctx, unit)
        except NotFound:
            return
