"""Generates the forms and views of an entity for which nobody wrote any."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from metamodel.label import Label
from metamodel.model import Entity, Field, Model
from metamodel.reader import Node
from metamodel.views import Form, GridColumn, Item, Section

Document = dict[str, object]

WIDE = ("long_text", "rich_text", "json", "address", "multi_choice", "tags")
"""Field types that take the whole width of a form."""

LIST_COLUMNS = 8
"""Most columns of a generated list."""

QUICK_ITEMS = 8
"""Most items of a generated form for quick entry."""


def generated_forms(model: Model, entity: Entity) -> dict[str, Document]:
    """Return the documents of `default` and `quick_create`."""
    shown = form_fields(entity)
    narrow: Document = {each.name: {} for each in shown if each.type not in WIDE}
    wide = {each.name: {"width": 2} for each in shown if each.type in WIDE}
    sections: Document = {"basic": {"label": {"en": "Basics", "zh": "基本信息"}, "items": narrow}}
    if wide:
        sections["details"] = {"label": {"en": "Details", "zh": "详细信息"}, "items": wide}
    for collection in entity.collections.values():
        if collection.children:
            sections[collection.name] = {"grid": collection.name}
    tabs: Document = {"main": {"label": {"en": "Main", "zh": "基本"}, "sections": sections}}
    related: Document = {each.name: {} for each in entity.collections.values() if not each.children}
    if related:
        tabs["related"] = {"label": {"en": "Related", "zh": "相关"}, "lists": related}
    quick = [each for each in shown if _is_quick(entity, each)][:QUICK_ITEMS]
    items = {each.name: {"width": 2} if each.type in WIDE else {} for each in quick}
    return {
        "default": {"tabs": tabs},
        "quick_create": {"sections": {"basic": {"items": items}}},
    }


def generated_views(model: Model, entity: Entity, written: Sequence[Node]) -> dict[str, Document]:
    """Return the documents of `all` and one board per pipeline, as far as they are not written."""
    names = {view.name for view in written}
    boards = {view.text("pipeline") for view in written if view.text("type") == "kanban"}
    documents: dict[str, Document] = {}
    if not any((view.text("type") or "list") == "list" for view in written):
        columns = {
            each.name: {"total": "sum"} if _sums(each) else {} for each in list_fields(entity)
        }
        documents["all"] = {
            "type": "list",
            "label": {"en": "All", "zh": "全部"},
            "columns": columns,
            "sort": _first_sort(entity),
        }
    if boards:
        return documents
    for pipeline in entity.pipelines.values():
        name = f"board_{pipeline.name}"
        if name not in names:
            card: Document = {
                each.name: {}
                for each in list_fields(entity)
                if each.key not in (entity.title_field, pipeline.field_key)
            }
            documents[name] = {
                "type": "kanban",
                "pipeline": pipeline.name,
                "label": {"en": "Board", "zh": "看板"},
                "card": dict(list(card.items())[:4]),
                "sums": {each.name: {} for each in list_fields(entity) if _sums(each)},
            }
    return documents


def unplaced(model: Model, entity: Entity, form: Form, hidden: Collection[str] = ()) -> Form:
    """Put fields without a place at the end of the first section, child lines into grids.

    Those in `hidden`, by any name, were taken off the form and stay off it.
    """
    placed = {item.field for tab in form.tabs for section in tab.sections for item in section.items}
    placed.update(form.figures)
    grids = {section.grid for tab in form.tabs for section in tab.sections if section.grid}
    items = tuple(
        Item(each.key, 2 if each.type in WIDE else 1)
        for each in form_fields(entity)
        if each.key not in placed
        and not _is_default_hidden(each)
        and not {each.name, each.key, *each.former}.intersection(hidden)
    )
    missing = [c for c in entity.collections.values() if c.children and c.name not in grids]
    if not form.tabs or not (items or missing):
        return form
    first, *others = form.tabs
    sections = list(first.sections) or [Section("basic", Label())]
    index = next((i for i, section in enumerate(sections) if not section.grid), None)
    if index is None and items:
        sections.insert(0, Section("basic", Label(), items=items))
    elif index is not None:
        sections[index] = replace(sections[index], items=(*sections[index].items, *items))
    for collection in missing:
        columns = tuple(GridColumn(key) for key in _line_keys(model.entities[collection.entity]))
        sections.append(
            Section(collection.name, collection.label, grid=collection.name, grid_columns=columns)
        )
    return replace(form, tabs=(replace(first, sections=tuple(sections)), *others))


def form_fields(entity: Entity) -> list[Field]:
    """Return the fields that a generated form shows, in order."""
    via = entity.child_of.via if entity.child_of else ""
    return [each for each in entity.fields.values() if _shown(each) and each.key != via]


def list_fields(entity: Entity) -> list[Field]:
    """Return the fields that a generated list shows: title first, then what tells rows apart."""
    fields = [each for each in entity.fields.values() if _shown(each) and each.type not in WIDE]
    fields.sort(
        key=lambda each: (each.key != entity.title_field, not each.pipeline and not each.required)
    )
    return [each for each in fields if each.value_type is not None][:LIST_COLUMNS]


def _shown(each: Field) -> bool:
    standard = each.builtin and each.readonly
    return not (each.retired or each.hidden or standard)


def _is_default_hidden(each: Field) -> bool:
    return each.builtin and each.name in ("owner", "department")


def _is_quick(entity: Entity, each: Field) -> bool:
    given = each.formula is not None or each.readonly
    return not given and (
        each.required or each.key == entity.title_field or each.type in ("link", "money")
    )


def _sums(each: Field) -> bool:
    return each.type == "money"


def _first_sort(entity: Entity) -> list[str]:
    if entity.builtin and entity.title_field:
        return [entity.fields[entity.title_field].name]
    return ["-created_at"]


def _line_keys(member: Entity) -> list[str]:
    via = member.child_of.via if member.child_of else ""
    return [
        each.key
        for each in member.fields.values()
        if _shown(each) and not each.builtin and each.key != via
    ]
