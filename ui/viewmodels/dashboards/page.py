"""A dashboard as a whole: its filters, its widgets, and the others that can be opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from engine.access.listed import usable_dashboards
from engine.context import Context
from engine.errors import NotFound
from engine.views import Wanted
from metamodel.dashboards import Dashboard
from ui.screen import Screen
from ui.viewmodels.dashboards.drawing import draw, draw_all
from ui.viewmodels.dashboards.views import WidgetView
from ui.viewmodels.narrowing import AS_OF, FilterView, Narrowing, narrowing
from ui.viewmodels.shell import MenuLine, Shell, shell

KIND = "dashboard"
"""What a view is that is a dashboard of somebody's own."""

FILTERS = "filters"
"""What a view is that keeps somebody's filters of a dashboard."""

PLAIN = "plain"
"""What an address says that wants no filters, also none that are kept."""

HISTORY = frozenset({"funnel", "waterfall"})
"""Types of widgets that can be told as of a day."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A dashboard to be drawn: where it is, and what of its widgets cannot be.

    `problems` say by widget what is wrong with it and how to mend it; `list_url` is
    the list that its figures are of, `arranged_at` is its version where the person may
    arrange it, `may_own` whether they may take it away.
    """

    dashboard: Dashboard
    url: str
    problems: Mapping[str, tuple[WidgetView, ...]] = field(default_factory=dict)
    list_url: str = ""
    arranged_at: int = 0
    may_own: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """A dashboard as a whole; `as_of` is the day that pipelines are shown as of, if they can be.

    `address` is the dashboard's address with its filters, for parts of it.
    """

    shell: Shell
    heading: str
    tabs: tuple[tuple[str, str, bool], ...]
    widgets: tuple[WidgetView, ...]
    filters: tuple[FilterView, ...] = ()
    url: str = ""
    address: str = ""
    dated: bool = False
    as_of: str = ""
    as_of_words: str = ""
    whose: str = ""
    narrowed: bool = False
    today: str = ""
    list_url: str = ""
    keep_url: str = ""
    deliver_url: str = ""
    arranged_at: int = 0
    may_own: bool = False
    shared: bool = False
    tools: tuple[MenuLine, ...] = ()


def dashboard_page(screen: Screen, shown: Shown, asked: Mapping[str, str]) -> DashboardPage:
    """Return a dashboard with its figures worked out; `asked` sets its filters."""
    dashboard = shown.dashboard
    heading = screen.label(dashboard.label, dashboard.name)
    # An address that says something of filters says all of them; else they are as they were left.
    if not asked:
        asked = kept_filters(screen, dashboard.key)
    narrowed = narrowing(screen, dashboard, asked)
    widgets = draw_all(screen, tuple(dashboard.widgets.values()), narrowed)
    # What all of them are over is said once.
    said = {each.whose for each in widgets if each.whose}
    whose = next(iter(said)) if len(said) == 1 else ""
    widgets = tuple(replace(each, whose="" if whose else each.whose) for each in widgets)
    placed = [*widgets, *(each for views in shown.problems.values() for each in views)]
    return DashboardPage(
        shell=shell(screen, heading, shown.url),
        heading=heading,
        tabs=_tabs(screen, shown),
        widgets=tuple(replace(each, address=_part(shown, narrowed, each)) for each in placed),
        filters=narrowed.views,
        url=shown.url,
        address=_address(shown, narrowed),
        dated=any(each.type in HISTORY for each in widgets),
        as_of="" if narrowed.as_of is None else narrowed.as_of.isoformat(),
        as_of_words="" if narrowed.as_of is None else screen.formats.date(narrowed.as_of),
        whose=whose,
        narrowed=bool(narrowed.address),
        today=screen.ctx.moment.today.isoformat(),
        list_url=shown.list_url,
        keep_url=screen.url("dashboards", "keep", key=dashboard.key),
        deliver_url=_deliver_url(screen, shown, heading),
        arranged_at=shown.arranged_at,
        may_own=shown.may_own,
        shared=shown.shared,
        tools=_tools(screen),
    )


def kept_filters(screen: Screen, key: str) -> Mapping[str, str]:
    """Return how a person left the filters of a dashboard, by its key."""
    found = screen.services.saved_views.find(screen.ctx, kinds=(FILTERS,))
    own = next((each for each in found if each.over == _over(key)), None)
    return {str(name): str(code) for name, code in own.spec.items()} if own is not None else {}


def keep_filters(screen: Screen, ctx: Context, key: str, asked: Mapping[str, str]) -> None:
    """Keep how a person leaves the filters of a dashboard, for the next time."""
    wanted = Wanted(key[:100] or FILTERS, dict(asked), kind=FILTERS)
    screen.services.saved_views.lay(ctx, _over(key), wanted)


def _over(key: str) -> str:
    return f"{KIND}:{key}"


def drawn_widget(screen: Screen, shown: Shown, key: str, asked: Mapping[str, str]) -> WidgetView:
    """Return one widget of a dashboard; raise `NotFound` for one that the person may not read."""
    widget = shown.dashboard.widgets.get(key)
    narrowed = narrowing(screen, shown.dashboard, asked)
    view = draw(screen, widget, narrowed) if widget is not None else None
    if view is None:
        raise NotFound(widget=key)
    return replace(view, address=_part(shown, narrowed, view))


def shown_dashboard(screen: Screen, name: str) -> Shown:
    """Return a dashboard of the app by its name; raise `NotFound` where it is not for them."""
    found = next((d for d in usable_dashboards(screen.ctx) if d.name == name), None)
    if found is None:
        raise NotFound(dashboard=name)
    return Shown(found, screen.url("dashboards", found.name))


def _tabs(screen: Screen, shown: Shown) -> tuple[tuple[str, str, bool], ...]:
    """Return the dashboards that can be opened beside one: the app's, then those people made."""
    if shown.list_url:
        return ()
    here = shown.dashboard.key
    given = tuple(
        (
            screen.label(each.label, each.name),
            screen.url("dashboards", each.name),
            each.key == here,
        )
        for each in usable_dashboards(screen.ctx)
    )
    own = tuple(
        (each.title, screen.url("dashboards", "own", str(each.id)), str(each.id) == here)
        for each in screen.services.saved_views.find(screen.ctx, kinds=(KIND,))
    )
    return (*given, *own)


def _deliver_url(screen: Screen, shown: Shown, title: str) -> str:
    """Return where a dashboard is asked to be sent, "" where none is sent or it is of a list."""
    if shown.list_url or not screen.services.deliveries.possible:
        return ""
    board = shown.dashboard
    own = board.key not in screen.ctx.model.dashboards
    what = f"own:{board.key}" if own else f"dashboard:{board.name}"
    return screen.url("deliveries", what=what, title=title)


def _tools(screen: Screen) -> tuple[MenuLine, ...]:
    say = screen.words.say
    return (
        MenuLine(say("Reports and dashboards"), "report-analytics", screen.url("reports")),
        MenuLine(say("New report"), "plus", screen.url("reports", "new")),
    )


def _address(shown: Shown, narrowed: Narrowing) -> str:
    asked = urlencode([(name, value) for name, value in narrowed.address if value or name != AS_OF])
    return f"{shown.url}?{asked}" if asked else shown.url


def _part(shown: Shown, narrowed: Narrowing, view: WidgetView) -> str:
    whole = _address(shown, narrowed)
    return f"{whole}{'&' if '?' in whole else '?'}widget={view.key}"
