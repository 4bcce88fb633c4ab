"""A calendar or timeline: the records of a view as they stand in time, read by the stretch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from engine.errors import NotFound
from engine.query.spec import ListQuery, Row
from formula.typed import Typed
from metamodel.model import Entity
from metamodel.views import FieldPath, View
from ui.screen import Screen
from ui.viewmodels.asked import Asked, whole_filter
from ui.viewmodels.cells import path_cell
from ui.viewmodels.conditions import both
from ui.viewmodels.frames import ViewFrame, rows_of, shown_paths, tone_of, view_frame
from ui.viewmodels.shell import Shell, may
from ui.viewmodels.spans import Span, Spans, spans_of

MOST = 2_000
"""Records of one stretch that are drawn; more are said to be left out."""

LONGEST = timedelta(days=800)
"""The longest stretch that is read at once."""

EARLIEST, LATEST = date.min + timedelta(days=3), date.max - timedelta(days=3)
"""Days that have others beside them, in every zone."""

PAGE = 500


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """A calendar or timeline; what stands on it is asked for at `events_url`.

    `now` is the time on the person's clock; `days` says which days differ from the week.
    """

    frame: ViewFrame
    type: str
    events_url: str
    new_url: str
    start_field: str
    end_field: str
    whole_field: str
    timed: bool
    language: str
    zone: str
    now: str
    days: str
    grouped: bool = False

    @property
    def shell(self) -> Shell:
        return self.frame.shell


def calendar_page(screen: Screen, entity: Entity, view: View, asked: Asked) -> CalendarPage:
    """Return the page that a calendar or timeline is drawn on."""
    spans = spans_of(screen, entity, view.layout)
    frame = view_frame(screen, entity, view, asked)
    here = screen.ctx.now.astimezone(spans.zone).replace(tzinfo=None)
    flag = spans.layout.all_day
    end = spans.end_field
    return CalendarPage(
        frame=frame,
        type=view.type,
        events_url=screen.url(
            "records", entity.name, "events", view=view.name, q=asked.text, filter=asked.filter,
            of=asked.of,
        ),
        new_url=frame.new_url if spans.own else "",
        start_field=spans.field.name,
        end_field=end.name if end is not None else "",
        whole_field=flag.text if flag is not None else "",
        timed=spans.kind == "times",
        language=screen.language,
        zone=screen.formats.zone,
        now=here.isoformat(timespec="seconds"),
        days=working_days(screen),
        grouped=bool(view.group),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from `first` up to and with `last`."""

    first: date
    last: date

    @classmethod
    def read(cls, first: str, last: str) -> Stretch:
        """Return the days that an address names; raise `NotFound` for what are none."""
        try:
            found = cls(date.fromisoformat(first[:10]), date.fromisoformat(last[:10]))
        except ValueError:
            raise NotFound(day=first) from None
        near = found.first >= EARLIEST and found.last <= LATEST
        if not near or not timedelta() <= found.last - found.first <= LONGEST:
            raise NotFound(day=last)
        return found


def events_of(
    screen: Screen, entity: Entity, view: View, asked: Asked, stretch: Stretch
) -> Mapping[str, Any]:
    """Return what stands on a calendar between two days, and which days differ from the week."""
    narrowed = whole_filter(screen, entity, view, asked)
    all_of_them = events(screen, entity, view, stretch, narrowed=narrowed, text=asked.text)
    found = list(islice(all_of_them, MOST + 1))
    return {"events": found[:MOST], "more": len(found) > MOST}


def events(
    screen: Screen, entity: Entity, view: View, stretch: Stretch, *,
    narrowed: Typed | None, text: str = "",
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield the records of a view that touch some days, as a calendar draws them.

    `when` is where another time is sent for what takes place once, `series` for a time, known by
    its `day`, of what repeats.
    """
    spans = spans_of(screen, entity, view.layout)
    movable = spans.own and spans.field.formula is None and may(screen, "update", entity.key)
    layout = view.layout
    color = shown_paths(screen, entity, (layout.color,) if layout.color is not None else ())
    said = _said(screen, entity, view, spans)
    where = screen.url("records", entity.name)
    group = shown_paths(screen, entity, view.group[:1])
    query = ListQuery(
        entity=entity.key,
        filter=both(narrowed, spans.condition(stretch.first, stretch.last)),
        search=text,
        sort=view.sort,
        paths=tuple({path.text: path for path in (*spans.paths, *color, *said, *group)}.values()),
        limit=PAGE,
    )
    for row in rows_of(screen, query, MOST):
        own, repeats = spans.of(row), spans.series(row) is not None
        way = f"{where}/{row.id}/{{}}?view={view.name}" if movable else ""
        for span in spans.each(row, stretch.first, stretch.last):
            again = own is not None and span.start != own.start
            yield {
                **_event(screen, entity, row, span, again=again),
                "tone": tone_of(screen, next(iter(color), None), row),
                "detail": [_word(screen, path, row) for path in said if _word(screen, path, row)],
                "when": way.format("when") if not repeats else "",
                "series": way.format("series") if repeats and spans.rule_field else "",
                "day": span.day.isoformat() if span.day is not None else "",
                "resizable": movable and spans.resizable,
                "allDayToo": spans.kind != "times" or layout.all_day is not None,
                "group": _word(screen, group[0], row) if group else "",
            }


def _said(screen: Screen, entity: Entity, view: View, spans: Spans) -> tuple[FieldPath, ...]:
    """Return what a record says on a calendar besides its title, colour and time."""
    layout = view.layout
    known = {path.text for path in (*spans.paths, *([layout.color] if layout.color else []))}
    title = entity.fields.get(entity.title_field)
    known.add(title.name if title is not None else "")
    paths = (*(column.path for column in view.columns), *view.card)
    return tuple(p for p in shown_paths(screen, entity, paths) if p.text not in known)


def _event(screen: Screen, entity: Entity, row: Row, span: Span, *, again: bool) -> dict[str, Any]:
    return {
        "id": f"{row.id}-{span.start:%Y%m%dT%H%M}" if again else str(row.id),
        "title": row.title,
        "start": _clock(span.start, whole=span.whole),
        "end": _clock(span.end, whole=span.whole) if span.end is not None else None,
        "allDay": span.whole,
        "url": screen.record_url(entity.name, row.id),
        "version": row.version,
    }


def _clock(moment: datetime, *, whole: bool) -> str:
    return moment.date().isoformat() if whole else moment.isoformat(timespec="seconds")


def _word(screen: Screen, path: FieldPath, row: Row) -> str:
    return path_cell(screen, path, row.values.get(path.text)).text


def working_days(screen: Screen) -> str:
    """Return the weekdays off, Monday 0, the holidays and the make-up days, as JSON."""
    calendar = screen.ctx.model.calendars[""]
    return json.dumps(
        {
            "rest": [index for index, hours in enumerate(calendar.week) if not hours],
            "holidays": [day.isoformat() for day, hours in calendar.days if not hours],
            "workdays": [day.isoformat() for day, hours in calendar.days if hours],
        }
    )


def span_named(start: str, end: str, *, whole: bool) -> Span:
    """Return the time that a browser names on the person's clock; raise `NotFound` for none."""
    try:
        begins = datetime.fromisoformat(start).replace(tzinfo=None)
        ends = datetime.fromisoformat(end).replace(tzinfo=None) if end else None
    except ValueError:
        raise NotFound(day=start) from None
    if not all(EARLIEST <= each.date() <= LATEST for each in (begins, ends) if each is not None):
        raise NotFound(day=start)
    return Span(begins, ends, whole)
