"""Links menu and dashboards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from formula.typed import Typed
from metamodel.dashboards import Dashboard, DashboardFilter, Menu, MenuEntry, Widget
from metamodel.label import Label
from metamodel.linking.draft import Draft
from metamodel.linking.formulas import Rules, check_node, condition
from metamodel.linking.paths import refer_path
from metamodel.model import Entity
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import ModelScope, scope_of

WIDGET_OPTIONS = ("compare", "target", "text", "limit", "sort", "view")
"""Keys of a widget that are kept as they were written."""


def link_dashboards(draft: Draft) -> dict[str, Dashboard]:
    """Return dashboards by key."""
    return draft.linked("dashboards", _dashboard)


def _dashboard(draft: Draft, node: Node) -> Dashboard:
    return Dashboard(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        widgets={w.key: w for w in _widgets(draft, node)},
        filters={f.name: f for f in _filters(draft, node)},
        roles=node.names("roles"),
        icon=node.text("icon"),
        module=node.text("module"),
    )


def _widgets(draft: Draft, node: Node) -> Iterator[Widget]:
    for each in node.child("widgets").live():
        kind = each.text("type")
        if kind == "text":
            yield Widget(each.key, kind, "", each.label(), at=_at(each), options=_options(each))
            continue
        entity = draft.entity(each, each.text("entity"), at="entity")
        if entity is not None:
            yield _widget(draft, each, kind, entity)


def _widget(draft: Draft, node: Node, kind: str, entity: Entity) -> Widget:
    scope = scope_of(draft.model, entity.key)
    measures = _formulas(node.child("measures"), scope, Rules(measure=True))
    if not measures and "measures" not in node:
        measures = {"count": _count(node, scope)}
    group_by = _formulas(node.child("group_by"), scope, Rules())
    pipeline = _pipeline(node, kind, entity)
    return Widget(
        key=node.key,
        type=kind,
        entity=entity.key,
        label=node.label() or entity.plural,
        filter=condition(node, "filter", scope),
        group_by=group_by,
        measures=measures,
        pipeline=pipeline,
        at=_at(node),
        options=_options(node),
    )


def _count(node: Node, scope: ModelScope) -> Typed:
    made = Node(node.merged, (*node.path, "measures", "count"), "COUNT()")
    typed = check_node(made, scope, Rules(measure=True))
    assert typed is not None  # noqa: S101 - the formula is ours
    return typed


def _formulas(node: Node, scope: ModelScope, rules: Rules) -> Mapping[str, Typed]:
    checked = {each.name: check_node(each, scope, rules) for each in node.live()}
    return {name: typed for name, typed in checked.items() if typed is not None}


def _pipeline(node: Node, kind: str, entity: Entity) -> str:
    by_name = {pipeline.name: key for key, pipeline in entity.pipelines.items()}
    named = node.text("pipeline")
    if named in by_name:
        return by_name[named]
    if named:
        sentence = f"`{entity.name}` has no pipeline `{named}`."
        node.report("unknown_pipeline", sentence, nearest(named, by_name), at="pipeline")
    elif kind == "funnel" and not by_name:
        sentence = f"A funnel needs a pipeline, and `{entity.name}` has none."
        node.report("unknown_pipeline", sentence, "Add one under `pipelines:`, or take a bar.")
    return next(iter(by_name.values()), "") if kind == "funnel" else ""


def _at(node: Node) -> tuple[int, int, int, int]:
    value = node.get("at")
    if not isinstance(value, list) or len(value) != 4 or not all(isinstance(v, int) for v in value):
        return (0, 0, 4, 3)
    column, row, width, height = value
    if column + width > 12 or width < 1 or height < 1:
        node.report(
            "bad_place",
            f"`{node.name}` reaches past the grid's twelve columns, or is empty.",
            "`at` is column, row, width, height; column and width make at most 12.",
            at="at",
        )
    return (column, row, width, height)


def _options(node: Node) -> Mapping[str, object]:
    given = node.get("options")
    options = dict(given) if isinstance(given, Mapping) else {}
    return options | {name: node.get(name) for name in WIDGET_OPTIONS if name in node}


def _filters(draft: Draft, node: Node) -> Iterator[DashboardFilter]:
    entities = {each.text("entity") for each in node.child("widgets").live()}
    models = [e for e in (draft.model.entity_named(name) for name in entities if name) if e]
    for each in node.child("filters").live():
        field = each.text("field")
        for model in models:
            refer_path(each, scope_of(draft.model, model.key), field, at="field")
        owners = [e for e in models if scope_of(draft.model, e.key).lookup(tuple(field.split(".")))]
        if not owners and models:
            each.report(
                "unknown_field",
                f"No widget's entity has the field `{field}`.",
                nearest(field, {f.name for e in models for f in e.fields.values()}),
                at="field",
            )
        shown = each.label() or _field_label(owners, field)
        yield DashboardFilter(each.name, shown, field, each.get("default"))


def _field_label(entities: list[Entity], name: str) -> Label:
    found = entities[0].field_named(name) if entities else None
    return found.label if found is not None else Label({"": name})


def link_menu(draft: Draft, dashboards: Mapping[str, Dashboard]) -> Menu:
    """Return the written menu with what it does not know yet, or one group per module."""
    if "menu" in draft.root:
        written = draft.root.child("menu")
        found = (_entry(draft, each, dashboards) for each in written.live())
        entries = tuple(entry for entry in found if entry is not None)
        completed = _completed(draft, entries, set(_mentioned(written)))
        return Menu(_with_pools(draft, completed, set(_pools_in(written))))
    return Menu(_with_pools(draft, tuple(_generated(draft, dashboards)), set()))


def _entry(draft: Draft, node: Node, dashboards: Mapping[str, Dashboard]) -> MenuEntry | None:
    inner = (_entry(draft, each, dashboards) for each in node.child("entries").live())
    entry = MenuEntry(
        key=node.key,
        label=node.label(),
        icon=node.text("icon"),
        roles=node.names("roles"),
        entries=tuple(each for each in inner if each is not None),
    )
    if "dashboard" in node:
        return _dashboard_entry(node, entry, dashboards)
    if "pool" in node:
        return _pool_entry(draft, node, entry)
    if "entity" not in node:
        return entry
    entity = draft.entity(node, node.text("entity"), at="entity")
    if entity is None:
        return None
    view = node.text("view")
    views = {each.name: each for each in entity.views.values()}
    if view and view not in views:
        node.report(
            "unknown_view",
            f"`{entity.name}` has no view `{view}`.",
            nearest(view, views),
            at="view",
        )
    return replace(
        entry,
        entity=entity.key,
        view=views[view].key if view in views else "",
        label=entry.label or entity.plural,
        icon=entry.icon or entity.icon,
    )


def _pool_entry(draft: Draft, node: Node, entry: MenuEntry) -> MenuEntry | None:
    known = {each.name: each for each in draft.root.child("pools").live()}
    named = node.text("pool")
    if named not in known:
        sentence = f"There is no pool `{named}`."
        node.report("unknown_pool", sentence, nearest(named, known), at="pool")
        return None
    node.refer(named, "pools", known[named].key, at="pool")
    return _of_pool(entry, known[named])


def _of_pool(entry: MenuEntry, pool: Node) -> MenuEntry:
    label = entry.label or pool.label() or Label({"": pool.name})
    return replace(entry, pool=pool.key, label=label, icon=entry.icon or "pool")


def _pools_in(node: Node) -> Iterator[str]:
    """Yield the pools that a menu has an entry for, entries taken out of it included."""
    for entry in node.items():
        yield entry.text("pool")
        yield from _pools_in(entry.child("entries"))


def _with_pools(
    draft: Draft, entries: tuple[MenuEntry, ...], mentioned: set[str]
) -> tuple[MenuEntry, ...]:
    """Return a menu with the pools it has no entry for, each behind those of its entity."""
    for pool in draft.root.child("pools").live():
        entity = draft.names.get(pool.text("entity"))
        if pool.name in mentioned or entity is None:
            continue
        made = _of_pool(MenuEntry(f"pool_{pool.key}", Label()), pool)
        entries, placed = _behind(entries, entity, made)
        entries = entries if placed else (*entries, made)
    return entries


def _behind(
    entries: tuple[MenuEntry, ...], entity: str, made: MenuEntry
) -> tuple[tuple[MenuEntry, ...], bool]:
    """Return entries with one more behind the last of an entity; whether there was such a place."""
    at = max((at for at, each in enumerate(entries) if each.entity == entity), default=None)
    if at is not None:
        return (*entries[: at + 1], made, *entries[at + 1 :]), True
    for at, each in enumerate(entries):
        inner, placed = _behind(each.entries, entity, made)
        if placed:
            return (*entries[:at], replace(each, entries=inner), *entries[at + 1 :]), True
    return entries, False


def _mentioned(node: Node) -> Iterator[str]:
    """Yield the entities that a menu has an entry for, entries taken out of it included."""
    for entry in node.items():
        yield entry.text("entity")
        yield from _mentioned(entry.child("entries"))


def _completed(
    draft: Draft, entries: tuple[MenuEntry, ...], mentioned: set[str]
) -> tuple[MenuEntry, ...]:
    """Return a menu with the entities it has no entry for, beside others of their module."""
    for entity in _listed(draft):
        if entity.name in mentioned:
            continue
        made = MenuEntry(entity.key, entity.plural, entity.icon, entity=entity.key)
        place = next((e for e in entries if _holds_module(draft, e, entity.module)), None)
        if place is None:
            entries = (*entries, made)
        else:
            grown = replace(place, entries=(*place.entries, made))
            entries = tuple(grown if each is place else each for each in entries)
    return entries


def _holds_module(draft: Draft, group: MenuEntry, module: str) -> bool:
    modules = [draft.entities[e.entity].module for e in group.entries if e.entity]
    return bool(module) and module in modules


def _listed(draft: Draft) -> Iterator[Entity]:
    """Yield the entities that a menu can lead to."""
    for entity in draft.entities.values():
        if not (entity.system or entity.builtin or entity.retired or entity.child_of):
            yield entity


def _dashboard_entry(
    node: Node, entry: MenuEntry, dashboards: Mapping[str, Dashboard]
) -> MenuEntry | None:
    named = node.text("dashboard")
    found = next((each for each in dashboards.values() if each.name == named), None)
    if found is None:
        node.report(
            "unknown_dashboard",
            f"There is no dashboard `{named}`.",
            nearest(named, dashboards),
            at="dashboard",
        )
        return None
    return replace(
        entry, dashboard=found.key, label=entry.label or found.label, icon=entry.icon or found.icon
    )


def _generated(draft: Draft, dashboards: Mapping[str, Dashboard]) -> Iterator[MenuEntry]:
    groups: dict[str, list[MenuEntry]] = {}
    for board in dashboards.values():
        made = MenuEntry(board.key, board.label, board.icon or "chart-bar", dashboard=board.key)
        groups.setdefault(board.module, []).append(made)
    for entity in _listed(draft):
        made = MenuEntry(entity.key, entity.plural, entity.icon, entity=entity.key)
        groups.setdefault(entity.module, []).append(made)
    for name, module in draft.model.modules.items():
        if name in groups:
            yield MenuEntry(name, module.label, module.icon, entries=tuple(groups.pop(name)))
    for entries in groups.values():
        yield from entries
