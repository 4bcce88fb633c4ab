"""A board: the records of a pipeline in lanes by stage, to be dragged along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from engine.errors import CursorStale, NotFound
from engine.query.parse import parse_filter, parse_group, parse_measure
from engine.query.spec import AggregateQuery, LinkValue, ListQuery, Page
from formula.typed import Typed
from metamodel.flows import Pipeline, Stage
from metamodel.label import Label
from metamodel.model import Entity
from metamodel.views import FieldPath, View
from ui.screen import Screen
from ui.viewmodels.asked import Asked, whole_filter
from ui.viewmodels.cells import field_of, mark, path_label
from ui.viewmodels.conditions import both, equal_to
from ui.viewmodels.frames import Card, ViewFrame, card, drawn, shown_paths, tone_of
from ui.viewmodels.measured import group_label
from ui.viewmodels.shell import Shell

CARDS = 25
"""Cards of a lane that are drawn at once."""

ROWS = 40
"""Most rows of a board that is grouped."""

AT_ONCE = 12
"""Piles of a grouped board that are drawn with their cards; others read theirs when seen."""

COOKIE = "folded"
"""Where a browser keeps the lanes that somebody folded, by view."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One stage; count and sums are over all of its records, `over` when there are too many."""

    stage: str
    label: str
    tone: str
    count: str
    sums: tuple[tuple[str, str], ...]
    from_stages: str
    limit: int = 0
    over: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Pile:
    """Cards of one stage in one row, and where the next ones are: all, where none are drawn."""

    stage: str
    from_stages: str
    cards: tuple[Card, ...]
    more_url: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A value that a board is grouped by, with a pile for each stage."""

    label: str
    count: str
    piles: tuple[Pile, ...]


@dataclass(frozen=True, slots=True)
class BoardPage:
    """A board as a whole. `move_url` has `{id}` and `{stage}` to be put in.

    `title_field` is what a card needs to be added in place, "" where that cannot be done.
    """

    frame: ViewFrame
    move_url: str
    stage_field: str
    title_field: str
    lanes: tuple[Lane, ...]
    rows: tuple[BoardRow, ...]
    grouped: bool
    omitted: int = 0

    @property
    def shell(self) -> Shell:
        return self.frame.shell


def board_page(
    screen: Screen, entity: Entity, view: View, asked: Asked, folded: str = ""
) -> BoardPage:
    """Return a board with the first cards of each stage; an unusable filter is only said."""
    frame, board = drawn(screen, entity, view, asked, lambda a: _read(screen, entity, view, a))
    lanes, rows = board.lanes(folded), board.rows()
    title = entity.fields.get(entity.title_field)
    plain = title is not None and title.formula is None and title.type in ("text", "long_text")
    pipeline = board.pipeline
    return BoardPage(
        frame=frame,
        move_url=f"{frame.url}/{{id}}/move/{pipeline.name}/{{stage}}",
        stage_field=board.field.name,
        title_field=title.name if title is not None and plain and frame.new_url else "",
        lanes=lanes,
        rows=rows,
        grouped=board.group is not None,
        omitted=max(0, len(board.groups) - ROWS),
    )


def pile_page(screen: Screen, entity: Entity, view: View, asked: Asked, stage: str) -> Pile:
    """Return the cards of a stage behind a cursor; from the start where it went stale."""
    board = _asking(screen, entity, view, asked)
    found = next((each for each in board.pipeline.stages.values() if each.name == stage), None)
    if found is None:
        raise NotFound(stage=stage)
    return board.pile(found, None, asked.cursor)


@dataclass(frozen=True, slots=True)
class _Board:
    """What every pile of one board is read with, and the figures of all of them."""

    screen: Screen
    entity: Entity
    view: View
    pipeline: Pipeline
    asked: Asked
    narrowed: Typed | None
    group: Typed | None = None
    groups: tuple[object, ...] = ()
    figures: Sequence[Mapping[str, Any]] = ()

    @property
    def field(self) -> Any:
        return self.entity.fields[self.pipeline.field_key]

    def lanes(self, folded: str) -> tuple[Lane, ...]:
        closed = _folded(folded, self.view.name)
        return tuple(self._lane(stage, closed) for stage in self.pipeline.stages.values())

    def _lane(self, stage: Stage, closed: frozenset[str]) -> Lane:
        rows = [row for row in self.figures if row["stage"] in (stage.key, stage.name)]
        count = sum(row["count"] for row in rows)
        shown, limit = mark(self.screen, self.field, stage.key), self.view.layout.limits
        sums = (
            _sum(self.screen, path, [row[f"s{at}"] for row in rows])
            for at, path in enumerate(self.view.sums)
        )
        return Lane(
            stage=stage.name,
            label=shown.text,
            tone=shown.tone,
            count="" if self.asked.text else self.screen.formats.number(count),
            sums=() if self.asked.text else tuple(sums),
            from_stages=_sources(self.pipeline, stage),
            limit=limit.get(stage.key, 0),
            over=0 < limit.get(stage.key, 0) < count,
            folded=stage.name in closed,
        )

    def rows(self) -> tuple[BoardRow, ...]:
        stages = self.pipeline.stages.values()
        if self.group is None:
            return (BoardRow("", "", tuple(self.pile(stage, None) for stage in stages)),)
        return tuple(self._rows())

    def _rows(self) -> Iterator[BoardRow]:
        drawn_now = AT_ONCE
        for value in self.groups[:ROWS]:
            found = [row for row in self.figures if row["group"] == value]
            counts = {row["stage"]: row["count"] for row in found}
            within = replace(self, asked=self._within(value))
            within = replace(within, narrowed=_narrowed(within))
            piles = []
            for stage in self.pipeline.stages.values():
                count = counts.get(stage.key) or counts.get(stage.name) or 0
                if count and drawn_now:
                    drawn_now -= 1
                    piles.append(within.pile(stage, None))
                else:
                    piles.append(within.closed(stage, full=count > 0))
            label = group_label(self.screen, self.group, value) if self.group is not None else ""
            total = self.screen.formats.number(sum(counts.values()))
            yield BoardRow(label, total, tuple(piles))

    def _within(self, value: object) -> Asked:
        """Return what the address of a row's cards asks for."""
        path = self.view.group[0].text
        if isinstance(value, LinkValue):
            return replace(self.asked, of=f"{path}:{value.id}")
        text = equal_to(path, value)
        whole = f"({self.asked.filter}) and {text}" if self.asked.filter else text
        return replace(self.asked, filter=whole)

    def closed(self, stage: Stage, *, full: bool) -> Pile:
        """Return a pile whose cards are read when it is seen."""
        return Pile(
            stage.name, _sources(self.pipeline, stage), (), self._url(stage) if full else ""
        )

    def pile(self, stage: Stage, page: Page | None, cursor: str = "") -> Pile:
        """Return the cards of a stage, the first ones or those behind a cursor."""
        try:
            page = page or self._page(stage, cursor)
        except CursorStale:
            page = Page((), None)
        paths = self.view.card
        color = self.view.layout.color
        cards = (
            replace(
                card(self.screen, self.entity, paths, row), tone=tone_of(self.screen, color, row)
            )
            for row in page.rows
        )
        return Pile(
            stage=stage.name,
            from_stages=_sources(self.pipeline, stage),
            cards=tuple(cards),
            more_url=self._url(stage, page.next) if page.next else "",
        )

    def _page(self, stage: Stage, cursor: str) -> Page:
        screen, color = self.screen, self.view.layout.color
        here = parse_filter(screen.ctx, self.entity.key, f'{self.field.name} == "{stage.name}"')
        return screen.services.reader.find(
            screen.ctx,
            ListQuery(
                entity=self.entity.key,
                filter=both(self.narrowed, here),
                search=self.asked.text,
                sort=self.view.sort,
                paths=(*self.view.card, *([color] if color is not None else [])),
                limit=CARDS,
                cursor=cursor or None,
            ),
        )

    def _url(self, stage: Stage, cursor: str = "") -> str:
        asked = self.asked
        return self.screen.url(
            "records", self.entity.name, "lane", view=self.view.name, stage=stage.name,
            q=asked.text, filter=asked.filter, of=asked.of, cursor=cursor,
        )  # fmt: skip


