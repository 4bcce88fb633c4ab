"""One widget where it is drawn: what it asks, under which filters, and what its marks open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.query.parse import parse_measure
from engine.query.spec import AggregateQuery, AggregateResult, LinkValue, Mark
from engine.query.stages import Flow, FlowQuery
from engine.query.standings import Past, PastQuery
from formula.typed import Typed
from metamodel.dashboards import Widget
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.conditions import both, equal_to, everything
from ui.viewmodels.dashboards.views import Query, Shape, WidgetView
from ui.viewmodels.marks import mark_text
from ui.viewmodels.measured import group_field
from ui.viewmodels.narrowing import Narrowing, kind_of
from ui.viewmodels.periods import Days, Former, bounds, former, is_period, own_period
from ui.viewmodels.whose import whose
from ui.widgets.choice import option_of

Groups = Mapping[str, Typed]

Rows = Sequence[Mapping[str, Any]]
"""Groups as they come back. Any: values of every type."""


@dataclass(frozen=True, slots=True)
class Place:
    """A widget over its entity, with the dashboard's filters; `asked` gathers what it asks."""

    screen: Screen
    entity: Entity
    widget: Widget
    narrowed: Narrowing
    asked: list[Query] = field(default_factory=list)

    @property
    def measures(self) -> Mapping[str, Typed]:
        """What is measured: as written, else the number of records."""
        if self.widget.measures:
            return self.widget.measures
        return {"count": parse_measure(self.screen.ctx, self.entity.key, "COUNT()")}

    @property
    def filters(self) -> Narrowing:
        """The dashboard's filters, and the widget's own period where none is chosen for it."""
        own = self.widget.options.get("period")
        if not isinstance(own, Mapping):
            return self.narrowed
        found = self.entity.field_named(str(own.get("field", "")))
        code = str(own.get("default", ""))
        if found is None or not is_period(code) or self._is_set(found):
            return self.narrowed
        readable = self.screen.services.access.readable(self.screen.ctx, self.entity.key)
        return self.narrowed.within(found, code) if found.key in readable else self.narrowed

    @property
    def days(self) -> Days | None:
        """The first and the last day of the period that the widget is about."""
        chosen = self.filters.period(self.screen, self.entity)
        return None if chosen is None else bounds(chosen.code, self.screen.ctx.moment.today)

    def filter(self, filters: Narrowing | None = None) -> Typed | None:
        """Return the condition on the records that the widget is about."""
        used = self.filters if filters is None else filters
        return used.apply(self.screen, self.entity, self.widget.filter)

    def former(self, how: Former) -> Place | None:
        """Return the same widget a period, or a year, earlier; None where it has no period."""
        chosen = self.filters.period(self.screen, self.entity)
        found = self.entity.field_named(chosen.field) if chosen is not None else None
        if chosen is None or found is None:
            return None
        days = former(chosen.code, self.screen.ctx.moment.today, how)
        return replace(self, narrowed=self.filters.within(found, own_period(*days)))

    def aggregate(
        self,
        groups: Groups | None = None,
        *,
        sort: tuple[tuple[str, bool], ...] = (),
        limit: int = 1000,
        measures: Mapping[str, Typed] | None = None,
    ) -> AggregateResult:
        """Return measures of the widget's records in groups."""
        query = AggregateQuery(
            self.entity.key, self.filter(), groups or {}, measures or self.measures, sort, limit,
            explain=False,
        )  # fmt: skip
        self.asked.append(query)
        return self.screen.services.reader.aggregate(self.screen.ctx, query)

    def past(self, query: PastQuery) -> Past:
        """Return what the memory of stages says."""
        self.asked.append(query)
        return self.screen.services.standings.told(self.screen.ctx, query)

    def flow(self, query: FlowQuery) -> tuple[Flow, ...]:
        """Return how fast stages are passed."""
        self.asked.append(query)
        return self.screen.services.stages.flow(self.screen.ctx, query)

    def behind(self, groups: Sequence[tuple[Typed, Any]] = (), mark: Mark | None = None) -> str:
        """Return the address of the records of one mark: those of its groups, or of a memory."""
        links, texts = [], []
        for group, value in groups:
            if isinstance(value, LinkValue):
                found = group_field(self.screen, group)
                links.append(f"{found.name if found is not None else ''}:{value.id}")
            else:
                texts.append(self._equals(group, value))
        return self.address(*texts, links=links, mark=mark)

    def address(self, *conditions: str, links: Sequence[str] = (), mark: Mark | None = None) -> str:
        """Return the address of the widget's records for which conditions hold, too."""
        own = [self.widget.filter.text] if self.widget.filter is not None else []
        parts = [*own, *self.filters.texts(self.screen, self.entity), *conditions]
        return self.screen.url(
            "records",
            self.entity.name,
            view=everything(self.entity),
            filter=" and ".join(f"({part})" for part in parts)
            if len(parts) > 1
            else "".join(parts),
            of="|".join([*links, *self.filters.links(self.screen, self.entity)]),
            mark="" if mark is None else mark_text(self.entity, mark),
        )

    def option(self, name: str) -> str:
        """Return a text among the widget's options, "" where it has none."""
        value = self.widget.options.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        """Return a whole number among the widget's options."""
        value = self.widget.options.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def view(self, shape: Shape, result: AggregateResult | Past | None = None) -> WidgetView:
        """Return the frame of the widget, to be filled."""
        column, row, width, height = self.widget.at
        return WidgetView(
            key=self.widget.key,
            shape=shape,
            type=self.widget.type,
            label=self.screen.label(self.widget.label, self.widget.key),
            at=(column + 1, row + 1, width, height),
            url=self.address(),
            whose="" if result is None else whose(self.screen, result.scope),
        )

    def _is_set(self, own: Field) -> bool:
        chosen = self.narrowed.period(self.screen, self.entity)
        return chosen is not None and chosen.field == own.name and kind_of(own) == chosen.kind

    def _equals(self, group: Typed, value: Any) -> str:
        found = group_field(self.screen, group)
        if found is not None and found.options and isinstance(value, str):
            option = option_of(found, value)
            value = option.name if option is not None else value
        if isinstance(value, datetime):
            value = value.astimezone(ZoneInfo(self.screen.ctx.moment.zone))
        return equal_to(group.text, value)


def with_filter(widget: Widget, condition: Typed | None) -> Widget:
    """Return a widget over fewer records."""
    return replace(widget, filter=both(widget.filter, condition))
