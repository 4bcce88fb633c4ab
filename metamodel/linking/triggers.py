"""Reads what sets an automation off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from formula.typed import Typed
from formula.types import TextType, ValueType
from metamodel.automation import Event, Trigger
from metamodel.fields import Field
from metamodel.linking.behaviour import field_key, field_keys
from metamodel.linking.draft import Draft
from metamodel.linking.formulas import Rules, check_node
from metamodel.linking.inputs import link_inputs, with_inputs
from metamodel.linking.lapses import read_lapse, read_schedule, read_time
from metamodel.linking.pipelines import stage_keys
from metamodel.model import Entity
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import ModelScope, scope_of

KEYS: Mapping[Event, tuple[str, ...]] = {
    "created": ("entity",),
    "updated": ("entity", "fields"),
    "deleted": ("entity",),
    "stage": ("entity", "pipeline", "from", "to"),
    "date": ("entity", "field", "offset", "at"),
    "schedule": ("entity", "every", "at", "cron"),
    "webhook": ("entity", "input", "match"),
    "button": ("entity", "button"),
    "form": ("form",),
    "email": ("entity", "address"),
}
"""The keys that each trigger has beside `on`."""

NEEDED: Mapping[Event, tuple[str, ...]] = {
    "created": ("entity",),
    "updated": ("entity",),
    "deleted": ("entity",),
    "stage": ("entity",),
    "date": ("entity", "field"),
    "button": ("entity", "button"),
    "form": ("form",),
    "email": ("address",),
}

MAIL: Mapping[str, ValueType] = {"sender": TextType(), "subject": TextType(), "text": TextType()}
"""What an e-mail that came in brings."""


def link_trigger(draft: Draft, node: Node) -> tuple[Trigger, ModelScope] | None:
    """Return a trigger, and what names mean in its automation; None where it says nothing."""
    on = next((each for each in get_args(Event) if each == node.text("on")), None)
    if on is None or not _whole(node, on):
        return None
    named = node.text("entity")
    if on == "form":
        form = node.text("form")
        named = draft.root.down("public_forms", form).text("entity")
        _check_form(draft, node, form)
    entity = draft.entity(node, named, at="entity") if named else None
    if named and entity is None:
        return None
    scope = scope_of(draft.model, entity.key if entity is not None else "")
    if on == "email":
        return Trigger(on, scope.entity, address=node.text("address")), scope_of(
            draft.model, scope.entity, inputs=MAIL
        )
    if entity is None:
        return _without_record(draft, node, on, scope)
    return _with_record(draft, node, on, entity)


def _whole(node: Node, on: Event) -> bool:
    """Report keys that the trigger does not have, and those it lacks."""
    for key in node.value if isinstance(node.value, Mapping) else ():
        if key != "on" and not key.startswith("$") and key not in KEYS[on]:
            node.report(
                "key_not_for_trigger",
                f"`{key}` means nothing with `on: {on}`.",
                nearest(key, KEYS[on], "It takes"),
                at=key,
            )
    missing = [key for key in NEEDED.get(on, ()) if key not in node]
    for key in missing:
        node.report(
            "missing_key", f"The trigger `on: {on}` needs `{key}`.", f"Add `{key}:`.", at="on"
        )
    return not missing


def _check_form(draft: Draft, node: Node, name: str) -> None:
    known = [each.name for each in draft.root.child("public_forms").live()]
    if name not in known:
        sentence = f"There is no public form `{name}`."
        node.report("unknown_form", sentence, nearest(name, known), at="form")


def _without_record(
    draft: Draft, node: Node, on: Event, scope: ModelScope
) -> tuple[Trigger, ModelScope] | None:
    """Return a schedule or a webhook that is about no record."""
    if on == "schedule":
        return Trigger(on, cron=read_schedule(node)), scope
    if on != "webhook":
        return None
    asked = link_inputs(draft, node, scope)
    if "match" in node:
        node.report(
            "missing_key",
            "`match` finds records, but the trigger has no `entity`.",
            "Add `entity:`.",
            at="match",
        )
    return Trigger(on, input=asked), with_inputs(scope, asked)


def _with_record(draft: Draft, node: Node, on: Event, entity: Entity) -> tuple[Trigger, ModelScope]:
    scope = scope_of(draft.model, entity.key)
    asked: Mapping[str, Field] = {}
    if on == "webhook":
        asked = link_inputs(draft, node, scope)
    elif on == "button":
        asked = _button_inputs(draft, node, entity)
    scope = with_inputs(scope, asked)
    trigger = Trigger(
        on=on,
        entity=entity.key,
        fields=_changed_fields(node, entity),
        pipeline=_pipeline(node, entity),
        left=stage_keys(node, "from", entity, node.text("pipeline")),
        entered=stage_keys(node, "to", entity, node.text("pipeline")),
        date_field=_date_field(node, entity),
        offset=read_lapse(node, "offset", signed=True),
        at=read_time(node, "at") if on == "date" else "",
        cron=read_schedule(node) if on == "schedule" else "",
        input=asked if on == "webhook" else {},
        match=_match(node, entity, scope),
        button=node.text("button"),
        form=node.text("form"),
    )
    return trigger, scope


def _button_inputs(draft: Draft, node: Node, entity: Entity) -> Mapping[str, Field]:
    name = node.text("button")
    button = next((each for each in entity.buttons.values() if each.name == name), None)
    if button is not None:
        return button.input
    known = [each.name for each in entity.buttons.values()]
    sentence = f"`{entity.name}` has no button `{name}`."
    node.report("unknown_button", sentence, nearest(name, known), at="button")
    return {}


def _pipeline(node: Node, entity: Entity) -> str:
    if node.text("on") != "stage":
        return ""
    named = node.text("pipeline")
    by_name = {pipeline.name: key for key, pipeline in entity.pipelines.items()}
    if named not in by_name and (named or not by_name):
        sentence = f"`{entity.name}` has no pipeline `{named}`."
        if not named:
            sentence = f"`{entity.name}` has no pipeline, so it has no stages."
        node.report("unknown_pipeline", sentence, nearest(named, by_name), at="pipeline")
    return by_name.get(named, "")


def _changed_fields(node: Node, entity: Entity) -> tuple[str, ...]:
    """Return the fields whose changes set off, all of which are kept."""
    keys = field_keys(node, "fields", entity)
    for key in keys:
        _check_kept(node, entity, key, "fields")
    return keys


def _check_kept(node: Node, entity: Entity, key: str, at: str) -> None:
    """Report a field whose value is worked out as it is read: nothing tells when it changes."""
    field = entity.fields[key]
    if field.formula is not None and not field.stored:
        node.report(
            "trigger_unstored",
            f"`{field.name}` of `{entity.name}` is worked out each time it is read, so nothing "
            "tells when it changes or comes.",
            "Name a field that is kept, and read this one in `when`.",
            at=at,
        )


def _date_field(node: Node, entity: Entity) -> str:
    key = field_key(node, node.text("field"), entity, at="field") if "field" in node else None
    if key and entity.fields[key].type not in ("date", "datetime"):
        node.report(
            "wrong_value",
            f"`{node.text('field')}` of `{entity.name}` is no date.",
            "Name a field of type `date` or `datetime`.",
            at="field",
        )
    elif key:
        _check_kept(node, entity, key, "field")
    return key or ""


def _match(node: Node, entity: Entity, scope: ModelScope) -> Mapping[str, Typed]:
    result = {}
    for part in node.child("match").live():
        key = field_key(part, part.name, entity)
        if key is not None:
            outside = scope_of(scope.model, "", inputs=scope.inputs)
            typed = check_node(part, outside, Rules(entity.fields[key].value_type))
            if typed is not None:
                result[key] = typed
    return result
