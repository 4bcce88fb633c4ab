"""What people have sent to themselves: kept beside their views, each with one job that waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy import Connection

from engine.access.standing import administrators
from engine.context import Context
from engine.database import Database
from engine.delivering.schedule import EVERY, Every, Rhythm, following
from engine.errors import FieldError, NotFound, RecordRefused
from engine.jobs import defer
from engine.mail import TASK as SEND
from engine.mail import Attached, Mail, Post
from engine.notices.telling import News, tell
from engine.requests import claim, settle
from engine.values.refusals import require_storable
from engine.views.saved import SavedView, Wanted, add_view, drop_view, keep_view, view_in, views_in

KIND = "delivery"

DELIVER = "figures.deliver"

PAUSED = "paused"
"""What is kept with a delivery whose owner may not enter: it waits until they may."""

MOST = 20
"""Deliveries that one person has."""

What = Literal["dashboard", "own", "report"]

FORMATS = ("pdf", "xlsx")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is sent (`name`: of a dashboard of the app, else an id), as which files, and when."""

    what: What
    name: str
    formats: tuple[str, ...]
    every: Every
    at: str
    zone: str
    day: int = 1

    @property
    def rhythm(self) -> Rhythm:
        """When it is sent."""
        return Rhythm(self.every, time.fromisoformat(self.at), self.zone, self.day)


@dataclass(frozen=True, slots=True)
class Made:
    """What is sent: its title, in words what is in it, and its files."""

    title: str
    words: str
    files: tuple[Attached, ...]


class Papers(Protocol):
    """Makes what is sent, as the person whose context it is given may see it."""

    def make(self, ctx: Context, delivery: Delivery) -> Made:
        """Return the files of a delivery; raise `NotFound` where it is not theirs any more."""
        ...


class Deliveries:
    """Takes and ends subscriptions; `post` is None where no mail server is set up."""

    def __init__(self, database: Database, post: Post | None) -> None:
        self._database = database
        self._post = post

    @property
    def possible(self) -> bool:
        """Whether anything can be sent at all."""
        return self._post is not None

    def mine(self, ctx: Context) -> tuple[SavedView, ...]:
        """Return what the person has sent to themselves."""
        with self._database.reading(ctx) as connection:
            found = views_in(connection, ctx, kinds=(KIND,))
        return tuple(each for each in found if each.owner == ctx.actor.user)

    def subscribe(self, ctx: Context, title: str, delivery: Delivery, account: UUID) -> SavedView:
        """Have something sent; raise `RecordRefused` with what cannot be meant."""
        _require(delivery)
        require_storable("name", [title, delivery.name])
        due = following(delivery.rhythm, ctx.now)
        who = {"account": str(account), "language": ctx.language}
        spec = {
            **asdict(delivery),
            "formats": list(delivery.formats),
            **who,
            "due": due.isoformat(),
        }

        def work(connection: Connection) -> SavedView:
            claim(ctx, connection)
            if len(views_in(connection, ctx, kinds=(KIND,))) >= MOST:
                raise RecordRefused([FieldError("too_many_views", (), {"max": MOST})])
            made = add_view(connection, ctx, Wanted(title, spec, kind=KIND))
            wait(connection, made.id, spec, due)
            settle(ctx, connection, made)
            return made

        return self._database.unit(ctx, work)

    def cancel(self, ctx: Context, id_: UUID) -> None:
        """Send something no more; raise `NotFound` for what is not the person's."""

        def work(connection: Connection) -> None:
            claim(ctx, connection)
            found = view_in(connection, ctx, id_)
            if found is None or found.kind != KIND or found.owner != ctx.actor.user:
                raise NotFound(view=str(id_))
            drop_view(connection, ctx, id_)
            settle(ctx, connection, None)

        self._database.unit(ctx, work)

    def due(self, ctx: Context, id_: UUID, due: str) -> SavedView | None:
        """Return a delivery that is due at a moment, None where it was sent or ended meanwhile."""
        with self._database.reading(ctx) as connection:
            found = view_in(connection, ctx, id_)
        is_due = found is not None and found.kind == KIND and found.spec.get("due") == due
        return found if is_due else None

    def send(self, ctx: Context, before: SavedView, mail: Mail) -> bool:
        """Hand a mail over and wait for the next time, in one unit: both happen once, or neither.

        Returns False where another worker did.
        """
        delivery = delivery_of(before.spec)
        due = following(delivery.rhythm, ctx.now)
        spec = {**before.spec, "due": due.isoformat()}
        spec.pop(PAUSED, None)

        def work(connection: Connection) -> bool:
            kept = keep_view(connection, ctx, before, Wanted(before.title, spec, kind=KIND))
            if kept is None or self._post is None:
                return False
            wait(connection, before.id, spec, due)
            # A copy writes to nobody; when it may, the next one is sent as ever.
            if not ctx.tenant.quiet:
                defer(connection, SEND, {"sealed": self._post.sealed(asdict(mail))}, queue="mail")
            return True

        return self._database.unit(ctx, work)

    def pass_over(self, ctx: Context, id_: UUID, due: str) -> bool:
        """Wait for the next time without sending, as the system, while its owner is locked out.

        The first time those who look after the tenant are told. Returns False where it was sent
        or ended meanwhile.
        """
        before = self.due(ctx, id_, due)
        if before is None:
            return False
        next_ = following(delivery_of(before.spec).rhythm, ctx.now)
        spec = {**before.spec, "due": next_.isoformat(), PAUSED: True}

        def work(connection: Connection) -> bool:
            kept = keep_view(connection, ctx, before, Wanted(before.title, spec, kind=KIND))
            if kept is None:
                return False
            wait(connection, id_, spec, next_)
            if not before.spec.get(PAUSED):
                words = {"what": "paused", "name": before.title}
                url = f"/{ctx.tenant.name}/admin/people/{before.owner}"
                people = administrators(connection, ctx.compiled)
                tell(ctx, connection, people, News("finished", words={**words, "url": url}))
            return True

        return self._database.unit(ctx, work)


