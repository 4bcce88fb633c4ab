"""Related lists on a record's page: the records that link to it, a few of each."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

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

MOST_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """One related record."""

    id: UUID
    url: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RelatedView:
    """One related list with its first rows; `member` names the entity that it lists.

    `follows` says of each column whether it follows from the record's other values: blank, it
    cannot be told.
    """

    member: str
    label: str
    icon: str
    count: str
    heads: tuple[tuple[str, str], ...]
    follows: tuple[bool, ...]
    rows: tuple[RelatedRow, ...]
    all_url: str
    new_url: str


@dataclass(frozen=True, slots=True)
class RelatedTab:
    """A tab of related lists."""

    name: str
    label: str
    lists: tuple[RelatedView, ...]


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


def _related(
    screen: Screen, entity: Entity, record: Record, wanted: RelatedList
) -> RelatedView | None:
    collection = entity.collections[wanted.collection]
    member = screen.ctx.model.entities[collection.entity]
    if member.retired or not may(screen, "read", member.key):
        return None
    via = member.fields[collection.via].name
    view = list_view(member, wanted.view)
    columns = [
        column
        for column in readable_columns(screen, member, view)
        if column.path.text.split(".")[0] != via
    ][:MOST_COLUMNS]
    linked: Typed | None = linked_to(screen, member.key, via, record.id)
    if wanted.view:
        linked = both(linked, view.filter)
    page = _page(screen, member, view, columns, linked)
    rows = tuple(_row(screen, member, columns, row) for row in page.rows)
    creatable = may(screen, "create", member.key) and member.child_of is None
    new_url = screen.url("records", member.name, "new", **{via: str(record.id)})
    return RelatedView(
        member=member.key,
        label=_label(screen, collection, member),
        icon=member.icon or "list",
        count="" if page.total is None else f"{page.total}{'+' if page.capped else ''}",
        heads=tuple(_head(screen, column) for column in columns),
        follows=tuple(_follows(screen, column) for column in columns),
        rows=rows,
        all_url=screen.url("records", member.name, of=f"{via}:{record.id}"),
        new_url=new_url if creatable else "",
    )


def _page(
    screen: Screen, member: Entity, view: View, columns: list[ViewColumn], linked: Typed | None
) -> Page:
    query = ListQuery(
        entity=member.key,
        filter=linked,
        sort=view.sort,
        paths=tuple(column.path for column in columns),
        limit=SHOWN,
        count="capped",
    )
    return screen.services.reader.find(screen.ctx, query)


def _row(screen: Screen, member: Entity, columns: list[ViewColumn], row: Row) -> RelatedRow:
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
