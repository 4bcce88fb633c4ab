"""Reads the steps of automations, buttons and approvals, steps within steps included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from formula.types import RecordType, ValueType
from metamodel.actions import Act, ActionStep, ConvertRecord, CreateRecord, FindRecord
from metamodel.label import Label
from metamodel.linking.acts.flow import branch, each, wait
from metamodel.linking.acts.ground import Ground
from metamodel.linking.acts.outside import approve, call, document, webhook
from metamodel.linking.acts.people import assign, email, notify, send
from metamodel.linking.acts.records import convert, create, delete, find, set_fields, update
from metamodel.linking.draft import Draft
from metamodel.linking.formulas import condition
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import ModelScope

READERS: Mapping[str, Callable[[Ground], Act | None]] = {
    "create": create,
    "update": update,
    "delete": delete,
    "find": find,
    "assign": assign,
    "notify": notify,
    "email": email,
    "send": send,
    "webhook": webhook,
    "document": document,
    "approve": approve,
    "wait": wait,
    "branch": branch,
    "each": each,
    "call": call,
    "convert": convert,
    "set": set_fields,
}
"""How each act is read; `set` is an act of its own where no other stands beside it."""

BESIDE: Mapping[str, tuple[str, ...]] = {
    "set": ("create", "update"),
    "filter": ("update", "delete", "find", "each"),
    "steps": ("each",),
    "singly": ("each",),
    "refused": ("each",),
    "otherwise": ("branch",),
}
"""Keys that belong to an act, and the acts they may stand beside."""


def link_steps(draft: Draft, node: Node, scope: ModelScope) -> tuple[ActionStep, ...]:
    """Return the steps written in `node`, in order; each knows what earlier ones made."""
    made: dict[str, ValueType] = {}
    steps = []
    for part in node.live():
        inner = replace(scope, inputs={**scope.inputs, **made})
        ground = Ground(draft, part, inner, _inner)
        when = condition(part, "when", inner)
        act = _act(ground)
        if act is not None:
            label = part.label() or Label({"": part.name})
            steps.append(ActionStep(part.key, part.name, label, act, when))
            made |= _made(draft, part.name, act)
    return tuple(steps)


def _inner(ground: Ground, node: Node, scope: ModelScope) -> tuple[ActionStep, ...]:
    return link_steps(ground.draft, node, scope)


def _act(ground: Ground) -> Act | None:
    node = ground.node
    acts = [name for name in READERS if name in node]
    if len(acts) > 1 and "set" in acts:
        acts.remove("set")
    if len(acts) > 1:
        node.report(
            "several_acts",
            f"`{node.name}` does several things: {', '.join(acts)}.",
            "Write one step for each.",
        )
        return None
    if not acts:
        node.report(
            "no_act", f"The step `{node.name}` does nothing.", nearest("", READERS, "It may")
        )
        return None
    for key, beside in BESIDE.items():
        if key in node and key != acts[0] and acts[0] not in beside:
            node.report(
                "key_not_for_act",
                f"`{key}` means nothing beside `{acts[0]}`.",
                f"Take it out: it belongs to {' and '.join(f'`{name}`' for name in beside)}.",
                at=key,
            )
    return READERS[acts[0]](ground)


def _made(draft: Draft, name: str, act: Act) -> Mapping[str, ValueType]:
    """Return what later steps may read as `input`: the records that a step made or found."""
    if isinstance(act, CreateRecord | FindRecord):
        return {name: RecordType((act.entity,))}
    if isinstance(act, ConvertRecord):
        steps = draft.entities[act.entity].converts[act.convert].steps
        parts: dict[str, ValueType] = {each.name: RecordType((each.create,)) for each in steps}
        return {**parts, **({name: RecordType((steps[0].create,))} if steps else {})}
    return {}