def wait(connection: Connection, id_: UUID, spec: Mapping[str, Any], due: datetime) -> None:
    """Defer the job of the next time; what a job finds changed it leaves alone. Any: JSON."""
    payload = {
        "delivery": str(id_), "account": spec["account"], "language": spec["language"],
        "due": due.isoformat(),
    }  # fmt: skip
    defer(connection, DELIVER, payload, queue="schedule", not_before=due)


def delivery_of(spec: Mapping[str, Any]) -> Delivery:
    """Return what is sent, from what is kept of it. Any: JSON."""
    return Delivery(
        what=spec["what"],
        name=str(spec["name"]),
        formats=tuple(spec["formats"]),
        every=spec["every"],
        at=str(spec["at"]),
        zone=str(spec["zone"]),
        day=int(spec["day"]),
    )


def _require(delivery: Delivery) -> None:
    """Raise `RecordRefused` for a time or a file that cannot be meant."""
    errors: list[FieldError] = []
    try:
        time.fromisoformat(delivery.at)
    except ValueError:
        errors.append(FieldError("invalid_time", ("at",), {"value": delivery.at}))
    if delivery.every not in EVERY or not 1 <= delivery.day <= _last(delivery.every):
        errors.append(FieldError("out_of_range", ("day",), _bounds(delivery)))
    if not delivery.formats or not _known(delivery.formats):
        errors.append(FieldError("required", ("formats",)))
    if errors:
        raise RecordRefused(errors)


def _bounds(delivery: Delivery) -> Mapping[str, object]:
    return {"value": delivery.day, "min": 1, "max": _last(delivery.every)}


def _last(every: Every) -> int:
    return 7 if every == "weekly" else 31


def _known(formats: Sequence[str]) -> bool:
    return all(each in FORMATS for each in formats)
