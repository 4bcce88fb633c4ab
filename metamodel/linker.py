"""Links the merged document into a model: names become things, formulas are checked.

The order matters: entities and their fields first, so that names can be resolved; then
computed fields in the order they depend on each other; then everything that reads fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from metamodel.fieldtypes import FIELD_TYPES
from metamodel.fieldtypes.contract import label
from metamodel.label import Label
from metamodel.late import Late
from metamodel.layers import Merged
from metamodel.linking.approvals import link_approvals
from metamodel.linking.automations import link_automations, link_buttons
from metamodel.linking.behaviour import link_behaviour
from metamodel.linking.boards import link_dashboards, link_menu
from metamodel.linking.calendars import link_calendars
from metamodel.linking.computed import link_computed
from metamodel.linking.converts import link_converts
from metamodel.linking.currencies import with_currencies
from metamodel.linking.draft import Draft
from metamodel.linking.duties import link_pools, link_service_levels
from metamodel.linking.entities import link_entities
from metamodel.linking.fields import option_map, read_options, read_value
from metamodel.linking.lapses import read_lapse
from metamodel.linking.membership import check_follows, link_membership
from metamodel.linking.memory import Memory
from metamodel.linking.modules import mark_switched_off, without_switched_off
from metamodel.linking.outward import (
    link_documents,
    link_messages,
    link_reports,
    link_segments,
)
from metamodel.linking.portals import link_portals, link_public_forms
from metamodel.linking.roles import link_roles
from metamodel.linking.screens import link_screens
from metamodel.linking.splitting import refuse_shared
from metamodel.linking.stories import check_default_links, link_scenarios, link_starters
from metamodel.model import App, ChoiceSet, Entity, Model, Module, Origin, Setting
from metamodel.options import choice_of
from metamodel.outward import ContactLimit
from metamodel.parts import AHEAD
from metamodel.reader import Node


def link(written: Merged, memory: Memory | None = None) -> Model:
    """Return the model; with problems, which are added to those of `written`, it is not whole.

    Where `written` has a list of references, they are added to it. With a `memory` only what
    changed since is linked again.
    """
    merged = with_currencies(written)
    recall = None
    if memory is not None:
        recall = memory.recall(tuple(merged.document.get(name) for name in GROUND))
    draft = Draft(merged, _app(Node(merged, (), merged.document).child("app")), recall=recall)
    model = _linked(draft, written)
    if memory is not None and recall is not None:
        memory.keep(recall)
    return model


def _linked(draft: Draft, written: Merged) -> Model:
    merged = draft.merged
    root = draft.root
    draft.model = replace(
        draft.model,
        modules={node.name: _module(node) for node in root.child("modules").live()},
        choices={
            node.name: ChoiceSet(node.name, option_map(node.child("options")))
            for node in root.child("choices").live()
        },
    )
    for node in root.child("choices").live():
        refuse_shared(node.child("options"))
    settings, calendars = dict(_settings(draft)), link_calendars(draft)
    draft.model = replace(draft.model, settings=settings, calendars=calendars)
    for link_all in (link_entities, mark_switched_off, link_computed):
        link_all(draft)
    keys = [key for key, node in draft.nodes.items() if not node.retired]
    for link_part in (link_behaviour, link_converts, link_screens, link_buttons, link_membership):
        for key in keys:
            _link_again(draft, link_part, key)
    check_follows(draft)
    starters = tuple(link_starters(draft))
    check_default_links(draft, starters)
    dashboards = link_dashboards(draft)
    _declare_later(draft)
    return without_switched_off(
        replace(
            _acting(draft),
            dashboards=dashboards,
            menu=link_menu(draft, dashboards),
            roles=link_roles(draft),
            starter_records=starters,
            scenarios=link_scenarios(draft),
            declared=tuple(draft.declared),
            origins=Late(lambda: dict(_origins(merged))),
            source=written.document,
            packs=_packs(written),
        )
    )


def _link_again(draft: Draft, link_part: Callable[[Draft, str], None], key: str) -> None:
    """Link a part of an entity, unless all that it is linked from is as it was."""
    before = draft.entities[key]

    def act(seen: Draft) -> Entity:
        seen.entities[key] = replace(before, fields=dict(before.fields))
        link_part(seen, key)
        return seen.entities[key]

    unit, given = (link_part.__name__, key), (draft.nodes[key].value, before)
    draft.entities[key] = draft.remembered(unit, given, act, own=key)


GROUND = ("app", "modules", "calendars")
"""Parts of an app that all others stand on."""


def _acting(draft: Draft) -> Model:
    """Return the model with all by which an app acts, and lets others in or out."""
    return replace(
        draft.model,
        automations=link_automations(draft),
        approvals=link_approvals(draft),
        pools=link_pools(draft),
        service_levels=link_service_levels(draft),
        reports=link_reports(draft),
        documents=link_documents(draft),
        messages=link_messages(draft),
        public_forms=link_public_forms(draft),
        portals=link_portals(draft),
        segments=link_segments(draft),
    )


def _app(node: Node) -> App:
    """Return what the app says of itself; every app has at least a name."""
    if "name" not in node:
        node.report(
            "missing_key",
            "The app has no name.",
            "Begin with `format: 1` and `app: {name: …, label: …}`.",
        )
    kind = node.text("kind")
    return App(
        name=node.text("name"),
        label=node.label() or Label({"": node.text("name")}),
        version=node.text("version"),
        languages=node.names("languages") or ("en",),
        currency=node.text("currency") or "CNY",
        timezone=node.text("timezone") or "Asia/Shanghai",
        extends=node.text("extends"),
        kind=kind or "app",
        fiscal_year_start=node.whole("fiscal_year_start") or 1,
        icon=node.text("icon"),
        color=node.text("color"),
        contact_limit=_contact_limit(node.child("contact_limit")),
    )


def _contact_limit(node: Node) -> ContactLimit | None:
    within = read_lapse(node, "within")
    return None if within is None else ContactLimit(node.whole("most") or 0, within)


def _packs(written: Merged) -> dict[str, App]:
    """Return the packs among the layers, by name."""
    return {name: _app(Node(written, ("app",), said)) for name, said in written.packs.items()}


def _module(node: Node) -> Module:
    shown = node.label() or label(node.name.capitalize(), node.name)
    enabled = node.flag("enabled", default=True)
    return Module(node.name, shown, node.text("icon"), enabled, node.names("requires"))


def _settings(draft: Draft) -> Iterator[tuple[str, Setting]]:
    for node in draft.root.child("settings").live():
        kind = FIELD_TYPES.get(node.text("type"))
        if kind is None:
            continue
        options = replace(choice_of(read_options(draft, node)), scale=node.whole("scale"))
        value_type = kind.value_type(options)
        if value_type is None or kind.column == "per_target":
            node.report(
                "setting_type",
                f"A setting cannot have the type {kind.name}.",
                "Use a number, text, date, choice or boolean.",
                at="type",
            )
            continue
        default = read_value(node, "default", kind, options)
        shown = node.label() or Label({"": node.name})
        yield node.name, Setting(node.name, shown, kind.name, value_type, default)


def _declare_later(draft: Draft) -> None:
    for name in AHEAD:
        for node in draft.root.child(name).live():
            draft.declare(node)


def _origins(merged: Merged) -> Iterator[tuple[tuple[str, ...], Origin]]:
    for path, layer in merged.origins.items():
        position = merged.positions[path]
        yield path, Origin(layer, position.file, position.line, position.column)
