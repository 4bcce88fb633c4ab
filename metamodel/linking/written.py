"""Reads records written as data: values by field, child lines as lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from metamodel.fieldtypes import FIELD_TYPES, NotAValue
from metamodel.label import Label
from metamodel.linking.draft import Draft
from metamodel.linking.options import refer_option
from metamodel.linking.paths import refer_collection
from metamodel.model import Entity, Field
from metamodel.nearest import nearest
from metamodel.options import choice_of
from metamodel.reader import Node
from metamodel.scope import find_collection, find_field

PERCENTS = ("percent", "progress")


def written_values(
    draft: Draft, node: Node, entity: Entity, *, lines: bool
) -> Mapping[str, object]:
    """Return values by field name in the API's spelling; with `lines` child lines as lists."""
    values: dict[str, object] = {}
    for name, value in node.value.items() if isinstance(node.value, Mapping) else ():
        field = find_field(entity, name)
        collection = find_collection(entity, name)
        if field is not None:
            node.refer(name, "entities", entity.key, "fields", field.key, at=name)
            refer_option(node, value, field, at=name)
            values[field.name] = _value(node, name, field, value)
        elif collection is not None and lines:
            member = draft.entities[collection.entity]
            refer_collection(node.child(name), collection)
            values[name] = _lines(draft, node.child(name), member)
        elif not name.startswith("$"):
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
            written_values(
                draft, Node(node.merged, (*node.path, str(index)), line), member, lines=False
            )
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
    options = replace(choice_of(field.options), scale=field.scale)
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
    return _sent(field, value, parsed)


def _sent(field: Field, value: object, parsed: object) -> object:
    """Return a value in the API's spelling: percents as fractions, options by present name."""
    if field.type in PERCENTS:
        return parsed
    if field.options and isinstance(parsed, tuple):
        return [field.options[code].name for code in parsed]
    return field.options[str(parsed)].name if field.options else value
