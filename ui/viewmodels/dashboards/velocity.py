"""How fast stages are passed: how much working time records spend in each, on average."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.query.parse import parse_group
from engine.query.stages import Flow, FlowQuery
from engine.query.whose import whose as whose_rows
from metamodel.flows import Stage
from ui.screen import Screen
from ui.viewmodels.cells import mark
from ui.viewmodels.dashboards.place import Place
from ui.viewmodels.dashboards.stages import between, pipeline_of, shared, time_of, unbounded
from ui.viewmodels.dashboards.views import Figure, Step, WidgetView
from ui.viewmodels.whose import whose

WHOLE_DAY = Decimal(24)
"""Hours of a day where no calendar says when people work."""


def draw_velocity(place: Place) -> WidgetView:
    """Return how long records that came to a stage in the time stayed in it."""
    pipeline, days = pipeline_of(place), time_of(place, "last_12_months")
    since, until = (_midnight(place.screen, day) for day in (days[0], days[1] + timedelta(days=1)))
    query = FlowQuery(place.entity.key, pipeline.key, since, until, unbounded(place))
    flows = place.flow(query)
    field = place.entity.fields[pipeline.field_key]
    group = parse_group(place.screen.ctx, place.entity.key, field.name)
    hours = hours_of_day(place.screen)
    steps, sizes = [], []
    for flow in flows:
        stage = pipeline.stages.get(flow.stage)
        if stage is None or stage.ends:
            continue
        found = mark(place.screen, field, stage.key)
        stayed = None if flow.hours is None else flow.hours / hours
        slow = stayed is not None and stage.normal_days is not None and stayed > stage.normal_days
        steps.append(
            Step(
                label=found.text,
                shown="–" if stayed is None else _days(place.screen, stayed),
                url=place.behind([(group, stage.key)]),
                tone="red" if slow else found.tone,
                notes=tuple(_notes(place.screen, flow, stage)),
            )
        )
        sizes.append(stayed or Decimal(0))
    scope = whose_rows(place.screen.ctx, place.screen.services.access, place.entity.key,
                       (query.filter,))  # fmt: skip
    return replace(
        place.view("funnel"),
        steps=tuple(shared(steps, sizes)),
        note=between(place, days),
        whose=whose(place.screen, scope),
    )


def hours_of_day(screen: Screen) -> Decimal:
    """Return how many hours a working day has on average, by the company's own calendar."""
    calendar = screen.ctx.model.calendars.get("")
    worked = [each for each in calendar.week if each] if calendar is not None else []
    minutes = sum(until - since for hours in worked for since, until in hours)
    return Decimal(minutes) / 60 / len(worked) if minutes else WHOLE_DAY


def _notes(screen: Screen, flow: Flow, stage: Stage) -> Iterator[Figure]:
    """Yield how many passed, and how long it should take where that is said."""
    say, formats = screen.words.say, screen.formats
    yield Figure(say("{count} passed", count=formats.number(flow.entered - flow.here)))
    if stage.normal_days is not None:
        yield Figure(say("{days} days are usual", days=formats.number(stage.normal_days)))


def _days(screen: Screen, days: Decimal) -> str:
    return screen.words.say("{days} days", days=screen.formats.number(days, 1))


def _midnight(screen: Screen, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(screen.ctx.moment.zone))
