"""Related lists on a record's page: the records that link to it, a few of each."""

from __future__ import annotations

from dataclasses import dataclass

from engine.query.spec import ListQuery, Record
from metamodel.model import Collection, Entity
from metamodel.views import Form, RelatedList, View
from ui.screen import Screen
from ui.viewmodels.cells import Cell, path_cell, path_label
from ui.viewmodels.conditions import linked_to
from ui.viewmodels.shell import may

SHOWN = 10

MOST_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """One related record."""

    url: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RelatedView:
    """One related list with its first rows."""

    label: str
    icon: str
    count: str
    heads: tuple[tuple[str, str], ...]
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
    view = _view(member, wanted.view)
    columns = [c for c in view.columns if c.path.text.split(".")[0] != via][:MOST_COLUMNS]
    page = screen.services.reader.find(
        screen.ctx,
        ListQuery(
            entity=member.key,
            filter=linked_to(screen, member.key, via, record.id),
            sort=view.sort,
            paths=tuple(column.path for column in columns),
            limit=SHOWN,
            count="capped",
        ),
    )
    of = f"{via}:{record.id}"
    cells = [
        tuple(path_cell(screen, c.path, row.values.get(c.path.text)) for c in columns)
        for row in page.rows
    ]
    return RelatedView(
        label=_label(screen, collection, member),
        icon=member.icon or "list",
        count="" if page.total is None else f"{page.total}{'+' if page.capped else ''}",
        heads=tuple(
            (path_label(screen, c.path, c.label), cells[0][index].align if cells else "start")
            for index, c in enumerate(columns)
        ),
        rows=tuple(
            RelatedRow(screen.record_url(member.name, row.id), drawn)
            for row, drawn in zip(page.rows, cells, strict=True)
        ),
        all_url=screen.url("records", member.name, of=of),
        new_url=(
            screen.url("records", member.name, "new", **{via: str(record.id)})
            if may(screen, "create", member.key) and member.child_of is None
            else ""
        ),
    )


def _label(screen: Screen, collection: Collection, member: Entity) -> str:
    return screen.label(collection.label) or screen.entity_label(member, plural=True)


def _view(member: Entity, name: str) -> View:
    named = next((view for view in member.views.values() if view.name == name), None)
    return named or next(view for view in member.views.values() if view.type == "list")
