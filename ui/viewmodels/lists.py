"""A list page: one view of an entity's records, filtered, searched, sorted, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from engine.errors import CursorStale, NotFound, QueryInvalid
from engine.query.find import can_ask
from engine.query.parse import parse_filter, parse_measure, parse_sort
from engine.query.spec import AggregateQuery, ListQuery, Page, Row
from engine.query.views import usable_views as views_of
from formula.typed import Typed
from metamodel.model import Entity
from metamodel.views import FieldPath, Sort, View, ViewColumn
from ui.screen import Screen
from ui.viewmodels.cells import Cell, field_of, path_cell, path_label
from ui.viewmodels.columns import ColumnChoice, arranged, column_choices, kept_choice
from ui.viewmodels.conditions import both, linked_to
from ui.viewmodels.exchange import export_note, export_urls, import_url
from ui.viewmodels.filters import FilterBar, filter_bar
from ui.viewmodels.lacking import Lacking, lacking_fields, unconverted_key
from ui.viewmodels.shell import Shell, may, shell
from ui.viewmodels.whose import whose
from ui.widgets import widget_of

PAGE_SIZE = 50

LISTABLE = ("list", "kanban")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a list asks for, and which columns the browser keeps for its views."""

    view: str = ""
    text: str = ""
    filter: str = ""
    sort: str = ""
    cursor: str = ""
    of: str = ""
    unconverted: str = ""
    columns: str = ""

    @property
    def link(self) -> tuple[str, UUID] | None:
        """The link field and record that `of=customer:<id>` narrows the list to."""
        name, _, record = self.of.partition(":")
        try:
            return (name, UUID(record)) if record else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class ViewTab:
    """One view that can be switched to."""

    label: str
    icon: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; `sort_url` sorts by it, the other way round when it is sorted already."""

    label: str
    align: Literal["start", "end"]
    sort_url: str
    sorted: Literal["", "up", "down"]
    primary: bool
    total: str = ""


@dataclass(frozen=True, slots=True)
class RowLine:
    """One record in the list."""

    url: str
    title: str
    cells: tuple[Cell, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of rows, and where the next one is."""

    columns: tuple[Column, ...]
    lines: tuple[RowLine, ...]
    more_url: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list as a whole."""

    shell: Shell
    heading: str
    icon: str
    entity: str
    tabs: tuple[ViewTab, ...]
    rows: Rows
    bar: FilterBar
    count: str
    search: str
    url: str
    view: str
    new_url: str
    trash_url: str
    import_url: str
    exports: tuple[tuple[str, str], ...]
    export_note: str = ""
    choices: tuple[ColumnChoice, ...] = ()
    whose: str = ""
    problem: str = ""
    lacking: tuple[Lacking, ...] = ()
    asked: Mapping[str, str] = field(default_factory=dict)


def view_of(screen: Screen, entity: Entity, name: str) -> View:
    """Return the view of this name that the person may use, else the one that suits them best."""
    views = usable_views(screen, entity)
    if not views:
        raise NotFound(entity=entity.name)
    named = next((view for view in views if view.name == name), None)
    if named is not None:
        return named
    lists = [view for view in views if view.type == "list"]
    return next((v for v in lists if _suits(screen, entity, v)), next(iter(lists), views[0]))


def _suits(screen: Screen, entity: Entity, view: View) -> bool:
    """Return whether a view shows what a person works with: "mine" is little for a manager."""
    if view.filter is None or view.filter.stability != "personal":
        return True
    seen = screen.services.access.row_filter(screen.ctx, entity.key, "read")
    groups = ("user.department", "user.home_departments", "user.team")
    return seen is not None and not any(group in seen.text for group in groups)


def usable_views(screen: Screen, entity: Entity) -> list[View]:
    """Return the lists and boards a person may use, in order: none over what is hidden."""
    usable = views_of(screen.ctx, screen.services.access, entity)
    return [view for view in usable if view.type in LISTABLE]


def may_ask(screen: Screen, query: ListQuery) -> bool:
    """Return whether the person may read all that a query filters and sorts by."""
    return can_ask(screen.ctx, screen.services.access, query)


def tabs(screen: Screen, entity: Entity, current: View) -> tuple[ViewTab, ...]:
    """Return the tabs that switch between views."""
    icons = {"list": "list", "kanban": "layout-kanban"}
    return tuple(
        ViewTab(
            label=screen.label(view.label, view.name),
            icon=icons[view.type],
            url=screen.url("records", entity.name, view=view.name),
            current=view.name == current.name,
        )
        for view in usable_views(screen, entity)
    )


def whole_filter(screen: Screen, entity: Entity, view: View, asked: Asked) -> Typed | None:
    """Return the view's own filter and what the address asks for; all of it must hold."""
    typed = view.filter
    if asked.filter:
        typed = both(typed, parse_filter(screen.ctx, entity.key, asked.filter))
    if asked.link is not None:
        typed = both(typed, linked_to(screen, entity.key, *asked.link))
    return typed


