"""A page of rows: headings that sort, cells that can be edited in place, colours, totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal
from unicodedata import east_asian_width

from engine.query.find import can_ask
from engine.query.parse import parse_measure, parse_sort
from engine.query.spec import AggregateQuery, ListQuery, Page, Row
from engine.views import totals_of
from formula.scope import Step
from metamodel.model import Entity, Field
from metamodel.views import ColorRule, FieldPath, Sort, View, ViewColumn
from ui.screen import Screen
from ui.viewmodels.asked import Asked, whole_filter
from ui.viewmodels.cells import Cell, field_of, path_cell, path_label
from ui.viewmodels.inputs import enterable, entered
from ui.viewmodels.lacking import unconverted_key
from ui.viewmodels.marks import read_mark
from ui.viewmodels.shell import may
from ui.widgets import CellKind, widget_of

FIRST = 50
"""Rows that a page shows at first."""

NEXT = 100
"""Rows that are loaded at once while somebody scrolls."""

NARROWEST, WIDEST = 92, 270
"""Between how many pixels a column takes by itself, by what stands in it."""

UNKNOWN = 160
"""How many pixels a column takes of which no row is shown yet."""

MEASURED = 24
"""Rows by which columns are measured."""

AROUND: Mapping[CellKind, int] = MappingProxyType(
    {"link": 58, "badge": 44, "badges": 52, "links": 66, "progress": 90, "rating": 40, "color": 50}
)
"""Pixels that a kind of cell takes besides its text; every other takes `PADDING`."""

PADDING = 30

Ends = Literal["start", "end"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; `sort_url` sorts by it, the other way round when it is sorted already.

    `field` is the name of the field that can be edited in it, blank where none can be; `why` of
    one that is computed, where each of its values says what it comes from;
    `totals` are those it can have under it, `total_kind` the one that it has.
    """

    label: str
    align: Ends
    sort_url: str
    sorted: Literal["", "up", "down"]
    primary: bool
    path: str
    width: int
    sized: bool = False
    frozen: bool = False
    field: str = ""
    why: str = ""
    type: str = ""
    renamed: bool = False
    total: str = ""
    total_kind: str = ""
    totals: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RowLine:
    """One record in the list; `entered` is what an editor of each cell begins with, if not text."""

    id: str
    version: int
    url: str
    title: str
    cells: tuple[Cell, ...]
    entered: tuple[str | None, ...] = ()
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of rows, and where the next one is."""

    columns: tuple[Column, ...]
    lines: tuple[RowLine, ...]
    more_url: str
    editable: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every row of a list is made with."""

    screen: Screen
    entity: Entity
    view: View
    asked: Asked
    columns: tuple[ViewColumn, ...]
    fields: tuple[Field | None, ...]
    editable: tuple[bool, ...]
    colors: tuple[ColorRule, ...]
    frozen: int = 1

    def find(
        self, *, limit: int = FIRST, count: Literal["none", "capped", "exact"] = "none"
    ) -> Page:
        """Return a page of the list's rows."""
        return self.screen.services.reader.find(
            self.screen.ctx, self.query(limit=limit, count=count)
        )

    def query(
        self, *, limit: int = FIRST, count: Literal["none", "capped", "exact"] = "none"
    ) -> ListQuery:
        """Return what a page of the list asks."""
        asked = self.asked
        return ListQuery(
            entity=self.entity.key,
            filter=whole_filter(self.screen, self.entity, self.view, asked),
            search=asked.text,
            sort=self.sorts(),
            paths=tuple(column.path for column in self.columns),
            limit=limit,
            cursor=asked.cursor or None,
            count=count,
            unconverted=unconverted_key(self.entity, asked.unconverted),
            mark=read_mark(self.entity, asked.mark),
            asks=tuple(rule.when for rule in self.colors),
        )

    def sorts(self) -> tuple[Sort, ...]:
        """Return the order that is asked for, else the view's."""
        if self.asked.sort:
            return parse_sort(self.screen.ctx, self.entity.key, self.asked.sort)
        return self.view.sort

    def rows(self, page: Page, totals: Mapping[str, Any] | None = None) -> Rows:
        """Return a page as it is drawn."""
        more = self.url(cursor=page.next) if page.next else ""
        lines = tuple(self._line(row) for row in page.rows)
        headings = tuple(
            heading if heading.sized else replace(heading, width=_natural(heading, index, lines))
            for index, heading in enumerate(self.headings(totals or {}))
        )
        return Rows(headings, lines, more, any(self.editable))

    def url(self, **changed: str) -> str:
        """Return the address of the list with some of what it asks changed."""
        query = self.asked.query(view=self.view.name, **changed)
        return self.screen.url("records", self.entity.name, **query)

    def headings(self, totals: Mapping[str, Any]) -> tuple[Column, ...]:
        """Return the headings, with the totals of their columns."""
        primary = self._primary()
        return tuple(
            replace(
                self._heading(index, column, totals.get(column.path.text)),
                primary=index == primary,
                frozen=index < self.frozen,
            )
            for index, column in enumerate(self.columns)
        )

    def _heading(self, index: int, column: ViewColumn, total: Any) -> Column:
        screen, found, text = self.screen, self.fields[index], column.path.text
        widget = widget_of(found) if found is not None else None
        first = self.asked.sort.split(",")[0] if self.asked.sort else _first_sort(self.view)
        state: Literal["", "up", "down"] = ""
        if first.lstrip("-") == text:
            state = "down" if first.startswith("-") else "up"
        say = screen.words.say
        return Column(
            label=path_label(screen, column.path, column.label),
            align=widget.align if widget is not None else "end",
            sort_url=self.url(sort=f"-{text}" if state == "up" else text),
            sorted=state,
            primary=False,
            path=text,
            # The model's own widths are shares of a line, a person's are pixels.
            width=column.width,
            sized=column.width > SHARES,
            field=found.name if found is not None and self.editable[index] else "",
            why=found.name if found is not None and _explained(self, column.path, found) else "",
            type=found.type if found is not None else "",
            renamed="" in column.label.texts,
            total="" if total is None else total_text(screen, column, total),
            total_kind=column.total,
            totals=tuple((kind, say(TOTALS[kind])) for kind in totals_of(column.path)),
        )

    def _primary(self) -> int:
        """Return which column carries the record's title, the first where none does."""
        texts = [column.path.text for column in self.columns]
        title = self.entity.fields.get(self.entity.title_field)
        return texts.index(title.name) if title is not None and title.name in texts else 0

    def _line(self, row: Row) -> RowLine:
        cells = tuple(
            path_cell(self.screen, c.path, row.values.get(c.path.text)) for c in self.columns
        )
        tones = (rule.color for rule in self.colors if row.values.get(f"={rule.when.text}"))
        return RowLine(
            id=str(row.id),
            version=row.version,
            url=self.screen.record_url(self.entity.name, row.id),
            title=row.title,
            cells=cells,
            entered=tuple(self._entered(index, row, cell) for index, cell in enumerate(cells)),
            tone=next(tones, ""),
        )

    def _entered(self, index: int, row: Row, cell: Cell) -> str | None:
        """Return what an editor of a cell begins with; None where that is the cell's text."""
        field = self.fields[index]
        if field is None or not self.editable[index]:
            return None
        text = entered(field, row.values.get(self.columns[index].path.text))
        return None if text == cell.text else text