def _asking(screen: Screen, entity: Entity, view: View, asked: Asked) -> _Board:
    """Return a board that nothing was read of yet."""
    card_paths, sums = (shown_paths(screen, entity, paths) for paths in (view.card, view.sums))
    color = view.layout.color
    shown = color if color is not None and shown_paths(screen, entity, (color,)) else None
    view = replace(view, card=card_paths, sums=sums, layout=replace(view.layout, color=shown))
    narrowed = whole_filter(screen, entity, view, asked)
    return _Board(screen, entity, view, entity.pipelines[view.pipeline], asked, narrowed)


def _narrowed(board: _Board) -> Typed | None:
    return whole_filter(board.screen, board.entity, board.view, board.asked)


def _read(screen: Screen, entity: Entity, view: View, asked: Asked) -> _Board:
    """Return a board with counts and sums by stage and row, read in one statement."""
    board = _asking(screen, entity, view, asked)
    grouping = shown_paths(screen, entity, view.group[:1]) if not asked.of else ()
    groups = {"stage": parse_group(screen.ctx, entity.key, board.field.name)}
    if grouping:
        groups["group"] = parse_group(screen.ctx, entity.key, grouping[0].text)
    measures = {"count": parse_measure(screen.ctx, entity.key, "COUNT()")}
    for at, path in enumerate(board.view.sums):
        measures[f"s{at}"] = parse_measure(screen.ctx, entity.key, f"SUM({path.text})")
    query = AggregateQuery(
        entity.key, board.narrowed, group_by=groups, measures=measures, limit=10_000, explain=False
    )
    rows = screen.services.reader.aggregate(screen.ctx, query).rows
    if not grouping:
        return replace(board, figures=rows)
    values = tuple(dict.fromkeys(row["group"] for row in rows))
    return replace(board, figures=rows, group=groups["group"], groups=values)


def _sources(pipeline: Pipeline, stage: Stage) -> str:
    """Return the names of the stages from which a record may move to this one."""
    everywhere = tuple(pipeline.stages)
    return " ".join(
        other.name
        for other in pipeline.stages.values()
        if stage.key in pipeline.moves.get(other.key, everywhere)
    )


def _folded(kept: str, view: str) -> frozenset[str]:
    """Return the stages that somebody folded: `view:stage,stage|view:stage`."""
    parts = (part.partition(":") for part in kept.split("|"))
    return frozenset(name for of, _, names in parts if of == view for name in names.split(","))


def _sum(screen: Screen, path: FieldPath, values: list[Any]) -> tuple[str, str]:
    field = field_of(screen, path)
    label = path_label(screen, path, Label())
    known = [value for value in values if value is not None]
    if not known:
        return label, ""
    value = sum(known, start=Decimal(0))
    if field is not None and field.type == "money":
        return label, screen.formats.compact_money(value)
    return label, screen.formats.number(value)
