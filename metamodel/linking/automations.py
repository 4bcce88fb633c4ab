"""Links automations and buttons: what sets them off, and what they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from metamodel.actions import ActionStep, Branch, CallAutomation, Each
from metamodel.automation import Automation, Button
from metamodel.label import Label
from metamodel.linking.draft import Draft, known_roles
from metamodel.linking.formulas import condition
from metamodel.linking.inputs import link_inputs, with_inputs
from metamodel.linking.loops import circle, loop_among
from metamodel.linking.steps import link_steps
from metamodel.linking.triggers import link_trigger
from metamodel.reader import Node
from metamodel.scope import scope_of


def link_buttons(draft: Draft, key: str) -> None:
    """Give one entity its buttons."""
    entity, node = draft.entities[key], draft.nodes[key].child("buttons")
    buttons = {each.key: _button(draft, each, key) for each in node.live()}
    draft.entities[key] = replace(entity, buttons=buttons)


def _button(draft: Draft, node: Node, entity: str) -> Button:
    scope = scope_of(draft.model, entity)
    asked = link_inputs(draft, node, scope)
    return Button(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        steps=link_steps(draft, node.child("steps"), with_inputs(scope, asked)),
        icon=node.text("icon"),
        visible_when=condition(node, "visible_when", scope),
        input=asked,
        roles=known_roles(draft, node, "roles"),
        confirm=node.label("confirm"),
        help=node.label("help"),
    )


def link_automations(draft: Draft) -> dict[str, Automation]:
    """Return automations by key; those that call, or set off, each other for ever are reported."""
    automations = draft.linked("automations", _automation)
    _check_calls(draft, automations)
    _check_loops(draft, automations)
    return automations


def _automation(draft: Draft, node: Node) -> Automation | None:
    if "trigger" not in node:
        node.report(
            "missing_key",
            f"The automation `{node.name}` has no trigger.",
            "Add `trigger: {on: created, entity: …}`.",
        )
        return None
    linked = link_trigger(draft, node.child("trigger"))
    if linked is None:
        return None
    trigger, scope = linked
    if "steps" not in node:
        sentence = f"The automation `{node.name}` does nothing."
        node.report("missing_key", sentence, "Add `steps:`.")
    return Automation(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        trigger=trigger,
        when=condition(node, "when", scope),
        steps=link_steps(draft, node.child("steps"), scope),
        active=node.flag("active", default=True),
        immediate=node.flag("immediate"),
        help=node.label("help"),
        module=draft.module(node),
        note=node.label("note"),
    )


def _check_calls(draft: Draft, automations: Mapping[str, Automation]) -> None:
    """Report automations that call themselves, by way of others included; once each circle."""
    calls = {each.name: tuple(_called(each.steps)) for each in automations.values()}
    reported: set[str] = set()
    for name in calls:
        trail = circle(name, calls)
        if trail and not reported.intersection(trail):
            reported.update(trail)
            draft.root.down("automations", name).report(
                "call_cycle",
                f"Automations call each other in a circle: {' → '.join(trail)}.",
                "Take one `call` out, or give its work a step of its own.",
                at="steps",
            )


def _check_loops(draft: Draft, automations: Mapping[str, Automation]) -> None:
    for trail in loop_among(automations):
        draft.root.down("automations", trail[0]).report(
            "automation_loop",
            f"Automations set each other off for ever: {' → '.join(trail)}.",
            "Give one of them a condition (`when:`) that ends it, or other `fields`.",
            at="steps",
        )


def _called(steps: tuple[ActionStep, ...]) -> Iterator[str]:
    for step in steps:
        match step.act:
            case CallAutomation(automation):
                yield automation
            case Each():
                yield from _called((*step.act.steps, *step.act.refused))
            case Branch():
                for arm in step.act.arms:
                    yield from _called(arm.steps)
