"""Links starter records and scenarios: records written as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from metamodel.fieldtypes import FIELD_TYPES, NotAValue, Options
from metamodel.flows import Scenario, ScenarioStep, StarterRecord
from metamodel.label import Label
from metamodel.linking.draft import Draft
from metamodel.model import Entity, Field
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import find_collection, find_field

ACTS = ("create", "update", "move", "delete", "restore", "convert")
"""What a step of a scenario may do; a step without any only checks."""

PERCENTS = ("percent", "progress")


def link_starters(draft: Draft) -> Iterator[StarterRecord]:
    """Yield starter records, checked against the fields of their entity."""
    for group in draft.root.child("starter_records").live():
        entity = draft.entity(group, group.name)
        if entity is None:
            continue
        for node in group.live():
            values = _values(draft, node.child("set"), entity, lines=False)
            yield StarterRecord(node.key, entity.key, values, node.flag("keep"))


def link_scenarios(draft: Draft) -> dict[str, Scenario]:
    """Return scenarios by name; records are known by the steps that made them."""
    return {node.name: _scenario(draft, node) for node in draft.root.child("scenarios").live()}


def _scenario(draft: Draft, node: Node) -> Scenario:
    records: dict[str, str] = {}
    return Scenario(
        name=node.name,
        label=node.label() or Label({"": node.name}),
        today=_today(node),
        roles=_roles(draft, node) or ("administrator",),
        steps=tuple(_step(draft, each, records) for each in node.child("steps").live()),
    )


def _today(node: Node) -> date | datetime:
    text = node.text("today")
    try:
        return datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
    except ValueError:
        node.report(
            "wrong_value", f"`today` is `{text}`.", "Write a date such as 2026-03-01.", at="today"
        )
        return date(2000, 1, 1)


def _roles(draft: Draft, node: Node) -> tuple[str, ...]:
    known = {each.name for each in draft.root.child("roles").live()} | {"administrator"}
    for name in node.names("as"):
        if name not in known:
            node.report(
                "unknown_role", f"There is no role `{name}`.", nearest(name, known), at="as"
            )
    return node.names("as")


def _step(draft: Draft, node: Node, records: dict[str, str]) -> ScenarioStep:
    acts = [act for act in ACTS if act in node]
    if len(acts) > 1:
        node.report(
            "several_acts",
            f"`{node.name}` does several things: {', '.join(acts)}.",
            "Write one step for each.",
        )
    act = acts[0] if acts else "check"
    entity, record = _subject(draft, node, act, records)
    if act in ("create", "convert") and entity is not None and act == "create":
        records[node.name] = entity.key
    if act == "convert" and entity is not None:
        _converted(draft, node, entity, records)
    return ScenarioStep(
        act=act,
        record=record,
        entity=entity.key if entity else "",
        values=_values(draft, node.child("set"), entity, lines=True) if entity else {},
        to=node.text("by") if act == "convert" else node.text("to"),
        refused=node.text("refused"),
        expect=_expectations(draft, node.child("expect"), records),
        name=node.name,
        roles=_roles(draft, node),
    )


def _subject(
    draft: Draft, node: Node, act: str, records: Mapping[str, str]
) -> tuple[Entity | None, str]:
    """Return the entity a step acts on, and the name of the record."""
    if act == "check":
        return None, ""
    if act == "create":
        return draft.entity(node, node.text("create"), at="create"), node.name
    record = node.text(act)
    if record not in records:
        node.report(
            "unknown_record", f"No earlier step made `{record}`.", nearest(record, records), at=act
        )
        return None, record
    return draft.entities[records[record]], record


def _converted(draft: Draft, node: Node, entity: Entity, records: dict[str, str]) -> None:
    by_name = {convert.name: convert for convert in entity.converts.values()}
    convert = by_name.get(node.text("by"))
    if convert is None:
        node.report(
            "unknown_conversion",
            f"`{entity.name}` has no conversion `{node.text('by')}`.",
            nearest(node.text("by"), by_name),
            at="by",
        )
        return
    for index, step in enumerate(convert.steps):
        records[f"{node.name}.{step.name}"] = step.create
        if index == 0:
            records[node.name] = step.create


def _expectations(
    draft: Draft, node: Node, records: Mapping[str, str]
) -> Mapping[str, Mapping[str, object]]:
    result = {}
    for each in node.live():
        if each.name not in records:
            each.report(
                "unknown_record",
                f"No earlier step made `{each.name}`.",
                nearest(each.name, records),
            )
            continue
        result[each.name] = _values(draft, each, draft.entities[records[each.name]], lines=True)
    return result


def _values(draft: Draft, node: Node, entity: Entity, *, lines: bool) -> Mapping[str, object]:
    """Return values by field name in the API's spelling; child lines as lists."""
    values: dict[str, object] = {}
    for name, value in node.value.items() if isinstance(node.value, Mapping) else ():
        field = find_field(entity, name)
        collection = find_collection(entity, name)
        if field is not None:
            values[field.name] = _value(node, name, field, value)
        elif collection is not None and lines:
            member = draft.entities[collection.entity]
            values[name] = _lines(draft, node.child(name), member)
        else:
            known = [each.name for each in entity.fields.values()]
            node.report(
                "unknown_field",
                f"`{entity.name}` has no field `{name}`.",
                nearest(name, known),
                at=name,
            )
    return values


def _lines(draft: Draft, node: Node, member: Entity) -> object:
    """Return child lines: all of them as a list, or what to create, update and delete."""
    if isinstance(node.value, list):
        return [
            _values(draft, Node(node.merged, (*node.path, str(index)), line), member, lines=False)
            for index, line in enumerate(node.value)
        ]
    changes = {}
    for part in node.items():
        if part.name in ("create", "update"):
            changes[part.name] = _lines(draft, part, member)
        elif part.name == "delete":
            changes[part.name] = part.value
        else:
            part.report(
                "unknown_key",
                f"`{part.name}` is nothing that can be done to lines.",
                nearest(part.name, ("create", "update", "delete")),
            )
    return changes


def _value(node: Node, name: str, field: Field, value: object) -> object:
    """Return a written value as the API would be sent it; percents become fractions."""
    if isinstance(value, Mapping) and field.type in ("text", "long_text"):
        return Label({str(k): str(v) for k, v in value.items()})
    if field.link is not None or value is None or field.value_type is None:
        return value
    options = Options(
        scale=field.scale, codes=tuple(option.name for option in field.options.values())
    )
    try:
        parsed = FIELD_TYPES[field.type].parse(value, options)
    except NotAValue as error:
        node.report(
            "wrong_value",
            f"`{name}` is `{value}`, but {error}.",
            f"Write a value of the type {field.type}.",
            at=name,
        )
        return None
    return parsed if field.type in PERCENTS else value
