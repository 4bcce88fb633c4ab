"""The page of a report: what it is made of, to be changed, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from engine.errors import NotFound, QueryInvalid
from engine.views import SavedView
from engine.views.service import may_change, may_own
from metamodel.dashboards import Dashboard
from metamodel.label import Label
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.dashboards.drawing import draw
from ui.viewmodels.dashboards.own import own_dashboards
from ui.viewmodels.dashboards.page import Shown
from ui.viewmodels.dashboards.views import WidgetView
from ui.viewmodels.filters import FilterBar, filter_bar
from ui.viewmodels.narrowing import Narrowing
from ui.viewmodels.reports.choices import (
    Choice,
    ChoiceGroup,
    entities_of,
    groups_of,
    marked,
    measures_of,
)
from ui.viewmodels.reports.spec import (
    MOST_GROUPS,
    MOST_MEASURES,
    TYPES,
    ReportSpec,
    mended,
    widget_of,
)
from ui.viewmodels.shell import Shell, may, shell

TYPE_WORDS = {
    "table": "Table",
    "pivot": "Pivot table",
    "column": "Columns",
    "bar": "Bars",
    "line": "Line",
    "area": "Area",
    "pie": "Pie",
    "leaderboard": "Ranking",
    "metric": "One figure",
}
"""What a report can be drawn as, in English."""

TYPE_ICONS = {
    "table": "table", "pivot": "table-options", "column": "chart-bar", "bar": "chart-bar-popular",
    "line": "chart-line", "area": "chart-area-line", "pie": "chart-donut",
    "leaderboard": "trophy", "metric": "123",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in the builder for a group or a measure."""

    name: str
    label: str
    groups: tuple[ChoiceGroup, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """What an address says by name; one name may be said several times."""

    said: tuple[tuple[str, str], ...]

    def items(self) -> tuple[tuple[str, str], ...]:
        """Return names with what they are set to, in order."""
        return self.said


@dataclass(frozen=True, slots=True)
class Kept:
    """A report that is kept: its name, what the person may do with it, and who sees it."""

    title: str
    url: str
    sharing: str
    locked: bool
    version: int
    may_change: bool
    may_own: bool


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report with everything that it is made of.

    `asked` is what of it the filter's own dialog sends along; `state` is what is kept of it.
    """

    shell: Shell
    heading: str
    url: str
    entities: tuple[Choice, ...]
    types: tuple[tuple[Choice, str], ...]
    groups: tuple[Slot, ...]
    measures: tuple[Slot, ...]
    own: str
    sorts: tuple[Choice, ...]
    limit: str
    filter: str
    bar: FilterBar
    asked: Pairs
    state: str
    tile: WidgetView | None
    problems: tuple[str, ...] = ()
    kept: Kept | None = None
    changed: bool = False
    boards: tuple[tuple[str, str], ...] = ()
    deliver_url: str = ""
    search: str = ""
    reports_url: str = ""
    put_url: str = ""


def report_page(
    screen: Screen, spec: ReportSpec, saved: SavedView | None = None, *, changed: bool = False
) -> ReportPage:
    """Return the page of a report, drawn as far as it means something."""
    entity = _entity(screen, spec)
    spec = replace(spec, entity=entity.name)
    url = report_url(screen, saved)
    heading = saved.title if saved is not None else screen.words.say("New report")
    problems = mended(screen, entity, spec)
    offered = _Offered(groups_of(screen, entity), measures_of(screen, entity))
    tile = None if problems else _drawn(screen, entity, spec, heading, url)
    return ReportPage(
        shell=shell(screen, heading, screen.url("reports")),
        heading=heading,
        url=url,
        entities=entities_of(screen, entity.name),
        types=_types(screen, spec),
        groups=_group_slots(screen, spec, offered),
        measures=_measure_slots(screen, spec, offered),
        own=next((text for text in spec.measures if text not in offered.measured), ""),
        sorts=_sorts(screen, spec, offered),
        limit=str(spec.limit or ""),
        filter=spec.filter,
        bar=filter_bar(screen, entity, spec.filter),
        asked=Pairs(tuple(pair for pair in spec.query() if pair[0] != "filter")),
        state=urlencode(spec.query()),
        tile=tile,
        problems=problems,
        kept=_kept(screen, saved, url),
        changed=changed,
        reports_url=screen.url("reports"),
        put_url=screen.url("dashboards", "own", "put"),
        deliver_url=deliver_url(screen, f"report:{saved.id}", heading) if saved is not None else "",
        boards=tuple(
            (str(each.id), each.title)
            for each in own_dashboards(screen)
            if may_change(screen.ctx, each)
        ),
    )


def report_url(screen: Screen, saved: SavedView | None) -> str:
    """Return the address of a report that is kept, or of a new one."""
    return screen.url("reports", str(saved.id) if saved is not None else "new")


def deliver_url(screen: Screen, what: str, title: str) -> str:
    """Return where figures are asked to be sent, "" where no mail is sent at all."""
    if not screen.services.deliveries.possible:
        return ""
    return screen.url("deliveries", what=what, title=title)


def shown_report(screen: Screen, spec: ReportSpec, saved: SavedView | None = None) -> Shown:
    """Return a report as a dashboard of one widget, for its files and statements."""
    entity = _entity(screen, spec)
    title = saved.title if saved is not None else screen.entity_label(entity, plural=True)
    widget = widget_of(screen, entity, spec, label=Label({"": title}))
    label = Label({"": title})
    board = Dashboard("report", "report", label, {widget.key: widget})
    return Shown(board, report_url(screen, saved))


def _entity(screen: Screen, spec: ReportSpec) -> Entity:
    """Return what a report is about, the first kind of records where it says none."""
    if not spec.entity:
        first = next(iter(entities_of(screen, "")), None)
        found = screen.ctx.model.entity_named(first.value) if first is not None else None
    else:
        found = screen.ctx.model.entity_named(spec.entity)
    if found is None or found.system or found.retired or not may(screen, "read", found.key):
        raise NotFound(entity=spec.entity)
    return found


def _drawn(
    screen: Screen, entity: Entity, spec: ReportSpec, title: str, url: str
) -> WidgetView | None:
    try:
        widget = widget_of(screen, entity, spec, label=Label({"": title}))
    except QueryInvalid:
        return None
    tile = draw(screen, widget, Narrowing())
    address = f"{url}?{urlencode([*spec.query(), ('widget', 'report')])}"
    return None if tile is None else replace(tile, address=address)


def _types(screen: Screen, spec: ReportSpec) -> tuple[tuple[Choice, str], ...]:
    return tuple(
        (Choice(each, screen.words.say(TYPE_WORDS[each]), each == spec.type), TYPE_ICONS[each])
        for each in TYPES
    )


@dataclass(frozen=True, slots=True)
class _Offered:
    """What can be chosen for groups and for measures."""

    groups: tuple[ChoiceGroup, ...]
    measures: tuple[ChoiceGroup, ...]

    @property
    def measured(self) -> Mapping[str, str]:
        """What the formulas of measures are called."""
        return {choice.value: choice.label for each in self.measures for choice in each.choices}

    @property
    def labels(self) -> Mapping[str, str]:
        """What all formulas on offer are called."""
        grouped = {choice.value: choice.label for each in self.groups for choice in each.choices}
        return {**grouped, **self.measured}


def _group_slots(screen: Screen, spec: ReportSpec, offered: _Offered) -> tuple[Slot, ...]:
    say = screen.words.say
    labels = (say("Group by"), say("then by"), say("then by"))
    chosen = [*spec.groups, *[""] * MOST_GROUPS][:MOST_GROUPS]
    shown = min(len(spec.groups) + 1, MOST_GROUPS)
    return tuple(
        Slot("group", labels[at], marked(offered.groups, text, say("A formula")), say("(none)"))
        for at, text in enumerate(chosen[:shown])
    )


def _measure_slots(screen: Screen, spec: ReportSpec, offered: _Offered) -> tuple[Slot, ...]:
    say = screen.words.say
    known = [text for text in spec.measures if text in offered.measured]
    chosen = [*(known or ([] if spec.measures else ["COUNT()"])), ""][:MOST_MEASURES]
    return tuple(
        Slot("measure", say("Figure") if not at else say("and"), marked(offered.measures, text),
             say("(none)"))
        for at, text in enumerate(chosen)
    )  # fmt: skip


def _sorts(screen: Screen, spec: ReportSpec, offered: _Offered) -> tuple[Choice, ...]:
    found = [Choice("", screen.words.say("as it suits"), not spec.sort)]
    labels = offered.labels
    parts = [(f"m{at}", text) for at, text in enumerate(spec.measures or ("COUNT()",))]
    parts += [(f"g{at}", text) for at, text in enumerate(spec.groups)]
    for name, text in parts:
        label = labels.get(text, text)
        falling = screen.words.say("{field}, falling", field=label)
        rising = screen.words.say("{field}, rising", field=label)
        found.append(Choice(f"-{name}", falling, spec.sort == f"-{name}"))
        found.append(Choice(name, rising, spec.sort == name))
    return tuple(found)


def _kept(screen: Screen, saved: SavedView | None, url: str) -> Kept | None:
    if saved is None:
        return None
    ctx = screen.ctx
    return Kept(
        saved.title, url, saved.sharing, saved.locked, saved.version,
        may_change(ctx, saved), may_own(ctx, saved),
    )  # fmt: skip
