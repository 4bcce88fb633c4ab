"""Times on people's calendars that come near: as long before as a calendar says, each time once.

A calendar that says `remind` has its records' people told of a time so many minutes before. What
repeats has many times, of which each that is near is one to be told of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.agenda.busy import people_of
from engine.agenda.repeats import moments
from engine.context import Context
from engine.doors import Reader
from engine.query.joined import joined
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery, Row
from formula.typed import Typed
from metamodel.model import Entity
from metamodel.views import FieldPath, View

BEHIND = timedelta(minutes=-60)
"""How late a time may be told of that was missed, since no worker ran."""

PAGE = 500


@dataclass(frozen=True, slots=True)
class Coming:
    """A time of a record that comes near, and the people whose it may be."""

    record: UUID
    at: datetime
    people: tuple[UUID, ...]


def reminding_calendars(ctx: Context) -> Iterator[tuple[Entity, View]]:
    """Yield the calendars that remind people of what they hold."""
    for entity in ctx.model.entities.values():
        if entity.system or entity.retired or entity.off:
            continue
        for view in entity.views.values():
            layout = view.layout
            if view.type == "calendar" and None not in (layout.remind, layout.start, layout.mine):
                yield entity, view


def coming_times(ctx: Context, reader: Reader, entity: Entity, view: View) -> Iterator[Coming]:
    """Yield the times of a calendar that are to be told of now, as whoever sees all of it."""
    query: ListQuery | None = _query(ctx, entity, view)
    while query is not None:
        page = reader.find(ctx, query)
        times = {row.id: tuple(_times(ctx, view, row)) for row in page.rows}
        near = [record for record, found in times.items() if found]
        for record in reader.get(ctx, entity.key, near):
            people = tuple(person.id for person in people_of(view, record))
            yield from (Coming(record.id, at, people) for at in times[record.id])
        query = replace(query, cursor=page.next) if page.next is not None else None


def theirs(
    own: Context, reader: Reader, at: tuple[Entity, View], among: Sequence[UUID]
) -> set[UUID]:
    """Return which of some records stand on the calendar of a person, as they may read it."""
    entity, view = at
    conditions = [each for each in (view.filter, view.layout.mine) if each is not None]
    whole = reduce(lambda first, second: joined("and", first, second), conditions)
    query = ListQuery(entity.key, filter=whole, limit=len(among), among=tuple(among))
    return {row.id for row in reader.find(own, query).rows}


def _query(ctx: Context, entity: Entity, view: View) -> ListQuery:
    layout = view.layout
    begins, ahead = _start(view).text, f"({_remind(view).text})"
    late = f'DATEADD(NOW(), {int(BEHIND.total_seconds() // 60)}, "minute")'
    again = f" or not ISBLANK({layout.repeat.text})" if layout.repeat is not None else ""
    near = f'{begins} <= DATEADD(NOW(), {ahead}, "minute") and ({begins} > {late}{again})'
    paths = tuple(p for p in (layout.start, layout.end, layout.repeat) if p is not None)
    return ListQuery(
        entity.key,
        filter=parse_filter(ctx, entity.key, near),
        paths=paths,
        asks=(_remind(view),),
        limit=PAGE,
    )


def _times(ctx: Context, view: View, row: Row) -> Iterator[datetime]:
    """Yield when a record takes place, from the last hour until as far ahead as it says."""
    layout, values = view.layout, row.values
    begins, ends = values.get(_start(view).text), _value(values, layout.end)
    minutes, rule = values.get(f"={_remind(view).text}"), _value(values, layout.repeat)
    if not isinstance(begins, datetime) or minutes is None:
        return
    low, high = ctx.now + BEHIND, ctx.now + timedelta(minutes=int(str(minutes)))
    if not isinstance(rule, str) or not rule:
        yield begins
        return
    length = ends - begins if isinstance(ends, datetime) and ends > begins else timedelta()
    zone = ZoneInfo(ctx.moment.zone)
    found = moments(rule, begins, length, zone, (low, high + timedelta(minutes=1)))
    yield from (at for at in found if low < at <= high)


def _value(values: Mapping[str, object], path: FieldPath | None) -> object:
    return values.get(path.text) if path is not None else None


def _start(view: View) -> FieldPath:
    assert view.layout.start is not None  # noqa: S101 - `reminding_calendars` says so
    return view.layout.start


def _remind(view: View) -> Typed:
    assert view.layout.remind is not None  # noqa: S101 - `reminding_calendars` says so
    return view.layout.remind