def list_page(screen: Screen, entity: Entity, asked: Asked) -> ListPage:
    """Return the first page of a list; a filter that cannot be used is said, not applied."""
    written = view_of(screen, entity, asked.view)
    view = arranged(screen, entity, written, kept_choice(asked.columns, written.name))
    problem = ""
    try:
        page, total = _find(screen, entity, view, asked)
    except QueryInvalid as refused:
        problem = problem_of(refused)
        page, total = _find(screen, entity, view, replace(asked, filter="", sort=""))
    totals = _totals(screen, entity, view, asked if not problem else replace(asked, filter=""))
    heading = screen.entity_label(entity, plural=True)
    said = {
        "view": asked.view, "filter": asked.filter, "sort": asked.sort, "of": asked.of,
        "unconverted": asked.unconverted,
    }  # fmt: skip
    return ListPage(
        shell=shell(screen, heading, screen.url("records", entity.name, view=asked.view)),
        heading=heading,
        icon=entity.icon or "list",
        entity=entity.name,
        tabs=tabs(screen, entity, view),
        rows=_rows(screen, entity, view, asked, page, totals),
        bar=filter_bar(screen, entity, asked.filter),
        count=total,
        search=asked.text,
        url=screen.url("records", entity.name),
        view=view.name,
        new_url=_new_url(screen, entity),
        trash_url=screen.url("records", entity.name, "trash"),
        import_url=import_url(screen, entity),
        exports=_exports(screen, entity, view, asked, own=view is not written),
        export_note=export_note(screen, entity),
        choices=column_choices(screen, entity, written, readable_columns(screen, entity, view)),
        whose=whose(screen, page.scope),
        problem=problem,
        lacking=lacking_fields(screen, entity, asked.unconverted, {**said, "q": asked.text}),
        asked=said,
    )


def _exports(
    screen: Screen, entity: Entity, view: View, asked: Asked, *, own: bool
) -> tuple[tuple[str, str], ...]:
    """Return the files of a list; the columns that somebody chose are in them."""
    if asked.unconverted:  # What did not convert has a file of its own, with the old values.
        return ()
    columns = ",".join(column.path.text for column in view.columns)
    return export_urls(
        screen, entity, view=view.name, q=asked.text, filter=asked.filter, sort=asked.sort,
        fields=columns if own else "",
    )  # fmt: skip


def problem_of(refused: QueryInvalid) -> str:
    """Return everything that is wrong with a query, in one line."""
    return "; ".join(item.message for item in refused.problems) or str(refused)


def more_rows(screen: Screen, entity: Entity, asked: Asked) -> Rows:
    """Return the page of rows behind a cursor; from the start where the cursor went stale."""
    written = view_of(screen, entity, asked.view)
    view = arranged(screen, entity, written, kept_choice(asked.columns, written.name))
    try:
        page, _ = _find(screen, entity, view, asked)
    except CursorStale:
        page = Page((), None)
    return _rows(screen, entity, view, asked, page, {})


def _new_url(screen: Screen, entity: Entity) -> str:
    if entity.child_of is not None or not may(screen, "create", entity.key):
        return ""
    return screen.url("records", entity.name, "new")


def _find(screen: Screen, entity: Entity, view: View, asked: Asked) -> tuple[Page, str]:
    query = ListQuery(
        entity=entity.key,
        filter=whole_filter(screen, entity, view, asked),
        search=asked.text,
        sort=_sorts(screen, entity, view, asked),
        paths=tuple(column.path for column in readable_columns(screen, entity, view)),
        limit=PAGE_SIZE,
        cursor=asked.cursor or None,
        count="none" if asked.cursor else "capped",
        unconverted=unconverted_key(entity, asked.unconverted),
    )
    page = screen.services.reader.find(screen.ctx, query)
    if page.total is None:
        return page, ""
    number = screen.formats.number(page.total)
    return page, f"{number}+" if page.capped else number


