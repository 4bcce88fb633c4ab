"""What a dashboard is drawn from: figures, lines of figures, and where the records behind are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.query.spec import AggregateQuery
from engine.query.stages import FlowQuery
from engine.query.standings import PastQuery

Shape = Literal["metric", "gauge", "chart", "funnel", "ranks", "table", "text", "problem"]

Query = AggregateQuery | PastQuery | FlowQuery

Direction = Literal["", "up", "down"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: short, exact, as a number, and where its records are; blank where there is none.

    `shown` is short where room is scarce, `exact` to the last digit.
    """

    shown: str
    exact: str = ""
    value: str = ""
    url: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Figures side by side under one name; `level` 0 is a total over the lines above it."""

    label: str
    figures: tuple[Figure, ...]
    level: int = 1
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines of figures under headings: what a chart draws, a table shows and a file holds.

    `corners` are the headings of the names that lead a line; `parts` tells that the figures of a
    line are parts of one whole, which may be stacked.
    """

    corners: tuple[str, ...]
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    more: bool = False
    parts: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a funnel, or one place of a ranking.

    `share` is its part of the largest, in percent; `notes` are what else is told of it, each with
    where its records are.
    """

    label: str
    shown: str
    url: str
    tone: str = ""
    share: str = "0"
    notes: tuple[Figure, ...] = ()
    moved: Literal["", "up", "down", "same", "new"] = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a figure is held against: a former one, or a target, in words and as a tone.

    `share` is how much of a target is reached, in percent, for a bar that ends at 100.
    """

    words: str
    exact: str
    tone: str = ""
    direction: Direction = ""
    share: str = ""


@dataclass(frozen=True, slots=True)
class WidgetView:
    """One widget in its place; `at` is column, row, width, height from 1 on a grid of twelve.

    `queries` are what it asked; `problem` says why it shows nothing, with how to mend it.
    """

    key: str
    shape: Shape
    type: str
    label: str
    at: tuple[int, int, int, int]
    url: str = ""
    figure: Figure | None = None
    besides: tuple[Beside, ...] = ()
    grid: Grid | None = None
    steps: tuple[Step, ...] = ()
    text: str = ""
    whose: str = ""
    note: str = ""
    problem: str = ""
    hint: str = ""
    address: str = ""
    sql: bool = False
    exports: bool = False
    queries: tuple[Query, ...] = ()
