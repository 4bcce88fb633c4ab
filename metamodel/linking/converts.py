"""Links conversions: which records they make, and what their fields are set to."""

from __future__ import annotations

from dataclasses import replace

from formula.scope import CollectionBinding
from formula.types import RecordType, ValueType
from metamodel.flows import Convert, ConvertLines, ConvertStep
from metamodel.label import Label
from metamodel.linking.behaviour import field_key
from metamodel.linking.draft import Draft
from metamodel.linking.formulas import condition
from metamodel.linking.paths import refer_collection, refer_path
from metamodel.linking.pipelines import stage_keys
from metamodel.linking.values import set_values
from metamodel.model import Entity
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import ModelScope, find_collection, scope_of


def link_converts(draft: Draft, key: str) -> None:
    """Give one entity its conversions."""
    node = draft.nodes[key].child("convert")
    entity = draft.entities[key]
    converts = {each.key: _convert(draft, each, entity) for each in node.live()}
    draft.entities[key] = replace(entity, converts=converts)


def _convert(draft: Draft, node: Node, entity: Entity) -> Convert:
    inputs: dict[str, ValueType] = {}
    steps = []
    for each in node.child("steps").live():
        target = draft.entity(each, each.text("create"), at="create")
        if target is None:
            continue
        scope = scope_of(draft.model, entity.key, inputs=dict(inputs))
        steps.append(_step(draft, each, scope, target))
        inputs[each.name] = RecordType((target.key,))
    remember = {}
    for each in node.child("remember").live():
        held = field_key(each, each.name, entity)
        step = str(each.value)
        if step not in inputs:
            each.report(
                "unknown_step", f"`{node.name}` has no step `{step}`.", nearest(step, inputs)
            )
        elif held is not None:
            remember[held] = step
    return Convert(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        steps=tuple(steps),
        when=condition(node, "when", scope_of(draft.model, entity.key)),
        remember=remember,
        move=next(iter(stage_keys(node, "move", entity)), ""),
        icon=node.text("icon"),
    )


def _step(draft: Draft, node: Node, scope: ModelScope, target: Entity) -> ConvertStep:
    lines: dict[str, ConvertLines] = {}
    for each in node.child("lines").live():
        made = _lines(draft, each, scope, target)
        if made is not None:
            lines[each.name] = made
    return ConvertStep(
        name=node.name,
        create=target.key,
        set=set_values(node, target, scope),
        when=condition(node, "when", scope),
        lines=lines,
    )


def _lines(draft: Draft, node: Node, scope: ModelScope, target: Entity) -> ConvertLines | None:
    collection = find_collection(target, node.name)
    if collection is None or not collection.children:
        known = [c.name for c in target.collections.values() if c.children]
        node.report(
            "unknown_collection",
            f"`{target.name}` has no child lines called `{node.name}`.",
            nearest(node.name, known),
        )
        return None
    refer_collection(node, collection)
    each = node.text("each")
    refer_path(node, scope, each, at="each")
    binding = scope.lookup(tuple(each.split(".")))
    if not isinstance(binding, CollectionBinding) or binding.member is not None:
        source = draft.entities[scope.entity]
        node.report(
            "unknown_collection",
            f"`{source.name}` has no collection `{each}`.",
            nearest(each, source.collections),
            at="each",
        )
        return None
    inner = binding.scope
    assert isinstance(inner, ModelScope)  # noqa: S101 - what a ModelScope binds has one
    values = set_values(node, draft.entities[collection.entity], inner)
    return ConvertLines(
        each,
        values,
        collection.entity,
        via=binding.via,
        links=binding.links,
        when=condition(node, "when", inner),
    )
