"""Reads acts that lead to other steps: wait, branch, each."""

from __future__ import annotations

from dataclasses import replace

from formula.scope import CollectionBinding
from formula.types import DateTimeType, DateType, TextType
from metamodel.actions import REFUSAL, Act, Arm, Branch, Each, Wait
from metamodel.label import Label
from metamodel.linking.acts.ground import Ground
from metamodel.linking.formulas import condition, formula
from metamodel.linking.lapses import read_lapse
from metamodel.linking.paths import refer_path
from metamodel.nearest import nearest
from metamodel.scope import ModelScope


def wait(ground: Ground) -> Act | None:
    """Read `wait: 3d`, or `wait: {for | until | when}`."""
    node = ground.node.child("wait")
    if isinstance(node.value, str):
        lapse = read_lapse(ground.node, "wait")
        return Wait(lapse) if lapse is not None else None
    until = formula(node, "until", ground.scope)
    if until is not None and not isinstance(until.type, (DateType, DateTimeType)):
        node.report(
            "wrong_value",
            "`until` gives no date.",
            "Write a formula that gives a date or an instant, such as `due`.",
            at="until",
        )
    made = Wait(read_lapse(node, "for"), until, condition(node, "when", ground.scope))
    if not any(name in node for name in ("for", "until", "when")):
        node.report("missing_key", "`wait` has no end.", "Add `for:`, `until:` or `when:`.")
    return made


def branch(ground: Ground) -> Act | None:
    """Read `branch: {name: {when, steps}}` with `otherwise: {…}` beside it."""
    arms = []
    for each in ground.node.child("branch").live():
        if "when" not in each:
            each.report(
                "missing_key",
                f"The branch `{each.name}` has no condition.",
                "Add `when:`, or move its steps to `otherwise:`.",
            )
        arms.append(
            Arm(
                name=each.name,
                label=each.label() or Label({"": each.name}),
                when=condition(each, "when", ground.scope),
                steps=ground.steps(each.child("steps"), ground.scope),
            )
        )
    if "otherwise" in ground.node:
        steps = ground.steps(ground.node.child("otherwise"), ground.scope)
        arms.append(Arm("otherwise", Label({"en": "Otherwise", "zh": "否则"}), None, steps))
    return Branch(tuple(arms))


def each(ground: Ground) -> Act | None:
    """Read `each: collection, filter: …, singly: true, steps: {…}, refused: {…}`."""
    entity, path = ground.at_hand(), ground.node.text("each")
    if entity is None:
        return None
    refer_path(ground.node, ground.scope, path, at="each")
    binding = ground.scope.lookup(tuple(path.split(".")))
    if not isinstance(binding, CollectionBinding) or binding.member is not None:
        ground.node.report(
            "unknown_collection",
            f"`{entity.name}` has no collection `{path}`.",
            nearest(path, entity.collections),
            at="each",
        )
        return None
    member = _meant(ground, binding)
    inner = ground.members(ground.draft.entities[member])
    where = condition(ground.node, "filter", inner)
    steps = ground.steps(ground.node.child("steps"), inner)
    told = replace(inner, inputs={**inner.inputs, REFUSAL: TextType()})
    refused = ground.steps(ground.node.child("refused"), told)
    singly = ground.node.flag("singly") or bool(refused)
    return Each(path, member, steps, where, singly=singly, refused=refused)


def _meant(ground: Ground, binding: CollectionBinding) -> str:
    """Return what the members of a collection are; of a list of links what they lead to."""
    scope = binding.scope
    return scope.entity if isinstance(scope, ModelScope) and scope.entity else binding.entity
