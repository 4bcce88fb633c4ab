"""The filters above a dashboard: a period, a person, a choice; each narrows what has its field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from engine.query.parse import parse_filter
from formula.typed import Typed
from metamodel.dashboards import Dashboard, DashboardFilter
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.conditions import both, day_text, linked_to
from ui.viewmodels.periods import CUSTOM, PERIODS, Days, bounds, is_period, own_period
from ui.viewmodels.shell import may

OFFERED = 100
"""How many records a filter by a link offers."""

ME = "me"
"""The choice of whoever looks, in a filter by a person."""

AS_OF = "as_of"
"""What an address calls the day that pipelines are shown as of."""

Kind = Literal["days", "instants", "record", "choice"]


@dataclass(frozen=True, slots=True)
class FilterView:
    """One filter above a dashboard; `options` are code, word, and whether it is chosen.

    A `period` may also be two days of one's own, `first` and `last`.
    """

    name: str
    label: str
    options: tuple[tuple[str, str, bool], ...]
    period: bool = False
    first: str = ""
    last: str = ""

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

    @property
    def is_period(self) -> bool:
        return self.kind in ("days", "instants")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """All filters of one dashboard as they are set; `as_of` is the day pipelines are shown as of.

    `address` is what of them an address carries.
    """

    views: tuple[FilterView, ...] = ()
    chosen: tuple[Chosen, ...] = ()
    as_of: date | None = None
    address: tuple[tuple[str, str], ...] = ()

    def apply(self, screen: Screen, entity: Entity, condition: Typed | None) -> Typed | None:
        """Return a condition with what the filters add for an entity."""
        for each in self.of(screen, entity):
            if each.record is not None:
                condition = both(condition, linked_to(screen, entity.key, each.field, each.record))
            else:
                text = condition_of(each, screen.ctx.moment.today)
                condition = both(condition, parse_filter(screen.ctx, entity.key, text))
        return condition

    def texts(self, screen: Screen, entity: Entity) -> list[str]:
        """Return what the filters add as formulas, links left out."""
        today = screen.ctx.moment.today
        return [condition_of(c, today) for c in self.of(screen, entity) if c.record is None]

    def links(self, screen: Screen, entity: Entity) -> list[str]:
        """Return the records that link filters narrow to, as `of=` wants them."""
        found = self.of(screen, entity)
        return [f"{each.field}:{each.record}" for each in found if each.record is not None]

    def of(self, screen: Screen, entity: Entity) -> Iterator[Chosen]:
        """Yield what is chosen of the filters that an entity has the field of."""
        readable = screen.services.access.readable(screen.ctx, entity.key)
        for each in self.chosen:
            field = entity.field_named(each.field)
            if field is not None and field.key in readable and kind_of(field) == each.kind:
                yield each

    def period(self, screen: Screen, entity: Entity) -> Chosen | None:
        """Return the period that an entity is narrowed to."""
        return next((each for each in self.of(screen, entity) if each.is_period), None)

    def within(self, field: Field, code: str) -> Narrowing:
        """Return the filters with the period of one field, by its name, set to another."""
        kind = kind_of(field)
        kept = tuple(c for c in self.chosen if not (c.field == field.name and c.kind == kind))
        if kind not in ("days", "instants"):
            return self
        return replace(self, chosen=(*kept, Chosen(field.name, kind, code)))


def narrowing(screen: Screen, dashboard: Dashboard, asked: Mapping[str, str]) -> Narrowing:
    """Return a dashboard's filters as the address sets them; what cannot be meant sets nothing."""
    views, chosen, address = [], [], []
    for each in dashboard.filters.values():
        entity = _first_with(screen, dashboard, each)
        field = entity.field_named(each.field) if entity is not None else None
        kind = kind_of(field) if field is not None else None
        if entity is None or field is None or kind is None:
            continue
        code = _asked(each, asked)
        label = screen.label(each.label) or screen.field_label(field)
        options = _options(screen, entity, field, kind)
        views.append(_view(screen, each.name, label, options, code, period=_is_time(kind)))
        found = _chosen(screen, field, kind, code, [option for option, _ in options])
        if found is not None:
            chosen.append(found)
        if each.name in asked:
            address.append((each.name, code))
    as_of = _day(asked.get(AS_OF, ""))
    if as_of is not None:
        address.append((AS_OF, as_of.isoformat()))
    return Narrowing(tuple(views), tuple(chosen), as_of, tuple(address))


def _asked(wanted: DashboardFilter, asked: Mapping[str, str]) -> str:
    """Return what an address sets a filter to: two days may come apart, as a form sends them."""
    code = asked.get(wanted.name, str(wanted.default or ""))
    if code != CUSTOM:
        return code
    first, last = (_day(asked.get(f"{wanted.name}.{end}", "")) for end in ("from", "to"))
    if first is None or last is None:
        return ""
    return own_period(min(first, last), max(first, last))


def _chosen(
    screen: Screen, field: Field, kind: Kind, code: str, offered: list[str]
) -> Chosen | None:
    if _is_time(kind):
        return Chosen(field.name, kind, code) if is_period(code) else None
    if code not in offered:
        return None
    if kind != "record":
        return Chosen(field.name, kind, code)
    record = screen.ctx.actor.user if code == ME else UUID(code)
    return Chosen(field.name, kind, code, record)


def _view(
    screen: Screen, name: str, label: str, options: list[tuple[str, str]], code: str, *,
    period: bool,
) -> FilterView:  # fmt: skip
    """Return a filter as it is set; two days of one's own stand beside the periods."""
    shown = [(option, word, option == code) for option, word in options]
    first = last = ""
    if period:
        own = code not in PERIODS and is_period(code)
        shown.append((CUSTOM, screen.words.say("Choose days …"), own))
        first, last = code.split("..") if own else ("", "")
    return FilterView(name, label, tuple(shown), period, first, last)


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


def kind_of(field: Field) -> Kind | None:
    """Return in which way a field narrows a dashboard, if it does."""
    if field.type in ("date", "datetime"):
        return "days" if field.type == "date" else "instants"
    if field.link is not None and len(field.link.to) == 1 and not field.link.many:
        return "record"
    return "choice" if field.options else None


def _is_time(kind: Kind) -> bool:
    return kind in ("days", "instants")


def _options(screen: Screen, entity: Entity, field: Field, kind: Kind) -> list[tuple[str, str]]:
    match kind:
        case "days" | "instants":
            return [(code, screen.words.say(word)) for code, word in PERIODS.items()]
        case "record":
            hits = screen.services.reader.pick(
                screen.ctx, entity.key, field.key, "", this={}, limit=OFFERED
            )
            people = field.link is not None and field.link.to == ("user",)
            mine = [(ME, screen.words.say("Me"))] if people else []
            return [*mine, *((str(hit.id), hit.title) for hit in hits)]
        case "choice":
            return [(o.name, screen.label(o.label, o.name)) for o in field.options.values()]


def condition_of(chosen: Chosen, today: date) -> str:
    """Return the formula of a period or a choice."""
    if chosen.kind == "choice":
        return f'{chosen.field} == "{chosen.code}"'
    return within(chosen.field, bounds(chosen.code, today), instants=chosen.kind == "instants")


def within(field: str, days: Days, *, instants: bool) -> str:
    """Return the formula that a field lies in a period."""
    start, end = (_start(day, instants=instants) for day in (days[0], days[1] + timedelta(days=1)))
    return f"{field} >= {start} and {field} < {end}"


def _start(day: date, *, instants: bool) -> str:
    text = day_text(day)
    return f"DATETIME({text}, 0, 0)" if instants else text


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
