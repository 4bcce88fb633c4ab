"""Which widget is drawn how; several are drawn at once, as each waits for its own statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import MappingProxyType

from engine.access.grants import sees_sql
from engine.errors import NotFound, QueryInvalid
from metamodel.dashboards import Widget
from metamodel.label import Label
from ui.screen import Screen
from ui.viewmodels.dashboards.chart import draw_chart
from ui.viewmodels.dashboards.metric import draw_gauge, draw_metric
from ui.viewmodels.dashboards.place import Place
from ui.viewmodels.dashboards.ranks import draw_ranks
from ui.viewmodels.dashboards.stages import draw_bridge, draw_funnel
from ui.viewmodels.dashboards.tables import draw_table
from ui.viewmodels.dashboards.velocity import draw_velocity
from ui.viewmodels.dashboards.views import WidgetView
from ui.viewmodels.narrowing import Narrowing
from ui.viewmodels.shell import may

AT_ONCE = 3
"""Widgets of one page that are drawn at a time: each holds a connection meanwhile."""

Draw = Callable[[Place], WidgetView]

GROUPED: Mapping[str, Draw] = MappingProxyType(
    {
        "bar": draw_chart,
        "column": draw_chart,
        "line": draw_chart,
        "area": draw_chart,
        "pie": draw_chart,
        "waterfall": draw_chart,
        "leaderboard": draw_ranks,
        "table": draw_table,
        "pivot": draw_table,
    }
)
"""How widgets are drawn that have groups."""

STAGED: Mapping[str, Draw] = MappingProxyType({"funnel": draw_funnel, "waterfall": draw_bridge})
"""How widgets are drawn that are about a pipeline."""


def draw_all(
    screen: Screen, widgets: Sequence[Widget], narrowed: Narrowing
) -> tuple[WidgetView, ...]:
    """Return the widgets that the person may read, in order."""

    def one(widget: Widget) -> WidgetView | None:
        return draw(screen, widget, narrowed)

    if len(widgets) < 2:
        found = [one(each) for each in widgets]
    else:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(one, widgets))
    return tuple(view for view in found if view is not None)


def draw(screen: Screen, widget: Widget, narrowed: Narrowing) -> WidgetView | None:
    """Return a widget; None where it reads what the person may not read."""
    if widget.type == "text":
        return _text(screen, widget)
    entity = screen.ctx.model.entities.get(widget.entity)
    if entity is None or entity.retired or not may(screen, "read", entity.key):
        return None
    place = Place(screen, entity, widget, narrowed)
    try:
        view = _draw_of(widget)(place)
    except (QueryInvalid, NotFound):
        return None
    # Beside a pipeline as of another day, what does not follow it must not pass for that day's.
    present = narrowed.as_of is not None and not _follows(widget)
    notes = (view.note, screen.words.say("today's figures") if present else "")
    return replace(
        view,
        note=" · ".join(each for each in notes if each),
        queries=tuple(place.asked),
        sql=sees_sql(screen.ctx),
        exports=may(screen, "export", entity.key),
    )


def _follows(widget: Widget) -> bool:
    """Return whether a widget can be shown as of another day."""
    present = not widget.options.get("shows")
    return bool(widget.pipeline) and widget.type in STAGED and present


def _draw_of(widget: Widget) -> Draw:
    if widget.pipeline and widget.type in STAGED:
        fast = widget.type == "funnel" and widget.options.get("shows") == "velocity"
        return draw_velocity if fast else STAGED[widget.type]
    if widget.group_by and widget.type in GROUPED:
        return GROUPED[widget.type]
    return draw_gauge if widget.type == "gauge" else draw_metric


def _text(screen: Screen, widget: Widget) -> WidgetView:
    column, row, width, height = widget.at
    words = widget.options.get("text")
    given = {str(key): str(word) for key, word in words.items()} if isinstance(words, dict) else {}
    text = Label(given).text(screen.language) if given else str(words or "")
    return WidgetView(
        key=widget.key,
        shape="text",
        type="text",
        label=screen.label(widget.label),
        at=(column + 1, row + 1, width, height),
        text=text,
    )