def _natural(heading: Column, index: int, lines: Sequence[RowLine]) -> int:
    """Return how wide a column is by itself: what stands in it, its heading and its total fit."""
    cells = [line.cells[index] for line in lines[:MEASURED]]
    held = max((_length(c.text) + AROUND.get(c.kind, PADDING) for c in cells), default=UNKNOWN)
    total = _length(heading.total) + PADDING + 6
    if heading.total_kind == "sum" and not heading.total:
        # It comes later, and is longer than what it adds up.
        total = held + LATER
    needed = max(held, total, _length(heading.label) + PADDING + 26)
    return max(NARROWEST, total, min(needed, WIDEST))


def _length(text: str) -> int:
    """Return about how many pixels a text takes: a Chinese character is as wide as two others."""
    return sum(15 if east_asian_width(sign) in "WF" else 8 for sign in text)


LATER = 48
"""How many pixels the sum of a long list may be wider than the records' own."""

SHARES = 12
"""The widest share of a line that the model gives a column."""

TOTALS: Mapping[str, str] = MappingProxyType(
    {"sum": "Sum", "avg": "Average", "min": "Smallest", "max": "Largest", "count": "Filled"}
)
"""Totals under a column: a code, and its word in English."""


def sheet(screen: Screen, entity: Entity, view: View, asked: Asked, *, frozen: int = 1) -> Sheet:
    """Return what the rows of a view are made with: what the person may not read is left out."""
    columns = tuple(readable_columns(screen, entity, view))
    fields = tuple(field_of(screen, column.path) for column in columns)
    own = tuple(_own(entity, column.path) for column in columns)
    writes = may(screen, "update", entity.key) and not screen.ctx.tenant.frozen
    access = screen.services.access
    writable = access.writable(screen.ctx, entity.key) if writes else frozenset()
    masked = access.masked(screen.ctx, entity.key)
    editable = tuple(
        field is not None and is_own and field.key not in masked and enterable(field, writable)
        for field, is_own in zip(fields, own, strict=True)
    )
    colors = tuple(rule for rule in view.colors if _may_ask(screen, entity, rule))
    return Sheet(screen, entity, view, asked, columns, fields, editable, colors, frozen)


