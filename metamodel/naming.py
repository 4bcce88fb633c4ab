"""Tells which fields an element names by key, beside those that its formulas read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from metamodel.actions import (
    Assign,
    CreateRecord,
    MakeDocument,
    SetFields,
    Shown,
    UpdateRecords,
)
from metamodel.approvals import Approval
from metamodel.automation import Trigger
from metamodel.duties import Pool
from metamodel.flows import ConvertLines, ConvertStep
from metamodel.outward import Portal, PortalAccess, PublicForm

FieldPlace = tuple[str, str]
"""A field by entity key and field key."""


def fields_named(element: object) -> Iterator[FieldPlace]:
    """Yield the fields that one element names itself, not those that its parts name."""
    match element:
        case ConvertStep():
            yield from ((element.create, key) for key in element.set)
        case Assign():
            yield element.entity, element.field
            yield "user", element.match
        case Portal():
            yield element.people, element.email
        case SetFields() | CreateRecord() | UpdateRecords():
            yield from ((element.entity, key) for key in element.values)
        case Shown():
            yield from ((element.entity, key) for key in _shown(element))
        case ConvertLines():
            yield from ((element.entity, key) for key in element.set)
        case MakeDocument():
            yield element.entity, element.into
        case Trigger() | Approval() | Pool() | PublicForm() | PortalAccess():
            yield from ((element.entity, key) for key in _keys(element))


def _shown(element: Shown) -> tuple[str, ...]:
    """Return the keys of the fields that show what becomes of a message."""
    shown = (getattr(element, each.name) for each in fields(element) if each.name != "entity")
    return tuple(filter(None, shown))


def _keys(element: Trigger | Approval | Pool | PublicForm | PortalAccess) -> tuple[str, ...]:
    """Return the keys of the fields that an element names of its own entity."""
    match element:
        case Trigger():
            return (*element.fields, element.date_field, *element.match)
        case Approval():
            edits = (key for step in element.steps for key in step.edits)
            return (*element.locks, *element.changes, *edits)
        case Pool():
            return element.masked
        case PublicForm():
            return (*(each.field for each in element.fields), *element.values)
        case PortalAccess():
            return (*element.fields, *element.update)
