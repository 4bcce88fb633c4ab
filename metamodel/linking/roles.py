"""Links roles: grants by entity and scope, limits on fields, denials."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast, get_args

from metamodel.access import Action, FieldRight, Grant, Role, ScopeName
from metamodel.automation import Button
from metamodel.fieldtypes.contract import label
from metamodel.flows import Convert
from metamodel.label import Label
from metamodel.linking.behaviour import field_key
from metamodel.linking.draft import Draft, known_roles
from metamodel.linking.formulas import condition
from metamodel.linking.pipelines import stage_keys
from metamodel.model import Entity
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import scope_of
from metamodel.views import View

ADMINISTRATOR = Role(
    "administrator",
    label("Administrator", "管理员"),
    all_rights=True,
    see_sql=True,
    explain=True,
    audit=True,
)
"""The role that every tenant has and that holds every right."""

PEOPLE = ("user", "department", "team", "position", "deputy")
"""Entities that every role may read unless it says otherwise: pickers and links need them.

Of these `"*"` lets people read no more than that: who belongs where is given by name.
"""

Part = Button | Convert | View
"""What a role may list of an entity by name."""

SCOPES = get_args(ScopeName)
ACTIONS: tuple[Action, ...] = get_args(Action)


def link_roles(draft: Draft) -> dict[str, Role]:
    """Return the app's roles by name, the administrator first."""
    roles = {ADMINISTRATOR.name: ADMINISTRATOR}
    for node in draft.root.child("roles").live():
        roles[node.name] = draft.remembered(
            ("roles", node.name),
            (node.value,),
            lambda seen, node=node: _role(seen, node),  # type: ignore[misc]
        )
    return roles


def _role(draft: Draft, node: Node) -> Role:
    everything = node.name == ADMINISTRATOR.name or node.flag("all_rights")
    return Role(
        name=node.name,
        label=node.label() or Label({"": node.name}),
        grants=(*_grants(draft, node.child("rights")), *_people(node)),
        denies=tuple(_grants(draft, node.child("deny"))),
        fields=_fields(draft, node.child("fields")),
        ceilings=dict(_ceilings(draft, node.child("deny"))),
        moves=_moves(draft, node.child("moves")),
        barred=dict(_barred(draft, node.child("deny"))),
        buttons=_named(draft, node.child("buttons"), _pressed),
        views=_named(draft, node.child("views"), lambda entity: entity.views.values()),
        gives=known_roles(draft, node, "gives"),
        menu=node.names("menu") if "menu" in node else None,
        dashboards=node.names("dashboards") if "dashboards" in node else None,
        all_rights=everything,
        see_sql=node.flag("see_sql", default=everything),
        explain=node.flag("explain", default=everything),
        audit=node.flag("audit", default=everything),
        export_limit=node.whole("export_limit"),
    )


def _people(node: Node) -> Iterator[Grant]:
    for key in PEOPLE:
        if key not in node.child("rights") and "*" not in node.child("rights"):
            yield Grant(key, "read", "all")


def _grants(draft: Draft, node: Node) -> Iterator[Grant]:
    named = {each.name for each in node.live()}
    for each in node.live():
        if each.name != "*":
            entity = draft.entity(each, each.name)
            if entity is not None:
                yield from _entity_grants(draft, each, entity)
            continue
        for entity in draft.entities.values():
            if not (entity.system or entity.retired or entity.child_of or entity.name in named):
                grants = _entity_grants(draft, each, entity)
                people = entity.builtin and entity.key in PEOPLE
                yield from (grant for grant in grants if not people or grant.action == "read")


def _entity_grants(draft: Draft, node: Node, entity: Entity) -> Iterator[Grant]:
    if entity.child_of is not None:
        node.report(
            "rights_of_child",
            f"`{entity.name}` has the rights of its parent.",
            f"Write rights for `{draft.entities[entity.child_of.entity].name}`.",
        )
        return
    if isinstance(node.value, str):
        scope = _scope(node, node.value)
        if scope is not None:
            yield from (
                Grant(entity.key, action, scope) for action in ACTIONS if action != "import"
            )
        return
    for action in ACTIONS:
        part = node.child(action)
        if isinstance(part.value, str):
            scope = _scope(part, part.value)
            if scope is not None:
                yield Grant(entity.key, action, scope)
        elif "where" in part:
            typed = condition(part, "where", scope_of(draft.model, entity.key))
            if typed is not None:
                yield Grant(entity.key, action, None, typed)


def _scope(node: Node, text: str) -> ScopeName | None:
    if text in SCOPES:
        return cast(ScopeName, text)
    node.report("unknown_scope", f"`{text}` is not a scope.", nearest(text, SCOPES, "Scopes are"))
    return None


def _fields(draft: Draft, node: Node) -> dict[tuple[str, str], FieldRight]:
    limits: dict[tuple[str, str], FieldRight] = {}
    for each in node.live():
        entity = draft.entity(each, each.name)
        if entity is not None:
            limits.update(_limits(each, entity))
    return limits


def _limits(node: Node, entity: Entity) -> Iterator[tuple[tuple[str, str], FieldRight]]:
    for part in node.live():
        key = field_key(part, part.name, entity)
        if key is not None and part.value in get_args(FieldRight):
            yield (entity.key, key), cast(FieldRight, part.value)


def _ceilings(draft: Draft, node: Node) -> Iterator[tuple[tuple[str, str], FieldRight]]:
    """Yield the most that a denial leaves of fields."""
    for each in node.live():
        entity = draft.entities.get(draft.names.get(each.name, ""))
        if entity is not None:
            yield from _limits(each.child("fields"), entity)


def _barred(draft: Draft, node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the stages that a denial closes, by entity."""
    for each in node.live():
        entity = draft.entities.get(draft.names.get(each.name, ""))
        if entity is not None and "moves" in each:
            yield entity.key, stage_keys(each, "moves", entity)


def _named(
    draft: Draft, node: Node, parts: Callable[[Entity], Iterable[Part]]
) -> dict[str, tuple[str, ...]]:
    """Return the keys of an entity's parts that lists name, by its key; report unknown ones."""
    found: dict[str, tuple[str, ...]] = {}
    for each in node.live():
        entity = draft.entity(each, each.name)
        if entity is None:
            continue
        known = {part.name: part.key for part in parts(entity)}
        for name in node.names(each.name):
            if name not in known:
                sentence = f"`{entity.name}` has no `{name}` that `{node.name}` could list."
                node.report("unknown_part", sentence, nearest(name, known), at=each.name)
        found[entity.key] = tuple(known[name] for name in node.names(each.name) if name in known)
    return found


def _pressed(entity: Entity) -> Iterable[Part]:
    return (*entity.buttons.values(), *entity.converts.values())


def _moves(draft: Draft, node: Node) -> dict[str, tuple[str, ...]]:
    moves: dict[str, tuple[str, ...]] = {}
    for each in node.live():
        entity = draft.entity(each, each.name)
        if entity is None:
            continue
        moves[entity.key] = stage_keys(node, each.name, entity)
    return moves
