"""What a scenario writes, as a payload: its names of records put in as ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from metamodel.model import Entity, Field, Model


class NameUnknown(Exception):  # noqa: N818
    """A value that should name a record, and names none."""


@dataclass(frozen=True, slots=True)
class Made:
    """A record that a step made, or that was there from the start."""

    entity: str
    id: UUID


def payload(
    model: Model, entity: Entity, values: Mapping[str, object], names: Mapping[str, Made]
) -> dict[str, object]:
    """Return values by field name as they go over the wire, child lines included."""
    return {name: _value(model, entity, name, value, names) for name, value in values.items()}


def wire(value: object) -> object:
    """Return a plain value as the wire writes it: numbers with decimals are texts."""
    return str(value) if isinstance(value, Decimal) else value


def link_id(value: object, names: Mapping[str, Made]) -> object:
    """Return the id of the record that a link's value names; raise `NameUnknown`."""
    if value is None or isinstance(value, Mapping):
        return value
    if value not in names:
        raise NameUnknown(str(value))
    return str(names[str(value)].id)


def instant(value: object, zone: str) -> datetime | None:
    """Return an instant as YAML writes it; without an offset it is on the clock of the zone."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def _value(
    model: Model, entity: Entity, name: str, value: object, names: Mapping[str, Made]
) -> object:
    field = entity.field_named(name)
    if field is not None and field.type == "datetime":
        moment = instant(value, model.app.timezone)
        return moment.isoformat() if moment else value
    if field is not None:
        return _field_value(field, value, names)
    collection = entity.collections.get(name)
    if collection is None:
        return wire(value)
    child = model.entities[collection.entity]
    if isinstance(value, Mapping):
        return {act: _lines(model, child, lines, names) for act, lines in value.items()}
    return _lines(model, child, value, names)


def _field_value(field: Field, value: object, names: Mapping[str, Made]) -> object:
    if field.link is None:
        return wire(value)
    if isinstance(value, list | tuple):
        return [link_id(each, names) for each in value]
    if isinstance(value, Mapping) and field.link.many:
        return {act: [link_id(each, names) for each in given] for act, given in value.items()}
    target = link_id(value, names)
    if len(field.link.to) > 1 and isinstance(target, str):
        return {"entity": names[str(value)].entity, "id": target}
    return target


def _lines(model: Model, child: Entity, lines: object, names: Mapping[str, Made]) -> list[object]:
    written = lines if isinstance(lines, list | tuple) else [lines]
    return [
        payload(model, child, line, names) if isinstance(line, Mapping) else link_id(line, names)
        for line in written
    ]
