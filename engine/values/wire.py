"""Typed values as JSON carries them, by field name: what the API answers and the screens read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.query.spec import Entry, LinkValue, Record, Row
from formula.types import NumberType, PercentType, ValueType
from metamodel.label import Label
from metamodel.model import Entity, Field, Model


def record_to_wire(model: Model, record: Record) -> dict[str, object]:
    """Return a whole record: readable fields by name, and its lines as lists of the same."""
    entity = model.entities[record.entity]
    found: dict[str, object] = {"id": str(record.id)}
    for key, value in record.values.items():
        found[entity.fields[key].name] = field_to_wire(entity.fields[key], value)
    for name, lines in record.lines.items():
        found[name] = [record_to_wire(model, line) for line in lines]
    return found


def row_to_wire(model: Model, entity: Entity, row: Row) -> dict[str, object]:
    """Return one row of a page, by the text of the paths asked for."""
    found: dict[str, object] = {"id": str(row.id)}
    for path, value in row.values.items():
        field = _field_at(model, entity, path)
        found[path] = field_to_wire(field, value) if field is not None else plain(value)
    return found


def entry_to_wire(model: Model, entry: Entry) -> dict[str, object]:
    """Return one entry of a history, its entity and fields by name."""
    entity = model.entities[entry.entity]
    actor = entry.actor
    return {
        "change_set": str(entry.change_set),
        "at": plain(entry.at),
        "actor": None if actor is None else link_to_wire(actor, several=False),
        "door": entry.door,
        "entity": entity.name,
        "record": str(entry.record),
        "operation": entry.operation,
        "computed": entry.computed,
        "changes": [
            {
                "field": entity.fields[change.field].name,
                "before": field_to_wire(entity.fields[change.field], change.before),
                "after": field_to_wire(entity.fields[change.field], change.after),
            }
            for change in entry.changes
        ],
    }


def field_to_wire(field: Field, value: object) -> Any:  # Any: JSON
    """Return a field's value; a choice as its option's name, a number as its field writes it."""
    if isinstance(value, LinkValue):
        return link_to_wire(value, several=field.link is not None and len(field.link.to) > 1)
    if field.options and isinstance(value, str):
        return _option(field, value)
    if field.options and isinstance(value, list | tuple):
        return [_option(field, each) for each in value]
    if field.value_type is not None:
        return value_to_wire(field.value_type, value)
    return plain(value)


def link_to_wire(value: LinkValue, *, several: bool) -> dict[str, object]:
    """Return a link: id and title, the entity where several are possible."""
    found: dict[str, object] = {"entity": value.entity} if several else {}
    found |= {"id": str(value.id), "title": value.title}
    if value.restricted:
        found["restricted"] = True
    if value.trashed:
        found["trashed"] = True
    return found


def value_to_wire(type_: ValueType | None, value: object) -> Any:  # Any: JSON
    """Return a formula's value: whole numbers as numbers, those with decimals as text."""
    if isinstance(value, Decimal) and isinstance(type_, NumberType | PercentType):
        if isinstance(type_, NumberType) and type_.scale == 0:
            return int(value)
        return _decimal(value, percent=isinstance(type_, PercentType))
    return plain(value)


def plain(value: object) -> Any:  # noqa: C901, PLR0911 - one line for each kind; Any: JSON
    """Return any value that the engine hands out as JSON carries it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return int(value.total_seconds())
        case LinkValue():
            return link_to_wire(value, several=True)
        case Label():
            return dict(value.texts)
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(each) for each in value]
        case _ if is_dataclass(value):
            return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
        case _:
            return str(value)


def _decimal(value: Decimal, *, percent: bool) -> str:
    """Return a number as text; of a fraction the zeros at its end tell nothing."""
    if not percent:
        return format(value, "f")
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _option(field: Field, key: object) -> object:
    option = field.options.get(str(key))
    return option.name if option is not None else key


def _field_at(model: Model, entity: Entity, path: str) -> Field | None:
    """Return the field that a path of names ends at; None where it is no plain field."""
    here: Entity | None = entity
    found: Field | None = None
    for name in path.split("."):
        found = here.field_named(name) if here is not None else None
        if found is None:
            return None
        targets = found.link.to if found.link else ()
        here = model.entities.get(targets[0]) if len(targets) == 1 else None
    return found
