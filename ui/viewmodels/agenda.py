"""The calendar of people: what is theirs in every calendar, and when they are taken besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import reduce
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.agenda import BusyTimes, Slot, Taken, for_person, free_slots
from engine.query.joined import joined
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery
from metamodel.model import Entity
from metamodel.views import View
from ui.screen import Screen
from ui.viewmodels.calendars import MOST, Stretch, events, working_days
from ui.viewmodels.cells import initials
from ui.viewmodels.conditions import both
from ui.viewmodels.looking import usable_views
from ui.viewmodels.shell import Shell, may, shell
from ui.viewmodels.spans import spans_of

PEOPLE = 300
"""Colleagues that are offered."""

AT_ONCE = 12
"""Most people whose calendars lie over each other."""

SLOTS = 24
"""Free times that are told at once."""

TONES = ("teal", "orange", "blue", "purple", "lime", "pink", "cyan", "yellow", "indigo", "red")
"""Colours of people, in turn, where several calendars lie over each other."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One kind of record that stands on calendars; `shown` unless somebody leaves it out."""

    name: str
    label: str
    icon: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whose calendar may be laid over; `near` are those of one's own department."""

    id: str
    name: str
    initials: str
    me: bool
    near: bool


@dataclass(frozen=True, slots=True)
class AgendaPage:
    """The page of people's calendars; it has what the component of a calendar reads."""

    shell: Shell
    layers: tuple[Layer, ...]
    people: tuple[Colleague, ...]
    events_url: str
    busy_url: str
    slots_url: str
    feed_url: str
    new_url: str
    new_label: str
    start_field: str
    end_field: str
    whole_field: str
    timed: bool
    language: str
    zone: str
    now: str
    days: str
    first_day: int = 1
    type: str = "calendar"


def agenda_page(screen: Screen) -> AgendaPage:
    """Return the page of people's calendars: one's own to begin with."""
    zone = ZoneInfo(screen.formats.zone)
    found = tuple(layers(screen))
    suited = ((e, v) for e, v in found if _timed(v) and _creatable(screen, e))
    making, view = next(suited, (None, None))
    spans = spans_of(screen, making, view.layout) if making is not None and view else None
    flag = spans.layout.all_day if spans is not None else None
    end = spans.end_field if spans is not None else None
    return AgendaPage(
        shell=shell(screen, screen.words.say("Calendar"), screen.url("calendar")),
        layers=tuple(
            Layer(e.name, screen.entity_label(e, plural=True), e.icon or "calendar", v.layout.usual)
            for e, v in found
        ),
        people=tuple(_people(screen)),
        events_url=screen.url("calendar", "events"),
        busy_url=screen.url("calendar", "busy"),
        slots_url=screen.url("calendar", "free"),
        feed_url=screen.url("calendar", "feed"),
        new_url=screen.url("records", making.name, "new") if making is not None else "",
        new_label=screen.entity_label(making) if making is not None else "",
        start_field=spans.field.name if spans is not None else "",
        end_field=end.name if end is not None else "",
        whole_field=flag.text if flag is not None else "",
        timed=True,
        language=screen.language,
        zone=screen.formats.zone,
        now=screen.ctx.now.astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds"),
        days=working_days(screen),
    )


def layers(screen: Screen) -> Iterator[tuple[Entity, View]]:
    """Yield the calendars that say whose a record is, one for each entity the person reads."""
    for entity in screen.ctx.model.entities.values():
        if entity.retired or entity.system or not may(screen, "read", entity.key):
            continue
        view = calendar_of(screen, entity)
        if view is not None:
            yield entity, view


def calendar_of(screen: Screen, entity: Entity) -> View | None:
    """Return the calendar that says whose an entity's records are, if the person may open one."""
    views = (v for v in entity.views.values() if v.type == "calendar")
    if not any(view.layout.mine is not None for view in views):
        return None
    usable = (v for v in usable_views(screen, entity) if v.type == "calendar")
    return next((view for view in usable if view.layout.mine is not None), None)


def _timed(view: View) -> bool:
    """Return whether a calendar is of appointments, and not of days by which something is due."""
    return view.layout.busy is not None


def _creatable(screen: Screen, entity: Entity) -> bool:
    return entity.child_of is None and may(screen, "create", entity.key)


def _people(screen: Screen) -> Iterator[Colleague]:
    """Yield colleagues by name, oneself first."""
    ctx = screen.ctx
    actor = ctx.actor
    yield Colleague(str(actor.user), actor.name, initials(actor.name), me=True, near=True)
    condition = parse_filter(ctx, "user", "active and not system")
    own = parse_filter(ctx, "user", "department in user.departments")
    query = ListQuery("user", filter=condition, limit=PEOPLE)
    beside = ListQuery("user", filter=joined("and", condition, own), limit=PEOPLE)
    near = {row.id for row in screen.services.reader.find(ctx, beside).rows}
    rows = screen.services.reader.find(ctx, query).rows
    for row in sorted(rows, key=lambda each: each.title):
        if row.id != actor.user:
            yield Colleague(
                str(row.id), row.title, initials(row.title), me=False, near=row.id in near
            )


