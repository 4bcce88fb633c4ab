"""Comparing a record as it is read with what a scenario says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from engine.query.spec import LinkValue, Record
from engine.scenarios.results import Failure
from engine.scenarios.values import Made, instant
from metamodel.model import Entity, Model


def differences(
    model: Model,
    record: Record,
    expected: Mapping[str, object],
    names: Mapping[str, Made],
    *,
    step: str,
    subject: str,
) -> Iterator[Failure]:
    """Yield what differs, lines of child collections included."""
    entity = model.entities[record.entity]
    for name, wanted in expected.items():
        place = f"{subject}.{name}"
        collection = entity.collections.get(name)
        if collection is not None:
            lines = record.lines.get(collection.name, ())
            yield from _lines(model, lines, wanted, names, step=step, subject=place)
            continue
        found = _read(entity, record, name)
        if found is _ABSENT:
            yield Failure(step, "missing", place, expected=shown(wanted))
        elif not agrees(found, wanted, names, zone=model.app.timezone):
            yield Failure(step, "differs", place, shown(wanted), shown(found))


def agrees(found: object, wanted: object, names: Mapping[str, Made], *, zone: str = "UTC") -> bool:
    """Tell whether a value that was read is the one that was written down.

    An instant may be written on the clock of `zone`, or with an offset of its own.
    """
    if wanted is None or found is None:
        return wanted is None and found is None
    if isinstance(found, LinkValue):
        return isinstance(wanted, str) and wanted in names and names[wanted].id == found.id
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, int | Decimal):
        return _number(wanted) == Decimal(found)
    if isinstance(found, datetime):
        return found == instant(wanted, zone)
    if isinstance(found, list | tuple | frozenset | set):
        return isinstance(wanted, list | tuple) and sorted(map(str, found)) == sorted(
            map(str, wanted)
        )
    return shown(found) == shown(wanted)


def shown(value: object) -> str:
    """Return a value as a scenario would write it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, LinkValue):
        return value.title or str(value.id)
    return str(value)


_ABSENT = object()


def _read(entity: Entity, record: Record, name: str) -> object:
    field = entity.field_named(name)
    if field is None or field.key not in record.values:
        return _ABSENT
    return record.values[field.key]


def _lines(
    model: Model,
    lines: Sequence[Record],
    wanted: object,
    names: Mapping[str, Made],
    *,
    step: str,
    subject: str,
) -> Iterator[Failure]:
    expected = wanted if isinstance(wanted, list | tuple) else [wanted]
    if len(lines) != len(expected):
        yield Failure(step, "differs", subject, f"{len(expected)} lines", f"{len(lines)} lines")
        return
    for number, (line, values) in enumerate(zip(lines, expected, strict=True), start=1):
        if isinstance(values, Mapping):
            place = f"{subject}[{number}]"
            yield from differences(model, line, values, names, step=step, subject=place)


def _number(value: object) -> Decimal | None:
    """Return a number as YAML writes it, percents as fractions."""
    text = str(value).strip()
    scale = Decimal("0.01") if text.endswith("%") else Decimal(1)
    try:
        return Decimal(text.removesuffix("%")) * scale
    except InvalidOperation:
        return None
