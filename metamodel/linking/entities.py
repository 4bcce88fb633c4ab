"""Links entities without their formulas: fields, pipelines, children, collections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from formula import check, parse
from formula.types import RecordType, TextType
from metamodel.fieldtypes import FIELD_TYPES, Options
from metamodel.fieldtypes.contract import label
from metamodel.label import Label
from metamodel.linking.clocks import add_clock_fields
from metamodel.linking.currencies import link_currencies
from metamodel.linking.draft import Draft
from metamodel.linking.fields import Home, link_field, with_columns
from metamodel.linking.pairs import link_pairs
from metamodel.linking.pipelines import link_pipeline
from metamodel.model import ChildOf, Collection, Entity, Field, Link
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import scope_of

STANDARD = (
    ("created_at", "datetime", label("Created", "创建时间")),
    ("created_by", "user", label("Created by", "创建人")),
    ("updated_at", "datetime", label("Changed", "修改时间")),
    ("updated_by", "user", label("Changed by", "修改人")),
)
"""Fields of every entity that is not the engine's own."""

OWNED = (
    ("owner", "user", label("Owner", "负责人")),
    ("department", "department", label("Department", "所属部门")),
)
"""Fields of every entity that has an owner."""

RESERVED = (
    "user",
    "setting",
    "previous",
    "this",
    "input",
    "id",
    *(name for name, _, _ in STANDARD),
)
"""Names that no field may take."""


def link_entities(draft: Draft) -> None:
    """Fill the draft with entities: everything but what formulas say."""
    _name_entities(draft)
    for node in _parents_first(draft):
        _add_entity(draft, node)
    for entity in list(draft.entities.values()):
        for field in entity.fields.values():
            _add_collections(draft, entity, field)
    link_currencies(draft)
    link_pairs(draft)
    for entity in list(draft.entities.values()):
        draft.entities[entity.key] = replace(
            entity, title=check(parse("id"), scope_of(draft.model, entity.key))
        )


def _name_entities(draft: Draft) -> None:
    written = list(draft.root.child("entities").items())
    nodes = [each for each in written if not each.purged]
    purged = tuple(each.key for each in written if each.purged)
    draft.model = replace(draft.model, purged=purged)
    for node in nodes:
        if node.key in draft.nodes:
            node.report(
                "key_taken",
                f"`{node.name}` has the key `{node.key}` of another entity.",
                "A key is unique for ever: choose another.",
            )
            continue
        if node.key.startswith("sys_") and not node.built_in:
            node.report(
                "reserved_name",
                f"`{node.name}` begins with `sys_`, which is the product's own.",
                "Choose another name.",
            )
        draft.nodes[node.key] = node
        draft.names[node.name] = node.key
    for node in nodes:
        for former in (*node.former, node.key):
            draft.names.setdefault(former, node.key)


def _parents_first(draft: Draft) -> Iterator[Node]:
    """Yield entities in the order of writing, but parents before their children."""
    done: set[str] = set()

    def visit(node: Node, trail: tuple[str, ...]) -> Iterator[Node]:
        if node.key in done:
            return
        parent = draft.names.get(node.child("child_of").text("entity"))
        if parent is not None and parent in trail:
            loop = " → ".join((*trail, parent))
            node.report(
                "child_cycle",
                f"Entities are children of each other: {loop}.",
                "Take one `child_of` out.",
                at="child_of",
            )
        elif parent is not None and parent != node.key:
            yield from visit(draft.nodes[parent], (*trail, parent))
        if node.key not in done:
            done.add(node.key)
            yield node

    for node in draft.nodes.values():
        yield from visit(node, (node.key,))


def _add_entity(draft: Draft, node: Node) -> None:
    builtin = ("entities", node.key) in draft.merged.builtin
    system = node.flag("system")
    home = Home(node.key, node.name)
    draft.entities[node.key] = Entity(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name.replace("_", " ").capitalize()}),
        table=node.key,
        rank=len(draft.entities),
        fields={},
        title=None,  # type: ignore[arg-type]  # set as soon as names can be resolved
        # Languages without a plural need not say one.
        plural=node.label("plural").filled(node.label()) or node.label(),
        help=node.label("help"),
        note=node.label("note"),
        icon=node.text("icon"),
        module=draft.module(node),
        owned=node.flag("owned"),
        track=node.flag("track", default=not system),
        timeline=node.flag("timeline"),
        system=system,
        builtin=builtin,
        retired=node.retired,
        former=tuple(sorted(node.former)),
    )
    if "label" not in node and not node.built_in:
        node.report(
            "missing_key",
            f"The entity `{node.name}` needs `label`.",
            nearest(
                node.name,
                [n for n in draft.names if n != node.name and not n.startswith("sys_")],
                "Add `label:`; other entities are",
            ),
        )
    _add_fields(draft, home, node)