def _sorts(screen: Screen, entity: Entity, view: View, asked: Asked) -> tuple[Sort, ...]:
    if asked.sort:
        return parse_sort(screen.ctx, entity.key, asked.sort)
    return view.sort


def readable_columns(screen: Screen, entity: Entity, view: View) -> list[ViewColumn]:
    """Return the view's columns without those that the person may not read."""
    return [column for column in view.columns if may_show(screen, entity, column.path)]


def may_show(screen: Screen, entity: Entity, path: FieldPath) -> bool:
    """Return whether the person may read what a path starts with."""
    steps = getattr(path.binding, "steps", ())
    readable = screen.services.access.readable(screen.ctx, entity.key)
    return not steps or steps[0].field in readable


def _rows(
    screen: Screen, entity: Entity, view: View, asked: Asked, page: Page, totals: Mapping[str, Any]
) -> Rows:
    columns = readable_columns(screen, entity, view)
    more = ""
    if page.next:
        more = screen.url(
            "records", entity.name, view=view.name, q=asked.text, filter=asked.filter,
            sort=asked.sort, of=asked.of, unconverted=asked.unconverted, cursor=page.next,
        )  # fmt: skip
    primary = _primary(entity, columns)
    return Rows(
        columns=tuple(
            replace(
                _heading(screen, entity, view, asked, column),
                primary=index == primary,
                total=_total(screen, column, totals.get(column.path.text)),
            )
            for index, column in enumerate(columns)
        ),
        lines=tuple(_line(screen, entity, columns, row) for row in page.rows),
        more_url=more,
    )


def _primary(entity: Entity, columns: list[ViewColumn]) -> int:
    """Return which column carries the record's title, the first where none does."""
    texts = [column.path.text for column in columns]
    title = entity.fields.get(entity.title_field)
    return texts.index(title.name) if title is not None and title.name in texts else 0


def _line(screen: Screen, entity: Entity, columns: list[ViewColumn], row: Row) -> RowLine:
    return RowLine(
        url=screen.record_url(entity.name, row.id),
        title=row.title,
        cells=tuple(path_cell(screen, c.path, row.values.get(c.path.text)) for c in columns),
    )


def _heading(
    screen: Screen, entity: Entity, view: View, asked: Asked, column: ViewColumn
) -> Column:
    found = field_of(screen, column.path)
    text = column.path.text
    first = asked.sort.split(",")[0] if asked.sort else _first_sort(view)
    state: Literal["", "up", "down"] = ""
    if first.lstrip("-") == text:
        state = "down" if first.startswith("-") else "up"
    return Column(
        label=path_label(screen, column.path, column.label),
        align=widget_of(found).align if found is not None else "end",
        sort_url=screen.url(
            "records", entity.name, view=view.name, q=asked.text, filter=asked.filter,
            sort=f"-{text}" if state == "up" else text, of=asked.of,
            unconverted=asked.unconverted,
        ),
        sorted=state,
        primary=False,
    )  # fmt: skip


def _total(screen: Screen, column: ViewColumn, value: Any) -> str:
    return "" if value is None else path_cell(screen, column.path, value).text


def _first_sort(view: View) -> str:
    if not view.sort:
        return ""
    sort = view.sort[0]
    return f"-{sort.path.text}" if sort.descending else sort.path.text


def _totals(screen: Screen, entity: Entity, view: View, asked: Asked) -> Mapping[str, Any]:
    """Return the totals that columns ask for, over everything the list holds."""
    wanted = {c.path.text: c.total for c in readable_columns(screen, entity, view) if c.total}
    if not wanted or asked.text or asked.unconverted:
        return {}
    measures = {
        f"m{index}": parse_measure(screen.ctx, entity.key, _measure(text, total))
        for index, (text, total) in enumerate(wanted.items())
    }
    result = screen.services.reader.aggregate(
        screen.ctx,
        AggregateQuery(entity.key, whole_filter(screen, entity, view, asked), measures=measures),
    )
    row = result.rows[0] if result.rows else {}
    return {text: row.get(f"m{index}") for index, text in enumerate(wanted)}


def _measure(path: str, total: str) -> str:
    return f"COUNT({path})" if total == "count" else f"{total.upper()}({path})"
