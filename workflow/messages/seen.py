"""What a record shows of a mail that was opened: since when, how often; it never goes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.database import Database
from engine.jobs import Job
from engine.records.draft import Draft
from engine.records.entering import existing, put
from engine.records.work import Work
from workflow.messages.following import Deed
from workflow.messages.message import Message, one
from workflow.messages.results import (
    FOLLOWED,
    OPTIONS,
    Shows,
    Writing,
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
    at: datetime


def news_of(ctx: Context, message: Message, shows: Shows, seen: Seen) -> Mapping[str, Any]:
    """Return what of a record changes, by field key, as its mail was seen once more.

    Any: moments, numbers and options.
    """
    shown = message.detail["result"]
    now = {**shows, **_counted(shows, seen)}
    news = {shown[name]: now[name] for name in FOLLOWED if name in shows}
    state = ctx.model.entities[shown["entity"]].fields[shown["state"]]
    told = reached(state, OPTIONS[message.state], now)
    if told in FURTHER.get(shows["state"], ()):
        news[state.key] = next(key for key, each in state.options.items() if each.name == told)
        if "at" in shown and shows["state"] == "queued":
            # One that does not yet show that it went, shows that by the way.
            news[shown["at"]] = message.done_at or message.at
    return news


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
        seen = Seen(job.payload["deed"], datetime.fromisoformat(job.payload["at"]))

        def unit(connection: Connection) -> None:
            message = one(connection, ctx, id_)
            shown = message.detail.get("result") if message is not None else None
            if message is None or message.record is None or not shown:
                return
            shows = shown_now(ctx, connection, message.record, shown)
            if shows is None:
                return
            news = news_of(ctx, message, shows, seen)
            build = partial(_drafts, entity=shown["entity"], record=message.record, news=news)
            self.writing(connection).write(ctx, build)

        self.database.unit(ctx, unit)


def _drafts(work: Work, entity: str, record: UUID, news: Mapping[str, Any]) -> list[Draft]:
    """Return a record with its news, which nobody enters but the engine."""
    draft = existing(work, work.entity(entity), record)
    for key, value in news.items():
        put(draft, key, value)
    return [draft]
