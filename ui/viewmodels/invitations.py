"""Records as entries of other calendars: what a feed gives out, and whom an invitation reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from engine.agenda import Entry, Party
from engine.errors import NotFound
from engine.query.spec import LinkValue, Record
from metamodel.model import Entity
from metamodel.views import View
from ui.screen import Screen
from ui.viewmodels.agenda import calendar_of, layers
from ui.viewmodels.calendars import Stretch, events
from ui.viewmodels.conditions import both
from ui.viewmodels.series import row_of
from ui.viewmodels.shell import Shell, shell
from ui.viewmodels.spans import Span, spans_of

PAST, AHEAD = timedelta(days=60), timedelta(days=400)
"""How far a feed reaches."""

Answer = Literal["NEEDS-ACTION", "ACCEPTED", "DECLINED"]

ANSWERS: Mapping[str, Answer] = MappingProxyType({"accepted": "ACCEPTED", "declined": "DECLINED"})
"""What options of a field mean to other calendars; everything else is no answer yet."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A record as an entry, with everybody who is told of it by mail."""

    entry: Entry
    to: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class FeedPage:
    """What is said of a calendar's private address before one is made."""

    shell: Shell
    url: str
    back: str


def feed_page(screen: Screen) -> FeedPage:
    """Return the page that offers a private address."""
    heading = screen.words.say("Subscribe in another calendar")
    back = screen.url("calendar")
    return FeedPage(shell(screen, heading, back), screen.url("calendar", "feed"), back)


def feed_entries(screen: Screen, site: str) -> Iterator[Entry]:
    """Yield what stands on a person's own calendars, as other programs keep it."""
    today = screen.ctx.moment.today
    stretch = Stretch(today - PAST, today + AHEAD)
    zone = ZoneInfo(screen.formats.zone)
    for entity, view in layers(screen):
        if not view.layout.usual:
            continue
        narrowed = both(view.filter, view.layout.mine)
        for event in events(screen, entity, view, stretch, narrowed=narrowed):
            begins, ends = (_moment(event[name], zone) for name in ("start", "end"))
            if begins is None:
                continue
            yield Entry(
                uid=_uid(screen, event["id"]),
                title=event["title"],
                begins=begins,
                ends=ends,
                changed=screen.ctx.now,
                version=event["version"],
                words="\n".join([screen.entity_label(entity), *event["detail"]]),
                url=f"{site}{event['url']}",
            )


def _moment(text: str | None, zone: ZoneInfo) -> datetime | date | None:
    if not text:
        return None
    if len(text) == len("2026-01-31"):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def _uid(screen: Screen, record: str) -> str:
    return f"{record}@{screen.ctx.tenant.name}.joinery"


def invitable(screen: Screen, entity: Entity) -> View | None:
    """Return the calendar on which an entity's records have people who can be invited."""
    found = calendar_of(screen, entity)
    if found is None or found.layout.mine is None or found.layout.busy is None:
        return None
    return found if found.layout.mine.dependencies.collections else None


def invitation(screen: Screen, entity: Entity, record: Record, site: str) -> Invitation:
    """Return a record as an invitation to all who take part; raise `NotFound` for others."""
    view = invitable(screen, entity)
    spans = spans_of(screen, entity, view.layout) if view is not None else None
    row = row_of(spans, record) if spans is not None else None
    span = spans.of(row) if spans is not None and row is not None else None
    if view is None or spans is None or row is None or span is None:
        raise NotFound(entity=entity.name)
    parties = tuple(_parties(screen, view, record))
    begins, ends = _ends(span, ZoneInfo(screen.formats.zone))
    series = spans.series(row)
    me = Party(screen.ctx.actor.name, screen.signed_in.account.email, "ACCEPTED")
    entry = Entry(
        uid=_uid(screen, str(record.id)),
        title=record.title,
        begins=begins,
        ends=ends,
        changed=screen.ctx.now,
        version=record.version,
        url=f"{site}{screen.record_url(entity.name, record.id)}",
        organizer=me,
        parties=parties,
        rule=series.rule if series is not None else "",
        zone=screen.ctx.moment.zone,
    )
    return Invitation(entry, tuple(each for each in parties if each.email != me.email))


def _ends(span: Span, zone: ZoneInfo) -> tuple[datetime | date, datetime | date | None]:
    if span.whole:
        return span.start.date(), span.end.date() if span.end is not None else None
    ends = span.end.replace(tzinfo=zone) if span.end is not None else None
    return span.start.replace(tzinfo=zone), ends


def _parties(screen: Screen, view: View, record: Record) -> Iterator[Party]:
    """Yield who takes part: everybody with an address among the lines that the calendar reads."""
    mine = view.layout.mine
    reads = mine.dependencies.collections if mine is not None else frozenset()
    collections = {read.entity for read in reads}
    seen: set[str] = set()
    for lines in record.lines.values():
        for line in lines:
            if line.entity not in collections:
                continue
            answer: Answer = next(
                (ANSWERS[v] for v in line.values.values() if isinstance(v, str) and v in ANSWERS),
                "NEEDS-ACTION",
            )
            fields = screen.ctx.model.entities[line.entity].fields
            # Who made a line, or changed it last, does not take part by that.
            written = [value for key, value in line.values.items() if not fields[key].builtin]
            for value in written:
                email = _email(screen, value) if isinstance(value, LinkValue) else ""
                if email and email not in seen and isinstance(value, LinkValue):
                    seen.add(email)
                    yield Party(value.title or email, email, answer)


def _email(screen: Screen, link: LinkValue) -> str:
    """Return the address of whoever a link leads to, "" for who has none or may not be read."""
    entity = screen.ctx.model.entity_named(link.entity)
    field = next((f for f in entity.fields.values() if f.type == "email"), None) if entity else None
    if entity is None or field is None or link.restricted or link.trashed:
        return ""
    if entity.child_of is not None:
        return ""
    value = screen.services.reader.get(screen.ctx, entity.key, [link.id])[0].values.get(field.key)
    return value if isinstance(value, str) and "@" in value else ""
