"""What a report says, in texts: as an address carries it, as it is kept, and as a widget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.errors import QueryInvalid
from engine.query.parse import parse_filter, parse_group, parse_measure
from formula.typed import Typed
from metamodel.dashboards import Widget
from metamodel.label import Label
from metamodel.model import Entity
from ui.screen import Screen

TYPES = ("table", "pivot", "column", "bar", "line", "area", "pie", "leaderboard", "metric")
"""What a report can be drawn as, the plainest first."""

MOST_GROUPS = 3

MOST_MEASURES = 4

MOST_ROWS = 500

LONGEST = 4_000
"""Characters of one formula."""

Place = tuple[int, int, int, int]
"""Column, row, width and height on a grid of twelve."""


@dataclass(frozen=True, slots=True)
class ReportSpec:
    """A report in texts; `entity` is a name, groups and measures are formulas.

    `sort` names a measure (`m0`) or a group (`g0`), with a `-` in front for the largest first.
    """

    entity: str
    type: str = "table"
    groups: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    filter: str = ""
    sort: str = ""
    limit: int = 0
    compare: str = ""

    def kept(self) -> Mapping[str, Any]:
        """Return the report as JSON keeps it."""
        return {**asdict(self), "groups": list(self.groups), "measures": list(self.measures)}

    def query(self) -> Sequence[tuple[str, str]]:
        """Return the report as an address carries it."""
        said = [("entity", self.entity), ("type", self.type)]
        said += [("group", text) for text in self.groups]
        said += [("measure", text) for text in self.measures]
        said += [("filter", self.filter), ("sort", self.sort), ("compare", self.compare)]
        said += [("limit", str(self.limit or ""))]
        return [(name, text) for name, text in said if text]


def spec_of_kept(kept: Mapping[str, Any]) -> ReportSpec:
    """Return a report from JSON, whatever else stands in it left out."""
    return _spec({name: kept.get(name) for name in ReportSpec.__slots__})


def spec_of_address(values: Mapping[str, Sequence[str]]) -> ReportSpec:
    """Return the report that an address asks for; `values` are lists by name."""

    def only(name: str) -> str:
        return next(iter(values.get(name, ())), "")

    return _spec(
        {
            "entity": only("entity"), "type": only("type"), "filter": only("filter"),
            "groups": values.get("group", ()), "sort": only("sort"), "compare": only("compare"),
            "measures": [*values.get("measure", ()), *values.get("own", ())],
            "limit": int(only("limit")) if only("limit").isdecimal() else 0,
        }
    )  # fmt: skip


def _spec(said: Mapping[str, Any]) -> ReportSpec:
    kind, limit = _text(said["type"]), said["limit"]
    return ReportSpec(
        entity=_text(said["entity"]),
        type=kind if kind in TYPES else "table",
        groups=tuple(_texts(said["groups"]))[:MOST_GROUPS],
        measures=tuple(_texts(said["measures"]))[:MOST_MEASURES],
        filter=_text(said["filter"]),
        sort=_text(said["sort"]),
        limit=min(limit, MOST_ROWS) if isinstance(limit, int) and limit > 0 else 0,
        compare=_text(said["compare"]),
    )


def _text(value: object) -> str:
    return value.strip()[:LONGEST] if isinstance(value, str) else ""


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from dict.fromkeys(text for each in value if (text := _text(each)))


def widget_of(
    screen: Screen, entity: Entity, spec: ReportSpec, *, key: str = "report",
    label: Label | None = None, at: Place = (0, 0, 12, 8),
) -> Widget:  # fmt: skip
    """Return a report as a widget; raise `QueryInvalid` for what means nothing, or not to them."""
    ctx = screen.ctx
    groups = {f"g{at}": parse_group(ctx, entity.key, text) for at, text in enumerate(spec.groups)}
    measures = {
        f"m{at}": parse_measure(ctx, entity.key, text)
        for at, text in enumerate(spec.measures or ("COUNT()",))
    }
    names = {*groups, *measures}
    options: dict[str, object] = {"sort": spec.sort} if spec.sort.lstrip("-") in names else {}
    options |= {"limit": spec.limit} if spec.limit else {}
    options |= {"compare": spec.compare} if spec.compare else {}
    return Widget(
        key=key,
        type=spec.type if groups else "metric",
        entity=entity.key,
        label=label or entity.plural or entity.label,
        filter=parse_filter(ctx, entity.key, spec.filter) if spec.filter else None,
        group_by=groups,
        measures=measures,
        at=at,
        options=options,
    )


def uses_of(widget: Widget) -> tuple[str, ...]:
    """Return the fields that a widget reads, as `entity.field` by key, for a plan to look for."""
    typed: list[Typed] = [*widget.group_by.values(), *widget.measures.values()]
    typed += [widget.filter] if widget.filter is not None else []
    found = set()
    for each in typed:
        chains = [*each.dependencies.reads]
        for collection in each.dependencies.collections:
            chains += [*collection.reads, collection.links, (collection.via,)]
        found |= {f"{step.entity}.{step.field}" for chain in chains for step in chain}
    return tuple(sorted(found))


def spec_of_widget(entity: Entity, widget: Widget) -> ReportSpec:
    """Return a widget of the app as a report, to be changed and kept as one's own."""
    sort = widget.options.get("sort")
    names = {name: f"g{at}" for at, name in enumerate(widget.group_by)}
    names |= {name: f"m{at}" for at, name in enumerate(widget.measures)}
    asked = sort if isinstance(sort, str) else ""
    known = names.get(asked.lstrip("-"), "")
    limit = widget.options.get("limit")
    compare = widget.options.get("compare")
    return ReportSpec(
        entity=entity.name,
        type=widget.type if widget.type in TYPES else "table",
        groups=tuple(each.text for each in widget.group_by.values())[:MOST_GROUPS],
        measures=tuple(each.text for each in widget.measures.values())[:MOST_MEASURES],
        filter=widget.filter.text if widget.filter is not None else "",
        sort=f"{'-' if asked.startswith('-') else ''}{known}" if known else "",
        limit=limit if isinstance(limit, int) else 0,
        compare=compare if isinstance(compare, str) else "",
    )


def mended(screen: Screen, entity: Entity, spec: ReportSpec) -> tuple[str, ...]:
    """Return what of a report means nothing any more, each part with what is wrong with it."""
    found = []
    parsers = (
        (parse_group, spec.groups),
        (parse_measure, spec.measures),
        (parse_filter, (spec.filter,) if spec.filter else ()),
    )
    for parse, texts in parsers:
        for text in texts:
            try:
                parse(screen.ctx, entity.key, text)
            except QueryInvalid as refused:
                words = "; ".join(item.message for item in refused.problems) or text
                found.append(words)
    return tuple(found)