def agenda_events(
    screen: Screen, stretch: Stretch, people: Sequence[UUID], names: Sequence[str]
) -> Mapping[str, Any]:
    """Return what is on people's calendars between two days: in one colour for each of several."""
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    for entity, view in layers(screen):
        if entity.name not in names:
            continue
        for at, person in enumerate(people):
            whose = for_person(view.layout.mine, person) if view.layout.mine is not None else None
            own = events(screen, entity, view, stretch, narrowed=both(view.filter, whose))
            for event in islice(own, MOST + 1):
                if event["id"] not in seen:
                    seen.add(event["id"])
                    tone = TONES[at % len(TONES)] if len(people) > 1 else event["tone"]
                    found.append({**event, "tone": tone})
    found += _taken(screen, stretch, people) if len(people) > 1 or _others(screen, people) else []
    return {"events": found[:MOST], "more": len(found) > MOST}


def _others(screen: Screen, people: Sequence[UUID]) -> bool:
    return any(person != screen.ctx.actor.user for person in people)


def _taken(screen: Screen, stretch: Stretch, people: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return when people are taken by what the reader may not see: that, and nothing else."""
    zone = ZoneInfo(screen.formats.zone)
    within = Slot(_midnight(stretch.first, zone), _midnight(stretch.last + timedelta(days=1), zone))
    taken = _busy(screen, people, within)
    return [
        {
            "id": f"taken-{at}-{index}",
            "title": screen.words.say("Busy"),
            "start": _clock(each.slot.begins, zone),
            "end": _clock(each.slot.ends, zone),
            "allDay": False,
            "url": "",
            "version": 0,
            "tone": TONES[at % len(TONES)],
            "detail": [],
            "when": "",
            "series": "",
            "day": "",
            "resizable": False,
            "allDayToo": False,
            "group": "",
            "hidden": True,
        }
        for at, person in enumerate(people)
        for index, each in enumerate(taken[person])
        if each.record is None
    ]


def _busy(
    screen: Screen, people: Sequence[UUID], within: Slot, besides: UUID | None = None
) -> Mapping[UUID, tuple[Taken, ...]]:
    """Return when people are taken, by records of kinds whose calendars the reader may open."""
    kinds = {entity.key for entity, _ in layers(screen)}
    times = BusyTimes(screen.services.reader)
    return times.of(screen.ctx, people, within, kinds=kinds, besides=besides)


def clashes(
    screen: Screen, people: Mapping[UUID, str], times: Sequence[Slot], besides: UUID | None
) -> list[dict[str, str]]:
    """Return who is taken at some times, in order, and by what as far as the reader may know."""
    if not times:
        return []
    zone = ZoneInfo(screen.formats.zone)
    within = Slot(times[0].begins, max(each.ends for each in times))
    found = _busy(screen, tuple(people), within, besides)
    return [
        {
            "person": people[person],
            "start": _clock(each.slot.begins, zone),
            "end": _clock(each.slot.ends, zone),
            "title": each.title or screen.words.say("Busy"),
        }
        for person, taken in found.items()
        for each in taken
        if any(at.begins < each.slot.ends and each.slot.begins < at.ends for at in times)
    ]


def free_times(
    screen: Screen, people: Sequence[UUID], stretch: Stretch, minutes: int
) -> list[dict[str, str]]:
    """Return when people are free together, from now on, on the reader's clock."""
    zone, company = ZoneInfo(screen.formats.zone), ZoneInfo(screen.ctx.moment.zone)
    begins = max(_midnight(stretch.first, zone), screen.ctx.now)
    within = Slot(begins, _midnight(stretch.last + timedelta(days=1), zone))
    found = _busy(screen, people, within)
    taken = [each.slot for slots in found.values() for each in slots]
    calendar = screen.ctx.model.calendars[""]
    slots = free_slots(taken, within, timedelta(minutes=minutes), calendar, company)
    return [
        {"start": _clock(slot.begins, zone), "end": _clock(slot.ends, zone)}
        for _, slot in zip(range(SLOTS), slots, strict=False)
    ]


def names_of(screen: Screen, people: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return people of one's workspace by name; who is not known is left out."""
    if not people:
        return {}
    one = [_is(screen, person) for person in people]
    condition = reduce(lambda first, second: joined("or", first, second), one)
    rows = screen.services.reader.find(
        screen.ctx, ListQuery("user", filter=condition, limit=len(one))
    ).rows
    return {row.id: row.title for row in rows}


def _is(screen: Screen, person: UUID) -> Any:
    return for_person(parse_filter(screen.ctx, "user", "id == user.id"), person)


def _midnight(day: Any, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds")
