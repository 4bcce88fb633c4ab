"""Reminding people of what comes due, and of what is on their calendars (T-05, T-15).

Every few minutes the system looks for rows that come due soon, and at whom they name. Whether
such a row is still to be done is asked of the view itself, as each of these people: nobody is
reminded of what their own inbox would not show. Calendars that remind are asked likewise.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from engine.context import Context
from engine.doors import Reader
from engine.errors import NotFound, QueryInvalid
from engine.notices.appointments import coming_times, reminding_calendars, theirs
from engine.notices.service import Notices
from engine.notices.telling import News
from engine.query.parse import parse_filter, parse_path
from engine.query.spec import LinkValue, ListQuery, Row
from engine.walking import in_each, one_by_one
from metamodel.model import Entity, Field
from metamodel.views import View

REMIND = "remind"

SOON = 'DATEADD(NOW(), {minutes}, "minute")'

AHEAD = 15
"""Minutes before it is due that somebody is reminded."""

BEHIND = -60
"""Minutes after which what was missed, since no worker ran, is not told any more."""

MOST = 500

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Remind:
    """Reminds the people of every tenant; a `jobs.Recurring`.

    `person` returns the context of somebody by their row of `user`, None for one who may not
    come in any more.
    """

    reader: Reader
    notices: Notices
    tenants: Callable[[], Sequence[str]]
    system: Callable[[str], Context]
    person: Callable[[str, UUID], Context | None]

    @property
    def cron(self) -> str:
        return "*/5 * * * *"

    def tick(self, at: datetime) -> None:
        """Remind in each tenant; one that cannot be reached keeps nobody else waiting."""
        in_each(self.tenants(), self.system, self.remind, (_LOG, "Nobody was reminded"))

    def remind(self, ctx: Context) -> None:
        """Remind the people of one tenant of what comes due now."""
        if ctx.tenant.frozen:
            return
        told = (_LOG, f"Nobody was reminded in {ctx.tenant.name}")

        def of_rows(at: tuple[Entity, View, Field]) -> None:
            for person in self._named(ctx, at[0], at[2]):
                own = self.person(ctx.tenant.name, person)
                if own is not None:
                    self._tell(ctx, own, at)

        def of_times(at: tuple[Entity, View]) -> None:
            self._appointments(ctx, *at)

        one_by_one(dated_views(ctx), lambda at: at[0].name, of_rows, told)
        one_by_one(reminding_calendars(ctx), lambda at: at[0].name, of_times, told)

    def _named(self, ctx: Context, entity: Entity, due: Field) -> set[UUID]:
        """Return the people whom rows name that come due."""
        people = [each for each in entity.fields.values() if _names_person(each)]
        paths = tuple(parse_path(ctx, entity.key, each.name) for each in people)
        query = ListQuery(
            entity.key, filter=parse_filter(ctx, entity.key, _window(due)), paths=paths, limit=MOST
        )
        rows = self.reader.find(ctx, query).rows
        return {v.id for row in rows for v in row.values.values() if isinstance(v, LinkValue)}

    def _tell(self, ctx: Context, own: Context, at: tuple[Entity, View, Field]) -> None:
        entity, view, due = at
        wanted = f"({view.filter.text}) and {_window(due)}" if view.filter else _window(due)
        try:
            path, which = (
                parse_path(own, entity.key, due.name),
                parse_filter(own, entity.key, wanted),
            )
        except (QueryInvalid, NotFound):
            # A record may name somebody who may not see what it is sorted or chosen by.
            return
        query = ListQuery(entity.key, filter=which, paths=(path,), limit=MOST)
        for row in self.reader.find(own, query).rows:
            self.notices.tell_once(ctx, own.actor.user, _news(entity, row, due))

    def _appointments(self, ctx: Context, entity: Entity, view: View) -> None:
        """Remind people of the times of a calendar that come near."""
        near: dict[UUID, dict[UUID, list[datetime]]] = {}
        for each in coming_times(ctx, self.reader, entity, view):
            for person in each.people:
                near.setdefault(person, {}).setdefault(each.record, []).append(each.at)
        for person, times in near.items():
            own = self.person(ctx.tenant.name, person)
            found = theirs(own, self.reader, (entity, view), tuple(times)) if own else set()
            for record in found:
                for at in times[record]:
                    self.notices.tell_once(ctx, person, _told(entity, record, at))


def dated_views(ctx: Context) -> Iterator[tuple[Entity, View, Field]]:
    """Yield the views that stand in the inbox and are sorted by an instant of the record itself."""
    for entity in ctx.model.entities.values():
        if entity.system or entity.retired:
            continue
        for view in entity.views.values():
            first = view.sort[0].path.text if view.options.get("inbox") and view.sort else ""
            field = entity.field_named(first) if first else None
            if field is not None and field.type == "datetime" and field.column:
                yield entity, view, field


def _names_person(field: Field) -> bool:
    plain = field.link is not None and field.link.to == ("user",) and not field.link.many
    return plain and not field.retired and field.key not in ("created_by", "updated_by")


def _window(due: Field) -> str:
    behind, ahead = SOON.format(minutes=BEHIND), SOON.format(minutes=AHEAD)
    return f"{due.name} > {behind} and {due.name} <= {ahead}"


def _news(entity: Entity, row: Row, due: Field) -> News:
    at = row.values.get(due.name)
    if not isinstance(at, datetime):
        return News("due", entity.key, row.id)
    return _told(entity, row.id, at)


def _told(entity: Entity, record: UUID, at: datetime) -> News:
    return News("due", entity.key, record, {"due": at.astimezone(UTC).isoformat()})
