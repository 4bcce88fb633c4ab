"""Links forms and views, those that were written and those that are generated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from metamodel.fieldtypes.contract import label
from metamodel.label import Label
from metamodel.linking.behaviour import field_key
from metamodel.linking.draft import Draft
from metamodel.linking.formulas import condition
from metamodel.linking.generated import generated_forms, generated_views, unplaced
from metamodel.linking.layouts import read_layout
from metamodel.linking.partial import over_generated
from metamodel.linking.paths import read_order, read_path, refer_collection
from metamodel.model import Entity
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import ModelScope, find_collection, scope_of
from metamodel.views import (
    ColorRule,
    FieldPath,
    Form,
    GridColumn,
    Item,
    RelatedList,
    Section,
    Sort,
    Tab,
    View,
    ViewColumn,
)

Total = Literal["", "sum", "avg", "min", "max", "count"]


def link_screens(draft: Draft, key: str) -> None:
    """Give one entity its forms and views."""
    entity = draft.entities[key]
    if entity.system or entity.retired:
        return
    node, scope = draft.nodes[key], scope_of(draft.model, key)
    views = {view.key: view for view in _views(draft, node, entity, scope)}
    draft.entities[key] = entity = replace(entity, views=views)
    draft.entities[key] = replace(
        entity, forms={form.name: form for form in _forms(draft, node, entity, scope)}
    )


def _forms(draft: Draft, node: Node, entity: Entity, scope: ModelScope) -> Iterator[Form]:
    forms = list(node.child("forms").live())
    generated = generated_forms(draft.model, entity)
    changes = {form.name: form for form in forms if _changes(form, generated.get(form.name))}
    written = [form for form in forms if form.name not in changes]
    for name, document in generated.items():
        if not any(form.name == name for form in written) and name not in _retired(node, "forms"):
            made = over_generated(
                node.down("forms", name), document, changes.pop(name, None), entity
            )
            yield replace(_form(draft, made, entity, scope), generated=True)
    for form in (*written, *changes.values()):
        linked = _form(draft, form, entity, scope)
        hidden = {item.name for item in _items_of(form) if item.retired}
        yield unplaced(draft.model, entity, linked, hidden) if form.name == "default" else linked


def _items_of(form: Node) -> Iterator[Node]:
    """Yield the items of a written form, retired ones, too."""
    for tab in (form, *form.child("tabs").items()):
        for section in tab.child("sections").items():
            yield from section.child("items").items()


def _changes(form: Node, generated: Mapping[str, object] | None) -> bool:
    """Return whether a form only changes the generated one; one of another shape is its own."""
    has_tabs = generated is not None and "tabs" in generated
    whole = has_tabs and ("sections" in form or "lists" in form)
    return form.flag("generated") and not whole


def _form(draft: Draft, node: Node, entity: Entity, scope: ModelScope) -> Form:
    tabs = list(node.child("tabs").live())
    if not tabs:
        main = {name: node.get(name) for name in ("sections", "lists") if name in node}
        tabs = [Node(node.merged, node.path, {"label": {"en": "Main", "zh": "基本"}, **main})]
    figures = (field_key(each, each.name, entity) for each in node.down("header", "figures").live())
    return Form(
        name=node.name,
        label=node.label() or entity.label,
        tabs=tuple(_tab(draft, each, entity, scope, index) for index, each in enumerate(tabs)),
        figures=tuple(figure for figure in figures if figure),
        when=condition(node, "when", scope),
        roles=node.names("roles"),
    )


def _tab(draft: Draft, node: Node, entity: Entity, scope: ModelScope, index: int) -> Tab:
    name = node.name if "tabs" in node.path else "main"
    return Tab(
        name=name,
        label=node.label() or (label("Main", "基本") if index == 0 else label("Related", "相关")),
        sections=tuple(
            _section(draft, each, entity, scope) for each in node.child("sections").live()
        ),
        lists=tuple(_lists(draft, node, entity)),
        visible_when=condition(node, "visible_when", scope),
    )


def _section(draft: Draft, node: Node, entity: Entity, scope: ModelScope) -> Section:
    grid = node.text("grid")
    columns: tuple[GridColumn, ...] = ()
    if grid:
        member = _child_entity(draft, node, entity, grid)
        if member is not None:
            columns = tuple(_grid_columns(node, member))
    return Section(
        name=node.name,
        label=node.label() or _section_label(entity, grid),
        columns=node.whole("columns") or 2,
        items=tuple(_items(node, entity, scope)),
        grid=grid,
        grid_columns=columns,
        visible_when=condition(node, "visible_when", scope),
    )


def _section_label(entity: Entity, grid: str) -> Label:
    collection = entity.collections.get(grid)
    return collection.label if collection is not None else Label()


def _items(node: Node, entity: Entity, scope: ModelScope) -> Iterator[Item]:
    for each in node.child("items").live():
        key = field_key(each, each.name, entity)
        if key is not None:
            yield Item(
                field=key,
                width=each.whole("width") or 1,
                label=each.label(),
                visible_when=condition(each, "visible_when", scope),
                required_when=condition(each, "required_when", scope),
                readonly_when=condition(each, "readonly_when", scope),
            )


def _child_entity(draft: Draft, node: Node, entity: Entity, grid: str) -> Entity | None:
    collection = find_collection(entity, grid)
    if collection is not None and collection.children:
        refer_collection(node, collection, at="grid")
        return draft.entities[collection.entity]
    known = [each.name for each in entity.collections.values() if each.children]
    node.report(
        "unknown_collection",
        f"`{entity.name}` has no child lines called `{grid}`.",
        nearest(grid, known),
        at="grid",
    )
    return None


def _grid_columns(node: Node, member: Entity) -> Iterator[GridColumn]:
    written = list(node.child("columns").live())
    if not written:
        yield from (GridColumn(each) for each in line_fields(member))
    for each in written:
        key = field_key(each, each.name, member)
        if key is not None:
            yield GridColumn(key, each.whole("width") or 1, _total(each))


def line_fields(member: Entity) -> tuple[str, ...]:
    """Return the fields of child lines that a grid shows when nobody chose."""
    via = member.child_of.via if member.child_of else ""
    return tuple(
        each.key
        for each in member.fields.values()
        if not (each.retired or each.builtin or each.hidden) and each.key != via
    )


def _total(node: Node) -> Total:
    value = node.text("total")
    return value if value in ("sum", "avg", "min", "max", "count") else ""  # type: ignore[return-value]


def _lists(draft: Draft, node: Node, entity: Entity) -> Iterator[RelatedList]:
    for each in node.child("lists").live():
        collection = find_collection(entity, each.name)
        if collection is None:
            each.report(
                "unknown_collection",
                f"`{entity.name}` has no related records called `{each.name}`.",
                nearest(each.name, entity.collections),
            )
            continue
        refer_collection(each, collection)
        view = each.text("view")
        views = {n.name for n in draft.nodes[collection.entity].child("views").live()} | {"all"}
        if view and view not in views:
            each.report(
                "unknown_view",
                f"`{draft.entities[collection.entity].name}` has no view `{view}`.",
                nearest(view, views),
                at="view",
            )
        yield RelatedList(collection.name, view)


def _views(draft: Draft, node: Node, entity: Entity, scope: ModelScope) -> Iterator[View]:
    views = list(node.child("views").live())
    written = [view for view in views if not view.flag("generated")]
    changes = {view.name: view for view in views if view.flag("generated")}
    for name, document in generated_views(draft.model, entity, written).items():
        if name in _retired(node, "views"):
            continue
        made = over_generated(node.down("views", name), document, changes.pop(name, None), entity)
        yield replace(_view(draft, made, entity, scope), generated=True)
    for view in (*written, *changes.values()):
        yield _view(draft, view, entity, scope)


def _retired(node: Node, part: str) -> set[str]:
    """Return the names of screens that a layer takes away, generated ones, too."""
    return {each.name for each in node.child(part).items() if each.retired}


def _view(draft: Draft, node: Node, entity: Entity, scope: ModelScope) -> View:
    kind = node.text("type") or "list"
    return View(
        key=node.key,
        name=node.name,
        type=kind,
        label=node.label() or entity.plural,
        filter=condition(node, "filter", scope),
        columns=tuple(read_columns(node, scope)),
        sort=tuple(read_sorts(node, scope)),
        group=tuple(_paths(node, scope, "group")),
        colors=tuple(_colors(node, scope)),
        pipeline=_view_pipeline(node, entity, kind),
        card=tuple(_keyed_paths(node.child("card"), scope)),
        sums=tuple(_keyed_paths(node.child("sums"), scope)),
        roles=node.names("roles"),
        options=_options(node),
        note=node.label("note"),
        layout=read_layout(node, kind, entity, scope),
    )


def _options(node: Node) -> Mapping[str, object]:
    options = node.get("options")
    return options if isinstance(options, Mapping) else {}


def _view_pipeline(node: Node, entity: Entity, kind: str) -> str:
    named = node.text("pipeline")
    by_name = {pipeline.name: key for key, pipeline in entity.pipelines.items()}
    if named in by_name:
        return by_name[named]
    if named:
        node.report(
            "unknown_pipeline",
            f"`{entity.name}` has no pipeline `{named}`.",
            nearest(named, by_name),
            at="pipeline",
        )
    elif kind == "kanban":
        if by_name:
            return next(iter(by_name.values()))
        node.report(
            "unknown_pipeline",
            f"A board needs a pipeline, and `{entity.name}` has none.",
            "Add one under `pipelines:`, or make it a list.",
        )
    return ""


def read_columns(node: Node, scope: ModelScope) -> Iterator[ViewColumn]:
    """Yield the columns under `columns`; paths that show nothing are reported."""
    for each in node.child("columns").live():
        path = read_path(each, scope, each.name)
        if path is not None:
            yield ViewColumn(path, each.label(), each.whole("width") or 0, _total(each))


def read_sorts(node: Node, scope: ModelScope) -> Iterator[Sort]:
    """Yield the keys under `sort`, `-` for descending."""
    for text in node.names("sort"):
        path = read_order(node, scope, text.removeprefix("-"), at="sort")
        if path is not None:
            yield Sort(path, text.startswith("-"))


def _paths(node: Node, scope: ModelScope, name: str) -> Iterator[FieldPath]:
    for text in node.names(name):
        path = read_order(node, scope, text, at=name)
        if path is not None:
            yield path


def _keyed_paths(node: Node, scope: ModelScope) -> Iterator[FieldPath]:
    for each in node.live():
        path = read_path(each, scope, each.name)
        if path is not None:
            yield path


def _colors(node: Node, scope: ModelScope) -> Iterator[ColorRule]:
    for each in node.child("colors").live():
        typed = condition(each, "when", scope)
        if typed is not None:
            yield ColorRule(each.name, typed, each.text("color"))
