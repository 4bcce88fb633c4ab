"""Links approvals: who decides, in which order, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import get_args

from formula.types import TextType
from metamodel.actions import ActionStep
from metamodel.approvals import (
    Allowed,
    Approval,
    ApprovalStep,
    Approvers,
    Chain,
    Mode,
    Outcome,
    Threshold,
    TimeOut,
    lines_lock,
)
from metamodel.fields import Field
from metamodel.label import Label
from metamodel.linking.acts.ground import people
from metamodel.linking.behaviour import field_key, field_keys
from metamodel.linking.draft import Draft, known_roles
from metamodel.linking.formulas import condition
from metamodel.linking.inputs import link_inputs, with_inputs
from metamodel.linking.lapses import read_lapse
from metamodel.linking.steps import link_steps
from metamodel.model import Entity
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import ModelScope, scope_of

WAYS = ("who", "role", "position", "manager", "chain")
"""How a step may say who decides."""

SKIPS = ("author", "repeated")

SAID = "comment"
"""What was said last, as steps read it beside what was asked for."""


@dataclass(frozen=True, slots=True)
class _Over:
    """What an approval is about, and what names mean on it."""

    draft: Draft
    entity: Entity
    scope: ModelScope


def link_approvals(draft: Draft) -> dict[str, Approval]:
    """Return approvals by key."""
    return draft.linked("approvals", _approval)


def _approval(draft: Draft, node: Node) -> Approval | None:
    entity = draft.over(node)
    if entity is None:
        return None
    over = _Over(draft, entity, scope_of(draft.model, entity.key))
    steps = tuple(_step(over, each) for each in node.child("steps").live())
    _check_inputs(node, steps)
    if not steps:
        sentence = f"The approval `{node.name}` asks nobody."
        node.report("missing_key", sentence, "Add at least one step under `steps:`.")
    locks = node.get("locks")
    skips = _skips(node)
    return Approval(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        entity=entity.key,
        steps=steps,
        active=node.flag("active", default=True),
        module=draft.module(node),
        help=node.label("help"),
        when=condition(node, "when", over.scope),
        submit_when=condition(node, "submit_when", over.scope),
        thresholds=_thresholds(over, node, steps),
        locks=_locks(node, entity),
        locks_all=locks is None or locks is True,
        changes=_changes(node, entity),
        withdraw=node.flag("withdraw", default=True),
        author_decides=node.flag("author_decides"),
        skip_author="author" in skips,
        skip_repeated="repeated" in skips,
        document=_document(over, node),
        on_submitted=_after(over, node, "on_submitted"),
        on_approved=_after(over, node, "on_approved", steps),
        on_rejected=_after(over, node, "on_rejected", steps),
        on_returned=_after(over, node, "on_returned", steps),
        on_withdrawn=_after(over, node, "on_withdrawn"),
    )


def _skips(node: Node) -> tuple[str, ...]:
    """Return who is left out; report an author who is left out and decides as well."""
    skips = _listed(node, "skip", SKIPS)
    if "author" in skips and node.flag("author_decides"):
        node.report(
            "author_both_ways",
            f"`{node.name}` leaves its author out, and lets them decide.",
            "Keep one of the two: `skip: [author]` or `author_decides: true`.",
            at="author_decides",
        )
    return skips


def _changes(node: Node, entity: Entity) -> tuple[str, ...]:
    """Return the fields whose change waits, by key: never in clear what is kept encrypted."""
    keys = field_keys(node, "changes", entity)
    for key in keys:
        field = entity.fields[key]
        if field.encrypted:
            sentence = f"`{field.name}` is encrypted, and its change would wait in clear."
            hint = "Take it out of `changes`, or keep one of the two."
            node.report("encrypted_use", sentence, hint, at="changes")
    return keys


def _locks(node: Node, entity: Entity) -> tuple[str, ...]:
    """Return what is locked: fields by key, and the lines that belong to a record."""
    lines = {
        name: lines_lock(each.entity) for name, each in entity.collections.items() if each.children
    }
    found = (
        lines[name] if name in lines else field_key(node, name, entity, at="locks")
        for name in node.names("locks")
    )
    return tuple(key for key in found if key is not None)


def _after(
    over: _Over, node: Node, name: str, steps: tuple[ApprovalStep, ...] = ()
) -> tuple[ActionStep, ...]:
    """Return what follows; it reads as `input` what approvers were asked for, and said last."""
    asked = {name: each for step in steps for name, each in step.input.items()}
    scope = with_inputs(over.scope, asked)
    scope = replace(scope, inputs={**scope.inputs, SAID: TextType()})
    return link_steps(over.draft, node.child(name), scope)


def _step(over: _Over, node: Node) -> ApprovalStep:
    mode: Mode = next((each for each in get_args(Mode) if each == node.text("mode")), "any")
    quorum = node.whole("quorum") or 0
    if (mode == "quorum") != (quorum > 0):
        node.report(
            "missing_key",
            f"The step `{node.name}` needs both `mode: quorum` and `quorum`.",
            "Write how many must agree: `mode: quorum` and `quorum: 2`.",
        )
    allow = _listed(node, "allow", get_args(Allowed))
    return ApprovalStep(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        approvers=_approvers(over, node),
        mode=mode,
        quorum=quorum,
        when=condition(node, "when", over.scope),
        time_out=_time_out(over, node.child("time_out")),
        copy_to=people(node, "copy_to", over.scope),
        allow=tuple(each for each in get_args(Allowed) if each in allow),
        edits=field_keys(node, "edits", over.entity),
        input=_input(over, node),
    )


def _input(over: _Over, node: Node) -> Mapping[str, Field]:
    """Return what a step asks for; `comment` is what approvers say anyway."""
    for part in node.child("input").live():
        if part.name == SAID:
            sentence = f"`{part.name}` is what approvers say with what they do, in words."
            part.report("reserved_name", sentence, "Choose another name.")
    return link_inputs(over.draft, node, over.scope)


def _check_inputs(node: Node, steps: tuple[ApprovalStep, ...]) -> None:
    """Report steps that ask for one name with several types: what follows reads one of them."""
    first: dict[str, tuple[str, Field]] = {}
    for step in steps:
        for name, field in step.input.items():
            other, known = first.setdefault(name, (step.name, field))
            if known.value_type != field.value_type:
                part = node.child("steps").child(step.name).child("input").child(name)
                part.report(
                    "inputs_differ",
                    f"`{name}` is something else at the step `{other}`.",
                    "Choose another name, or the same type.",
                    at="type",
                )


def _approvers(over: _Over, node: Node) -> Approvers:
    ways = [way for way in WAYS if way in node]
    if len(ways) != 1:
        said = "in several ways" if ways else "nowhere"
        node.report(
            "no_approver",
            f"The step `{node.name}` says {said} who decides.",
            "Write one of `who`, `role`, `position`, `manager`, `chain`.",
            at=ways[1] if ways else "",
        )
    roles = known_roles(over.draft, node, "role")
    return Approvers(
        who=people(node, "who", over.scope),
        role=roles[0] if roles else "",
        position=node.text("position"),
        manager=node.whole("manager") or 0,
        chain=_chain(over, node.child("chain")) if "chain" in node else None,
    )


def _chain(over: _Over, node: Node) -> Chain:
    until = scope_of(over.draft.model, "user", this=over.entity.key)
    return Chain(
        of=people(node, "of", over.scope),
        levels=node.whole("levels") or 0,
        until=condition(node, "until", until),
    )


def _time_out(over: _Over, node: Node) -> TimeOut | None:
    after = read_lapse(node, "after")
    then = next((each for each in get_args(Outcome) if each == node.text("then")), None)
    if after is None or then is None:
        return None
    to = people(node, "to", over.scope)
    if then == "escalate" and "to" not in node:
        node.report("missing_key", "`then: escalate` needs `to`.", "Say who then decides.")
    return TimeOut(after, then, to)


def _thresholds(over: _Over, node: Node, steps: tuple[ApprovalStep, ...]) -> tuple[Threshold, ...]:
    known = [step.name for step in steps]
    result = []
    for each in node.child("thresholds").live():
        names = each.names("steps")
        for name in names:
            if name not in known:
                sentence = f"`{node.name}` has no step `{name}`."
                each.report("unknown_step", sentence, nearest(name, known), at="steps")
        result.append(
            Threshold(
                name=each.name,
                label=each.label() or Label({"": each.name}),
                when=condition(each, "when", over.scope),
                steps=tuple(name for name in names if name in known),
            )
        )
    return tuple(result)


def _listed(node: Node, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Return a list of words; report those that mean nothing there."""
    for each in node.names(name):
        if each not in allowed:
            sentence = f"`{name}` cannot be `{each}`."
            node.report("unknown_value", sentence, nearest(each, allowed, "It may be"), at=name)
    return node.names(name)


def _document(over: _Over, node: Node) -> str:
    name = node.text("document")
    if not name:
        return ""
    known = [
        each.name
        for each in over.draft.root.child("documents").live()
        if over.draft.names.get(each.text("entity")) == over.entity.key
    ]
    if name in known:
        return name
    sentence = f"`{over.entity.name}` has no document `{name}`."
    node.report("unknown_document", sentence, nearest(name, known), at="document")
    return ""