def _add_fields(draft: Draft, home: Home, node: Node) -> None:
    entity = draft.entities[home.key]
    fields: dict[str, Field] = entity.fields  # type: ignore[assignment]
    fields |= {each.key: each for each in draft.made(("id", home.key), (), lambda: (_id(home),))}
    child_of = _child_of(draft, home, node, fields)
    written = list(node.child("fields").items())
    for each in written:
        if not each.purged:
            _add_field(draft, home, each, fields)
    purged = tuple(each.key for each in written if each.purged)
    pipelines = {}
    for each in node.child("pipelines").items():
        pipeline = link_pipeline(draft, home, each, fields)
        if pipeline is not None:
            pipelines[pipeline.key] = pipeline
    add_clock_fields(draft, home, fields)
    if not entity.system:
        made = draft.made(
            ("standard", home.key), (entity.owned,), lambda: _standard(home, owned=entity.owned)
        )
        fields |= {each.key: each for each in made}
    draft.entities[home.key] = replace(
        entity, child_of=child_of, pipelines=pipelines, purged=purged
    )


def _add_field(draft: Draft, home: Home, node: Node, fields: dict[str, Field]) -> None:
    entity = draft.entities[home.key]
    taken = ("id",) if entity.system else RESERVED
    if entity.owned:
        taken += tuple(name for name, _, _ in OWNED)
    if node.name in taken:
        node.report("reserved_name", f"`{node.name}` is built in.", "Choose another name.")
        return
    if node.key in fields:
        node.report(
            "key_taken",
            f"`{node.name}` has the key `{node.key}` of another field.",
            "A key is unique for ever: choose another.",
        )
        return
    linked = draft.remembered(
        ("field", home.key, node.name),
        (node.value,),
        lambda seen: link_field(seen, home, node),
        own=home.key,
    )
    if linked is not None:
        fields[linked.key] = linked
        draft.fields[home.key, linked.key] = node


def _id(home: Home) -> Field:
    return Field(
        key="id",
        name="id",
        entity=home.key,
        type="uuid",
        label=label("Id", "标识"),
        value_type=RecordType((home.key,)),
        column="id",
        builtin=True,
        readonly=True,
        hidden=True,
    )


def _standard(home: Home, *, owned: bool) -> Iterator[Field]:
    for name, kind, shown in (*(OWNED if owned else ()), *STANDARD):
        link = None if kind == "datetime" else Link((kind,))
        value_type = FIELD_TYPES[kind].value_type(Options(targets=link.to if link else ()))
        yield Field(
            key=name,
            name=name,
            entity=home.key,
            type=kind,
            label=shown,
            value_type=value_type,
            column=name,
            builtin=True,
            link=link,
            index=name == "owner",
            readonly=name not in ("owner", "department"),
        )


def _child_of(draft: Draft, home: Home, node: Node, fields: dict[str, Field]) -> ChildOf | None:
    """Make the link field to the parent, unless it is written out."""
    child = node.child("child_of")
    if child.value is None:
        return None
    parent = draft.names.get(child.text("entity"))
    if parent is None:
        known = [name for name in draft.names if not name.startswith("sys_")]
        child.report(
            "unknown_entity",
            f"`{node.name}` is a child of `{child.text('entity')}`, which does not exist.",
            nearest(child.text("entity"), known),
            at="entity",
        )
        return None
    child.refer(child.text("entity"), "entities", parent, at="entity")
    name = child.text("field") or draft.nodes[parent].name
    via = child.text("field") or parent
    written = next((n for n in node.child("fields").items() if n.name == name), None)
    if written is not None:
        via = written.key
    collection = child.text("collection")
    if written is None:
        made = Field(
            key=via,
            name=name,
            entity=home.key,
            type="link",
            label=draft.nodes[parent].label(),
            value_type=RecordType((parent,)),
            required=True,
            readonly=not child.flag("movable"),
            link=Link((parent,), collection, "cascade"),
        )
        fields[via] = with_columns(made, FIELD_TYPES["link"])
    return ChildOf(parent, collection, via, child.flag("movable"))


def _add_collections(draft: Draft, entity: Entity, field: Field) -> None:
    """Make the collection on the other side of a link."""
    child = entity.child_of
    is_child = child is not None and child.via == field.key
    name = (
        child.collection
        if child is not None and is_child
        else field.link.inverse
        if field.link
        else ""
    )
    if not name or field.link is None or field.link.many or field.retired or entity.retired:
        return
    node = draft.fields.get((entity.key, field.key), draft.nodes[entity.key])
    for key in field.link.to:
        target = draft.entities[key]
        collections: dict[str, Collection] = target.collections  # type: ignore[assignment]
        if name in collections or any(
            f.name == name and not f.retired for f in target.fields.values()
        ):
            node.report(
                "name_taken",
                f"`{target.name}` has something called `{name}` already.",
                "Give this `inverse` or `collection` another name.",
            )
            continue
        collections[name] = Collection(
            name, entity.key, field.key, entity.plural or entity.label, is_child
        )


def text_fields(entity: Entity) -> Iterator[Field]:
    """Yield the live fields that hold text."""
    for field in entity.fields.values():
        found = isinstance(field.value_type, TextType) and not field.encrypted
        if found and not field.retired and field.name != "id":
            yield field
