"""A dashboard for every entity, from its metadata alone: how many, how much, where, when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from engine.errors import NotFound, QueryInvalid
from engine.query.amounts import amount_field
from engine.query.parse import parse_group, parse_measure
from formula.typed import Typed
from metamodel.dashboards import Dashboard, DashboardFilter, Widget
from metamodel.label import Label
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.dashboards.page import Shown
from ui.viewmodels.narrowing import kind_of
from ui.viewmodels.shell import may

MOST_CHOICES = 3

LABELS = {"fresh": "New this month", "by_month": "By month", "ages": "Age"}
"""What widgets are called that no field gives a name, in English."""

AGES = (
    ("not due", "{day} >= TODAY()"),
    ("1–30 days", "{day} < TODAY() and {day} >= TODAY() - 30"),
    ("31–60 days", "{day} < TODAY() - 30 and {day} >= TODAY() - 60"),
    ("61–90 days", "{day} < TODAY() - 60 and {day} >= TODAY() - 90"),
    ("over 90 days", "{day} < TODAY() - 90"),
)

PLACES = ((0, 2, 6, 5), (6, 2, 6, 5), (0, 7, 6, 5), (6, 7, 6, 5), (0, 12, 6, 5), (6, 12, 6, 5),
          (0, 17, 6, 5), (6, 17, 6, 5))  # fmt: skip
"""Where charts stand below the row of figures."""


def generated(screen: Screen, entity: Entity) -> Shown:
    """Return an entity's dashboard under the person's rights; raise `NotFound` without any."""
    if not may(screen, "read", entity.key):
        raise NotFound(entity=entity.name)
    made = _Made(screen, entity)
    figures = [
        replace(each, at=(3 * at, 0, 3, 2)) for at, each in enumerate(islice(made.figures(), 4))
    ]
    charts = [replace(each, at=place) for each, place in zip(made.charts(), PLACES, strict=False)]
    label = Label({screen.language: screen.words.say(
        "{name}: figures", name=screen.entity_label(entity, plural=True)
    )})  # fmt: skip
    dashboard = Dashboard(
        key=f"of.{entity.key}",
        name=entity.name,
        label=label,
        widgets={each.key: each for each in (*figures, *charts)},
        filters={each.name: each for each in made.filters()},
        icon=entity.icon,
    )
    url = screen.url("records", entity.name, "figures")
    return Shown(dashboard, url, list_url=screen.url("records", entity.name))


class _Made:
    """What is worth showing of an entity, found in its fields."""

    def __init__(self, screen: Screen, entity: Entity) -> None:
        self._screen = screen
        self._entity = entity
        rights = screen.services.access
        legible = rights.readable(screen.ctx, entity.key) - rights.masked(screen.ctx, entity.key)
        self._fields = [
            each for each in entity.fields.values()
            if each.key in legible and not each.retired and not each.hidden
        ]  # fmt: skip
        amount = amount_field(entity)
        self._amount = amount if amount in self._fields else None

    def figures(self) -> Iterator[Widget]:
        """Yield the figures: how many there are, and came this month, and what they are about."""
        plural = self._entity.plural or self._entity.label
        yield self._widget("count", "metric", plural)
        yield self._widget(
            "fresh", "metric", self._label("fresh"),
            options={"period": {"field": "created_at", "default": "this_month"},
                     "compare": "previous_period"},
        )  # fmt: skip
        if self._amount is not None:
            yield self._widget(
                "sum", "metric", self._amount.label, measures=self._sum(self._amount)
            )
            average = self._measure(f"AVG({self._amount.name})")
            words = self._screen.words.say(
                "Average of {field}", field=self._screen.field_label(self._amount)
            )
            if average is not None:
                yield self._widget("average", "metric", self._text(words),
                                   measures={"average": average})  # fmt: skip

    def charts(self) -> Iterator[Widget]:
        """Yield the charts: by stage, over time, by choice, by owner, by age."""
        for pipeline in self._entity.pipelines.values():
            measures = {**self._counted(), **self._sums()}
            yield self._widget(
                "funnel", "funnel", pipeline.label, pipeline=pipeline.key, measures=measures
            )
            break
        timed = self._grouped("month", f'STARTOF({self._month_of()}, "month")')
        if timed is not None:
            yield self._widget("by_month", "column", self._label("by_month"),
                               group_by=timed, measures=self._main())  # fmt: skip
        stages = {each.field_key for each in self._entity.pipelines.values()}
        choices = [f for f in self._fields if f.options and f.key not in stages]
        for field in [f for f in choices if f.type == "choice"][:MOST_CHOICES]:
            yield from self._by(field, "bar" if len(field.options) > 6 else "pie")
        people = (f for f in self._fields if f.name == "owner")
        for field in people:
            yield from self._by(field, "leaderboard")
        day = next((f for f in self._fields if f.type == "date" and "due" in f.name), None)
        if day is not None:
            yield from self._ages(day)

    def filters(self) -> Iterator[DashboardFilter]:
        """Yield the filters: when it was made, whose it is, and the first choice."""
        made = self._entity.fields.get("created_at")
        if made is not None:
            yield DashboardFilter("made", Label(), made.name)
        for field in [f for f in self._fields if f.name in ("owner", "department")]:
            yield DashboardFilter(field.name, field.label, field.name)
        choices = [f for f in self._fields if f.options and kind_of(f) == "choice"]
        for field in choices[:2]:
            yield DashboardFilter(field.name, field.label, field.name)

    def _by(self, field: Field, kind: str) -> Iterator[Widget]:
        groups = self._grouped(field.name, field.name)
        if groups is not None:
            yield self._widget(f"by_{field.key}", kind, field.label, group_by=groups,
                               measures=self._main())  # fmt: skip

    def _ages(self, day: Field) -> Iterator[Widget]:
        """Yield how late things are by a day that they were due on, in steps of thirty days."""
        says = self._screen.words.say
        parts = [f'"{n} {says(word)}" if {text.format(day=day.name)}' for n, (word, text) in
                 enumerate(AGES, start=1)]  # fmt: skip
        text = " else ".join([*parts, '""'])
        groups = self._grouped("age", text)
        if groups is not None:
            yield self._widget("ages", "column", self._label("ages"), group_by=groups,
                               measures=self._main(), options={"sort": "age"})  # fmt: skip

    def _month_of(self) -> str:
        days = [f.name for f in self._fields if f.type == "date"]
        return days[0] if days and self._entity.pipelines else "DATE(created_at)"

    def _main(self) -> dict[str, Typed]:
        """Return what charts measure: the money where there is some, else the number."""
        if self._amount is not None:
            return self._sum(self._amount)
        return self._counted()

    def _counted(self) -> dict[str, Typed]:
        counted = self._measure("COUNT()")
        return {} if counted is None else {"count": counted}

    def _sums(self) -> dict[str, Typed]:
        return self._sum(self._amount) if self._amount is not None else {}

    def _sum(self, field: Field) -> dict[str, Typed]:
        measure = self._measure(f"SUM({field.name})")
        return {} if measure is None else {"total": measure}

    def _measure(self, text: str) -> Typed | None:
        try:
            return parse_measure(self._screen.ctx, self._entity.key, text)
        except QueryInvalid:
            return None

    def _grouped(self, name: str, text: str) -> dict[str, Typed] | None:
        try:
            return {name: parse_group(self._screen.ctx, self._entity.key, text)}
        except QueryInvalid:
            return None

    def _widget(self, key: str, kind: str, label: Label, **given: object) -> Widget:
        made = Widget(key, kind, self._entity.key, label)
        return replace(made, **given)  # type: ignore[arg-type]

    def _label(self, key: str) -> Label:
        return self._text(self._screen.words.say(LABELS[key]))

    def _text(self, words: str) -> Label:
        return Label({self._screen.language: words})
