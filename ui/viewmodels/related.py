"""Related lists on a record's page: the records that link to it, a page of each at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from engine.errors import CursorStale, NotFound
from engine.query.spec import ListQuery, Page, Record, Row
from formula.typed import Typed
from metamodel.model import Collection, Entity
from metamodel.views import Form, RelatedList, View, ViewColumn
from ui.screen import Screen
from ui.viewmodels.cells import Cell, field_of, path_cell, path_label
from ui.viewmodels.conditions import both, linked_to
from ui.viewmodels.rows import readable_columns
from ui.viewmodels.shell import may
from ui.widgets import widget_of

SHOWN = 10
"""Rows that a related list shows at first."""

NEXT = 50
"""Rows that are loaded at once when somebody asks for more."""

MOST_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """One related record."""

    id: UUID
    url: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RelatedRows:
    """A page of a related list: its headings, rows, and where the next ones are."""

    heads: tuple[tuple[str, str], ...]
    rows: tuple[RelatedRow, ...]
    more_url: str


@dataclass(frozen=True, slots=True)
class RelatedView:
    """One related list with its first page; `member` names the entity that it lists.

    `follows` says of each column whether it follows from the record's other values: blank, it
    cannot be told.
    """

    member: str
    label: str
    icon: str
    count: str
    page: RelatedRows
    follows: tuple[bool, ...]
    all_url: str
    new_url: str


@dataclass(frozen=True, slots=True)
class RelatedTab:
    """A tab of related lists."""

    name: str
    label: str
    lists: tuple[RelatedView, ...]


@dataclass(frozen=True, slots=True)
class _Listing:
    """What the pages of one related list are made with; `via` is the link that leads back."""

    screen: Screen
    entity: Entity
    record: UUID
    wanted: RelatedList
    member: Entity
    via: str
    view: View
    columns: tuple[ViewColumn, ...]

    def page(self, *, limit: int, cursor: str, count: Literal["none", "capped"]) -> Page:
        """Return some of the records that link to this one."""
        linked: Typed | None = linked_to(self.screen, self.member.key, self.via, self.record)
        if self.wanted.view:
            linked = both(linked, self.view.filter)
        query = ListQuery(
            entity=self.member.key,
            filter=linked,
            sort=self.view.sort,
            paths=tuple(column.path for column in self.columns),
            limit=limit,
            cursor=cursor or None,
            count=count,
        )
        return self.screen.services.reader.find(self.screen.ctx, query)

    def drawn(self, page: Page) -> RelatedRows:
        """Return a page as it is shown."""
        name = self.entity.collections[self.wanted.collection].name
        path = ("records", self.entity.name, str(self.record), "related", name)
        more = self.screen.url(*path, cursor=page.next or "", view=self.wanted.view)
        return RelatedRows(
            heads=tuple(_head(self.screen, column) for column in self.columns),
            rows=tuple(_row(self.screen, self.member, self.columns, row) for row in page.rows),
            more_url=more if page.next else "",
        )


def related_tabs(
    screen: Screen, entity: Entity, form: Form, record: Record
) -> tuple[RelatedTab, ...]:
    """Return the tabs of a form that hold related lists the person may read."""
    found = []
    for tab in form.tabs:
        lists = (_related(screen, entity, record, wanted) for wanted in tab.lists)
        shown = tuple(view for view in lists if view is not None)
        if shown:
            found.append(RelatedTab(tab.name, screen.label(tab.label, tab.name), shown))
    return tuple(found)


def related_rows(
    screen: Screen, entity: Entity, record: Record, name: str, *, view: str, cursor: str
) -> RelatedRows:
    """Return the rows of a related list behind a cursor; `NotFound` where it may not be read."""
    found = (key for key, each in entity.collections.items() if each.name == name)
    key = next(found, None)
    listing = _listing(screen, entity, record.id, RelatedList(key, view)) if key else None
    if listing is None:
        raise NotFound(related=name)
    try:
        return listing.drawn(listing.page(limit=NEXT, cursor=cursor, count="none"))
    except CursorStale:
        return listing.drawn(Page((), None))


def _listing(screen: Screen, entity: Entity, record: UUID, wanted: RelatedList) -> _Listing | None:
    """Return what a related list is made with; None where the person may not read it."""
    collection = entity.collections[wanted.collection]
    member = screen.ctx.model.entities[collection.entity]
    readable = screen.services.access.readable(screen.ctx, member.key)
    if member.retired or not may(screen, "read", member.key) or collection.via not in readable:
        return None
    via = member.fields[collection.via].name
    view = list_view(member, wanted.view)
    columns = [
        column
        for column in readable_columns(screen, member, view)
        if column.path.text.split(".")[0] != via
    ]
    kept = tuple(columns[:MOST_COLUMNS])
    return _Listing(screen, entity, record, wanted, member, via, view, kept)


def _related(
    screen: Screen, entity: Entity, record: Record, wanted: RelatedList
) -> RelatedView | None:
    listing = _listing(screen, entity, record.id, wanted)
    if listing is None:
        return None
    member, via = listing.member, listing.via
    page = listing.page(limit=SHOWN, cursor="", count="capped")
    creatable = may(screen, "create", member.key) and member.child_of is None
    new_url = screen.url("records", member.name, "new", **{via: str(record.id)})
    return RelatedView(
        member=member.key,
        label=_label(screen, entity.collections[wanted.collection], member),
        icon=member.icon or "list",
        count="" if page.total is None else f"{page.total}{'+' if page.capped else ''}",
        page=listing.drawn(page),
        follows=tuple(_follows(screen, column) for column in listing.columns),
        all_url=screen.url("records", member.name, of=f"{via}:{record.id}"),
        new_url=new_url if creatable else "",
    )


def _row(screen: Screen, member: Entity, columns: tuple[ViewColumn, ...], row: Row) -> RelatedRow:
    cells = (path_cell(screen, c.path, row.values.get(c.path.text)) for c in columns)
    return RelatedRow(row.id, screen.record_url(member.name, row.id), tuple(cells))


def _head(screen: Screen, column: ViewColumn) -> tuple[str, str]:
    field = field_of(screen, column.path)
    align = widget_of(field).align if field is not None else "end"
    return path_label(screen, column.path, column.label), align


def _follows(screen: Screen, column: ViewColumn) -> bool:
    field = field_of(screen, column.path)
    return (
        field is not None
        and field.formula is not None
        and not field.formula.dependencies.collections
    )


def _label(screen: Screen, collection: Collection, member: Entity) -> str:
    return screen.label(collection.label) or screen.entity_label(member, plural=True)


def list_view(member: Entity, name: str = "") -> View:
    """Return the view of this name, else the first list of an entity."""
    named = next((view for view in member.views.values() if view.name == name), None)
    return named or next(view for view in member.views.values() if view.type == "list")
