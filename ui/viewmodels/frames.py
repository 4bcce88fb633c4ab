"""What every view that is no list has around it: tabs, search, filter, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from engine.access.grants import sees_sql
from engine.errors import QueryInvalid
from engine.query.spec import ListQuery, Row
from metamodel.label import Label
from metamodel.model import Entity
from metamodel.views import FieldPath, View
from ui.screen import Screen
from ui.viewmodels.asked import Asked
from ui.viewmodels.cells import Cell, path_cell, path_label
from ui.viewmodels.filters import FilterBar, filter_bar
from ui.viewmodels.lists import problem_of
from ui.viewmodels.looking import ViewTab, tabs
from ui.viewmodels.rows import may_show
from ui.viewmodels.shell import Shell, may, shell

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ViewFrame:
    """The page around a view. `new_url` is blank where the person may create nothing."""

    shell: Shell
    heading: str
    icon: str
    entity: str
    tabs: tuple[ViewTab, ...]
    bar: FilterBar
    search: str
    url: str
    view: str
    new_url: str
    trash_url: str
    asked: Mapping[str, str]
    sql_url: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One record as boards, galleries and maps show it: its title and a few values."""

    id: str
    url: str
    title: str
    cells: tuple[tuple[str, Cell], ...] = ()
    tone: str = ""
    picture: str = ""


def view_frame(screen: Screen, entity: Entity, view: View, asked: Asked) -> ViewFrame:
    """Return what stands around a view of an entity."""
    heading = screen.entity_label(entity, plural=True)
    creatable = entity.child_of is None and may(screen, "create", entity.key)
    return ViewFrame(
        shell=shell(screen, heading, screen.url("records", entity.name, view=asked.view)),
        heading=heading,
        icon=entity.icon or "layout-kanban",
        entity=entity.name,
        tabs=tabs(screen, entity, view),
        bar=filter_bar(screen, entity, asked.filter),
        search=asked.text,
        url=screen.url("records", entity.name),
        view=view.name,
        new_url=screen.url("records", entity.name, "new") if creatable else "",
        trash_url=screen.url("records", entity.name, "trash"),
        asked={"view": view.name, "filter": asked.filter, "of": asked.of},
        sql_url=screen.url("records", entity.name, "statement", **asked.query(view=view.name))
        if sees_sql(screen.ctx)
        else "",
    )


def drawn(
    screen: Screen, entity: Entity, view: View, asked: Asked, draw: Callable[[Asked], T]
) -> tuple[ViewFrame, T]:
    """Return a view in its frame; a filter that cannot be used is said, and all is shown."""
    frame = view_frame(screen, entity, view, asked)
    try:
        return frame, draw(asked)
    except QueryInvalid as refused:
        if not asked.filter:
            raise
        whole = draw(replace(asked, filter=""))
        return replace(frame, problem=problem_of(refused)), whole


def shown_paths(
    screen: Screen, entity: Entity, paths: tuple[FieldPath, ...]
) -> tuple[FieldPath, ...]:
    """Return those paths that the person may read."""
    return tuple(path for path in paths if may_show(screen, entity, path))


def card(screen: Screen, entity: Entity, paths: tuple[FieldPath, ...], row: Row) -> Card:
    """Return a record with what some paths say of it, blanks and its title left out."""
    cells = []
    for path in paths:
        cell = path_cell(screen, path, row.values.get(path.text))
        if cell.text and cell.text != row.title:
            cells.append((path_label(screen, path, Label()), cell))
    return Card(str(row.id), screen.record_url(entity.name, row.id), row.title, tuple(cells))


def rows_of(screen: Screen, query: ListQuery, most: int) -> Iterator[Row]:
    """Yield rows page by page until there are more than `most`, or no more."""
    count = 0
    while True:
        page = screen.services.reader.find(screen.ctx, query)
        yield from page.rows
        count += len(page.rows)
        if page.next is None or count > most:
            return
        query = replace(query, cursor=page.next)


def tone_of(screen: Screen, path: FieldPath | None, row: Row) -> str:
    """Return the colour of the option that a path holds, "" where it has none."""
    if path is None:
        return ""
    marks = path_cell(screen, path, row.values.get(path.text)).marks
    return marks[0].tone if marks else ""
