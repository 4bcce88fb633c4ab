"""Python values as they go over the wire: decimals as text, instants in UTC, links with a title."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.query.spec import LinkValue, Record, Row
from formula.types import NumberType, PercentType, ValueType
from metamodel.model import Entity, Field, Model


def plain(value: object) -> Any:  # Any: JSON
    """Return any value that the engine hands out as JSON has it."""
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return int(value.total_seconds())
        case UUID():
            return str(value)
        case LinkValue():
            return link_to_wire(value, several=True)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case tuple() | list() | frozenset():
            return [plain(item) for item in value]
        case _ if is_dataclass(value):
            return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
        case _:
            return value


def value_to_wire(kind: ValueType | None, value: object) -> Any:  # Any: JSON
    """Return a value of a formula's type: whole numbers as numbers, percents without end zeros."""
    if isinstance(value, Decimal):
        if isinstance(kind, PercentType):
            return _trimmed(value)
        if isinstance(kind, NumberType) and kind.scale == 0:
            return int(value)
    return plain(value)


def field_to_wire(field: Field, value: object) -> Any:  # Any: JSON
    """Return a field's value; a link names its entity only where several are possible."""
    if isinstance(value, LinkValue):
        several = field.link is not None and len(field.link.to) > 1
        return link_to_wire(value, several=several)
    return value_to_wire(field.value_type, value)


def link_to_wire(link: LinkValue, *, several: bool) -> dict[str, object]:
    """Return a link with its title, and what is particular about it."""
    shown: dict[str, object] = {"entity": link.entity} if several else {}
    shown |= {"id": str(link.id), "title": link.title}
    if link.restricted:
        shown["restricted"] = True
    if link.trashed:
        shown["trashed"] = True
    return shown


def record_to_wire(model: Model, record: Record) -> dict[str, Any]:  # Any: JSON
    """Return a whole record as a bare object: its id, every readable field, its lines in order."""
    entity = model.entities[record.entity]
    shown: dict[str, Any] = {"id": str(record.id)}
    for key, value in record.values.items():
        field = entity.fields[key]
        shown[field.name] = field_to_wire(field, value)
    for collection, lines in record.lines.items():
        shown[collection] = [record_to_wire(model, line) for line in lines]
    return shown


def row_to_wire(model: Model, entity: Entity, row: Row) -> dict[str, Any]:  # Any: JSON
    """Return a row of a list: its id, and each path asked for under its own text."""
    shown: dict[str, Any] = {"id": str(row.id)}
    for path, value in row.values.items():
        field = _field_at(model, entity, path.split("."))
        shown[path] = plain(value) if field is None else field_to_wire(field, value)
    return shown


def _field_at(model: Model, entity: Entity, names: list[str]) -> Field | None:
    """Return the field at the end of a path through links to one entity each."""
    field = entity.field_named(names[0])
    if field is None or len(names) == 1:
        return field
    if field.link is None or len(field.link.to) != 1:
        return None
    return _field_at(model, model.entities[field.link.to[0]], names[1:])


def _trimmed(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
