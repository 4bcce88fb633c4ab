"""A pivot: groups down and across, a measure where they meet, each cell opening its records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.errors import NotFound
from engine.query.parse import parse_filter, parse_measure
from formula.typed import Typed
from metamodel.dashboards import Dashboard, Widget
from metamodel.label import Label
from metamodel.model import Entity
from metamodel.views import View
from ui.screen import Screen
from ui.viewmodels.asked import Asked
from ui.viewmodels.conditions import both
from ui.viewmodels.dashboards.page import Shown, drawn_widget
from ui.viewmodels.dashboards.views import WidgetView
from ui.viewmodels.frames import ViewFrame, drawn
from ui.viewmodels.measured import measure_label
from ui.viewmodels.shell import Shell


@dataclass(frozen=True, slots=True)
class PivotPage:
    """A pivot of one measure, and the way to its others: label, address, whether it is shown."""

    frame: ViewFrame
    tile: WidgetView | None
    measures: tuple[tuple[str, str, bool], ...]

    @property
    def shell(self) -> Shell:
        return self.frame.shell


def pivot_page(
    screen: Screen, entity: Entity, view: View, asked: Asked, measure: str = ""
) -> PivotPage:
    """Return a pivot; of several measures the one that is named, else the first."""
    known = _measures(screen, entity, view)
    chosen = measure if measure in known else next(iter(known))

    def draw(narrowed: Asked) -> WidgetView | None:
        shown = pivot_shown(screen, entity, view, narrowed)
        return drawn_widget(screen, shown, chosen, {}) if _grouped(view) else None

    try:
        frame, tile = drawn(screen, entity, view, asked, draw)
    except NotFound:
        # What the person may not read is not told apart from what is not there.
        frame, tile = drawn(screen, entity, view, asked, lambda _: None)
    return PivotPage(
        frame=frame,
        tile=replace(tile, label="", at=(1, 1, 12, 1)) if tile is not None else None,
        measures=tuple(
            (
                measure_label(screen, entity, typed),
                screen.url(
                    "records", entity.name, view=view.name, q=asked.text, filter=asked.filter,
                    measure=name,
                ),
                name == chosen,
            )
            for name, typed in known.items()
        ),
    )  # fmt: skip


def pivot_shown(screen: Screen, entity: Entity, view: View, asked: Asked) -> Shown:
    """Return the pivots of a view's measures as a dashboard that one may ask for files of."""
    narrowed = view.filter
    if asked.filter:
        narrowed = both(narrowed, parse_filter(screen.ctx, entity.key, asked.filter))
    layout = view.layout
    widgets = {
        name: Widget(
            key=name,
            type="pivot" if layout.across else "table",
            entity=entity.key,
            label=view.label,
            filter=narrowed,
            group_by={**layout.rows, **layout.across},
            measures={name: typed},
            options={"limit": 200},
        )
        for name, typed in _measures(screen, entity, view).items()
    }
    url = screen.url("records", entity.name, "pivot", view=view.name, filter=asked.filter)
    return Shown(Dashboard(f"pivot.{view.key}", view.name, Label(), widgets), url)


def _grouped(view: View) -> bool:
    return bool(view.layout.rows or view.layout.across)


def _measures(screen: Screen, entity: Entity, view: View) -> Mapping[str, Typed]:
    return view.layout.measures or {"count": parse_measure(screen.ctx, entity.key, "COUNT()")}