def _explained(made: Sheet, path: FieldPath, field: Field) -> bool:
    """Return whether values at a path are computed on the record itself, and shown in the clear."""
    masked = made.screen.services.access.masked(made.screen.ctx, made.entity.key)
    return field.formula is not None and field.key not in masked and _own(made.entity, path)


def _own(entity: Entity, path: FieldPath) -> bool:
    """Return whether a path shows a field of the record itself, and all of it."""
    binding = path.binding
    steps: tuple[Step, ...] = getattr(binding, "steps", ())
    part = getattr(binding, "part", "")
    return len(steps) == 1 and steps[0].entity == entity.key and not part


def _may_ask(screen: Screen, entity: Entity, rule: ColorRule) -> bool:
    return can_ask(screen.ctx, screen.services.access, ListQuery(entity.key, filter=rule.when))


def readable_columns(screen: Screen, entity: Entity, view: View) -> list[ViewColumn]:
    """Return the view's columns without those that the person may not read."""
    return [column for column in view.columns if may_show(screen, entity, column.path)]


def may_show(screen: Screen, entity: Entity, path: FieldPath) -> bool:
    """Return whether the person may read what a path starts with."""
    steps = getattr(path.binding, "steps", ())
    readable = screen.services.access.readable(screen.ctx, entity.key)
    return not steps or steps[0].field in readable


def measures_of(
    screen: Screen, entity: Entity, columns: Sequence[ViewColumn]
) -> Mapping[str, tuple[str, Any]]:
    """Return what the totals of columns are measured by: the path and the formula, by a name."""
    wanted = [column for column in columns if column.total]
    return {
        f"m{index}": (
            column.path.text,
            parse_measure(screen.ctx, entity.key, _measure(column.path.text, column.total)),
        )
        for index, column in enumerate(wanted)
    }


def summed(made: Sheet) -> bool:
    """Whether columns have totals: those of what was searched for would tell nothing."""
    asked = made.asked
    narrowed = asked.text or asked.unconverted or asked.mark
    return not narrowed and any(column.total for column in made.columns)


def column_totals(made: Sheet) -> Mapping[str, Any]:
    """Return the totals that columns ask for, over everything the list holds, by path."""
    if not summed(made):
        return {}
    measures = measures_of(made.screen, made.entity, made.columns)
    condition = whole_filter(made.screen, made.entity, made.view, made.asked)
    formulas = {name: typed for name, (_, typed) in measures.items()}
    query = AggregateQuery(made.entity.key, condition, measures=formulas, explain=False)
    result = made.screen.services.reader.aggregate(made.screen.ctx, query)
    row = result.rows[0] if result.rows else {}
    return {path: row.get(name) for name, (path, _) in measures.items()}


def total_text(screen: Screen, column: ViewColumn, value: Any) -> str:
    """Return a total as a person reads it."""
    if column.total == "count":
        return screen.formats.number(value)
    return path_cell(screen, column.path, value).text


def _measure(path: str, total: str) -> str:
    return f"{total.upper()}({path})"


def _first_sort(view: View) -> str:
    if not view.sort:
        return ""
    sort = view.sort[0]
    return f"-{sort.path.text}" if sort.descending else sort.path.text
