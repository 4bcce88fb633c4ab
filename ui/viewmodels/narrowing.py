"""The filters above a dashboard: a period, a person, a choice; each narrows what has its field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from engine.query.parse import parse_filter
from formula.typed import Typed
from metamodel.dashboards import Dashboard, DashboardFilter
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.conditions import both, linked_to
from ui.viewmodels.shell import may

MONTHS = {"month": 1, "quarter": 3, "year": 12}

PERIODS = {
    "this_month": "this month",
    "last_month": "last month",
    "this_quarter": "this quarter",
    "last_quarter": "last quarter",
    "this_year": "this year",
    "last_year": "last year",
}
"""Periods that can be chosen: a code, and its word in English."""

OFFERED = 100
"""How many records a filter by a link offers."""

Kind = Literal["days", "instants", "record", "choice"]


@dataclass(frozen=True, slots=True)
class FilterView:
    """One filter above a dashboard; `options` are code, word, and whether it is chosen."""

    name: str
    label: str
    options: tuple[tuple[str, str, bool], ...]

    @property
    def active(self) -> bool:
        return any(chosen for _, _, chosen in self.options)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What one filter is set to; `record` for a link."""

    field: str
    kind: Kind
    code: str
    record: UUID | None = None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """All filters of one dashboard as they are set."""

    views: tuple[FilterView, ...] = ()
    chosen: tuple[Chosen, ...] = ()

    def apply(self, screen: Screen, entity: Entity, condition: Typed | None) -> Typed | None:
        """Return a condition with what the filters add for an entity."""
        for each in self._of(screen, entity):
            if each.record is not None:
                condition = both(condition, linked_to(screen, entity.key, each.field, each.record))
            else:
                text = _text(each, screen.ctx.moment.today)
                condition = both(condition, parse_filter(screen.ctx, entity.key, text))
        return condition

    def texts(self, screen: Screen, entity: Entity) -> list[str]:
        """Return what the filters add as formulas, links left out."""
        today = screen.ctx.moment.today
        return [_text(each, today) for each in self._of(screen, entity) if each.record is None]

    def link(self, screen: Screen, entity: Entity) -> str:
        """Return the record that a link filter narrows to, as `of=` wants it, "" for none."""
        found = (f"{c.field}:{c.record}" for c in self._of(screen, entity) if c.record is not None)
        return next(found, "")

    def _of(self, screen: Screen, entity: Entity) -> Iterator[Chosen]:
        readable = screen.services.access.readable(screen.ctx, entity.key)
        for each in self.chosen:
            field = entity.field_named(each.field)
            if field is not None and field.key in readable and _kind(field) == each.kind:
                yield each


def narrowing(screen: Screen, dashboard: Dashboard, asked: Mapping[str, str]) -> Narrowing:
    """Return a dashboard's filters as the address sets them."""
    views, chosen = [], []
    for each in dashboard.filters.values():
        entity = _first_with(screen, dashboard, each)
        field = entity.field_named(each.field) if entity is not None else None
        kind = _kind(field) if field is not None else None
        if entity is None or field is None or kind is None:
            continue
        code = asked.get(each.name, str(each.default or ""))
        options = _options(screen, entity, field, kind)
        views.append(
            FilterView(
                each.name,
                screen.label(each.label) or screen.field_label(field),
                tuple((option, word, option == code) for option, word in options),
            )
        )
        if code in (option for option, _ in options):
            record = UUID(code) if kind == "record" else None
            chosen.append(Chosen(field.name, kind, code, record))
    return Narrowing(tuple(views), tuple(chosen))


def _first_with(screen: Screen, dashboard: Dashboard, wanted: DashboardFilter) -> Entity | None:
    """Return the first entity of the dashboard that has the filter's field and may be read."""
    for widget in dashboard.widgets.values():
        entity = screen.ctx.model.entities.get(widget.entity)
        if entity is None or entity.retired or not may(screen, "read", entity.key):
            continue
        field = entity.field_named(wanted.field)
        readable = screen.services.access.readable(screen.ctx, entity.key)
        if field is not None and field.key in readable:
            return entity
    return None


def _kind(field: Field) -> Kind | None:
    if field.type in ("date", "datetime"):
        return "days" if field.type == "date" else "instants"
    if field.link is not None and len(field.link.to) == 1 and not field.link.many:
        return "record"
    return "choice" if field.options else None


def _options(screen: Screen, entity: Entity, field: Field, kind: Kind) -> list[tuple[str, str]]:
    match kind:
        case "days" | "instants":
            return [(code, screen.words.say(word)) for code, word in PERIODS.items()]
        case "record":
            hits = screen.services.reader.pick(
                screen.ctx, entity.key, field.key, "", this={}, limit=OFFERED
            )
            return [(str(hit.id), hit.title) for hit in hits]
        case "choice":
            return [(o.name, screen.label(o.label, o.name)) for o in field.options.values()]


def _text(chosen: Chosen, today: date) -> str:
    """Return the formula of a period or a choice."""
    if chosen.kind == "choice":
        return f'{chosen.field} == "{chosen.code}"'
    first, last = bounds(chosen.code, today)
    start, end = (_start(day, chosen.kind) for day in (first, last + timedelta(days=1)))
    return f"{chosen.field} >= {start} and {chosen.field} < {end}"


def _start(day: date, kind: Kind) -> str:
    text = f"DATE({day.year}, {day.month}, {day.day})"
    return f"DATETIME({text}, 0, 0)" if kind == "instants" else text


def bounds(period: str, today: date) -> tuple[date, date]:
    """Return the first and the last day of a period around a day."""
    which, _, unit = period.partition("_")
    months = MONTHS[unit]
    index = today.year * 12 + today.month - 1
    start = index - index % months - (months if which == "last" else 0)
    return _month(start), _month(start + months) - timedelta(days=1)


def _month(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)
