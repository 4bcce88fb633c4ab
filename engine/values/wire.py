"""Typed values as JSON carries them, by field name: what the API answers and the screens read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.query.spec import Entry, FileValue, LinkValue, Record, Row
from engine.values.parts import Period
from formula.types import NumberType, PercentType, ValueType
from metamodel.duties import Pool
from metamodel.label import Label
from metamodel.model import Entity, Field, Model
from metamodel.scripts import Holder, holder_of_script, kind_of_script

Writer = Callable[[Any], Any]
"""Says a value as JSON has it. Any: values and JSON of every kind."""


def record_to_wire(model: Model, record: Record) -> dict[str, object]:
    """Return a whole record: readable fields by name, and its lines as lists of the same."""
    return _records_to_wire(model, (record,))[0]


def rows_to_wire(model: Model, entity: Entity, rows: Sequence[Row]) -> list[dict[str, object]]:
    """Return the rows of a page, by the text of the paths asked for."""
    if not rows:
        return []
    writers = [
        (path, field_writer(field) if field is not None else plain)
        for path, field in ((path, field_at(model, entity, path)) for path in rows[0].values)
    ]
    return [
        {"id": str(row.id)} | {path: write(row.values[path]) for path, write in writers}
        for row in rows
    ]


def _records_to_wire(model: Model, records: Sequence[Record]) -> list[dict[str, object]]:
    """Return records of one entity, all of which have the same readable fields."""
    if not records:
        return []
    fields = model.entities[records[0].entity].fields
    writers = [(key, fields[key].name, field_writer(fields[key])) for key in records[0].values]
    found: list[dict[str, object]] = []
    for record in records:
        said: dict[str, object] = {"id": str(record.id)}
        said |= {name: write(record.values[key]) for key, name, write in writers}
        said |= {name: _records_to_wire(model, lines) for name, lines in record.lines.items()}
        found.append(said)
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
        "through": _through(model, entry),
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


def _through(model: Model, entry: Entry) -> dict[str, object] | None:
    """Return which automation, button, approval, service level or pool did it; None for none."""
    found: Holder | Pool | None = None
    kind: str = entry.door
    if entry.door == "automation" and entry.reference:
        kind = kind_of_script(entry.reference)
        found = holder_of_script(model, entry.reference)
    elif entry.door == "pool":
        found = model.pools.get(entry.reference)
    if found is None:
        return None
    return {"kind": kind, "name": found.name, "label": dict(found.label.texts)}


def field_to_wire(field: Field, value: object) -> Any:  # Any: JSON
    """Return a field's value; a choice as its option's name, a number as its field writes it."""
    return field_writer(field)(value)


def field_writer(field: Field) -> Writer:
    """Return what says values of a field, made once where many are said."""
    if field.options:
        return _choice_writer({key: option.name for key, option in field.options.items()})
    if field.amount_of:
        return lambda value: (
            _decimal(value, percent=True) if isinstance(value, Decimal) else plain(value)
        )
    if isinstance(field.value_type, NumberType | PercentType):
        return _number_writer(field.value_type)
    if field.link is not None and field.link.many:
        return lambda value: [
            link_to_wire(each, several=False) if isinstance(each, LinkValue) else file_to_wire(each)
            for each in value or ()
        ]
    if field.link is None:
        return plain
    several = len(field.link.to) > 1
    return lambda value: (
        link_to_wire(value, several=several) if isinstance(value, LinkValue) else plain(value)
    )


def _choice_writer(names: Mapping[str, str]) -> Writer:
    """Return what says options by their present names."""

    def write(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, (list, tuple)):
            return [names.get(each, each) for each in value]
        return names.get(value) or plain(value)

    return write


def _number_writer(type_: NumberType | PercentType) -> Writer:
    """Return what says numbers; of a masked one the mask is said as it is."""
    percent = isinstance(type_, PercentType)
    if not percent and type_.scale == 0:
        return lambda value: int(value) if isinstance(value, Decimal) else plain(value)
    if not percent:
        return lambda value: format(value, "f") if isinstance(value, Decimal) else plain(value)
    return lambda value: (
        _decimal(value, percent=True) if isinstance(value, Decimal) else plain(value)
    )


def link_to_wire(value: LinkValue, *, several: bool) -> dict[str, object]:
    """Return a link: id and title, the entity where several are possible."""
    found: dict[str, object] = {"entity": value.entity} if several else {}
    found |= {"id": str(value.id), "title": value.title}
    if value.restricted:
        found["restricted"] = True
    if value.trashed:
        found["trashed"] = True
    return found


def file_to_wire(value: object) -> Any:  # Any: JSON
    """Return a file: id, name, media type, and size in bytes."""
    if not isinstance(value, FileValue):
        return plain(value)
    return {"id": str(value.id), "name": value.name, "type": value.type, "size": value.size}


def value_to_wire(type_: ValueType | None, value: object) -> Any:  # Any: JSON
    """Return a formula's value: whole numbers as numbers, those with decimals as text."""
    if isinstance(type_, NumberType | PercentType):
        return _number_writer(type_)(value)
    return plain(value)


def plain(value: object) -> Any:  # noqa: C901, PLR0911 - one line for each kind; Any: JSON
    """Return any value that the engine hands out as JSON carries it."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            text = value.isoformat()
            if not text.endswith("+00:00"):
                text = value.astimezone(UTC).isoformat()
            return f"{text[:-6]}Z"
        case date() | time():
            return value.isoformat()
        case timedelta():
            return int(value.total_seconds())
        case LinkValue():
            return link_to_wire(value, several=True)
        case Period():
            return {"from": plain(value.start), "to": plain(value.end)}
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


def field_at(model: Model, entity: Entity, path: str) -> Field | None:
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
