"""Payloads read column by column: the readers of single values, asked once for each text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.compiled import CompiledModel
from engine.records.setwise.batch import Columns
from engine.values.payload import reference_of
from engine.values.readers import LONGEST_TEXT, Refused, read_value
from engine.values.sheet import ABSENT, Sheet
from metamodel.model import Entity, Field, Model

PLAIN_TEXT = frozenset({"text", "phone"})
"""Types of which an unremarkable text is read as itself, without space around it."""

TEXTS = frozenset({str, type(None)})

UNREAD = object()
"""Stands for a value that its reader refused."""


def read_sheet(compiled: CompiledModel, entity: Entity, sheet: Sheet) -> Columns:
    """Return a sheet's values by field key; what no reader takes marks its row unreadable."""
    values: dict[str, Sequence[object]] = {}
    bad: set[int] = set()
    for name, column in sheet.columns.items():
        each = entity.field_named(name)
        if each is None or each.key == "id":
            bad.update(at for at, value in enumerate(column) if value is not ABSENT)
            continue
        read = _plain_texts(each, column) or _read(compiled.model, each, column)
        values[each.key] = read
        if UNREAD in read:
            bad.update(at for at, value in enumerate(read) if value is UNREAD)
    return Columns(values, len(sheet), frozenset(bad))


def _plain_texts(each: Field, column: Sequence[Any]) -> list[object] | None:
    """Return short ASCII texts at once; None where some text asks for a closer look."""
    if each.type not in PLAIN_TEXT or each.pattern or each.options:
        return None
    try:
        whole = "".join(column)
    except TypeError:
        return None
    if not whole.isascii() or "\0" in whole:
        return None
    read: list[object] = [value.strip() or None for value in column]
    most = each.max_length or LONGEST_TEXT
    return None if max(map(len, column), default=0) > most else read


def _read(model: Model, each: Field, column: Sequence[Any]) -> list[object]:
    """Return what the field's own reader makes of each value, equal texts read once."""
    if TEXTS.issuperset(map(type, column)):
        texts = {value: _value(model, each, value) for value in dict.fromkeys(column)}
        return [texts[value] for value in column]
    # What is equal need not be the same to a reader: True equals 1.
    objects = dict(zip(map(id, column), column, strict=True))
    known = {key: _value(model, each, value) for key, value in objects.items()}
    return [known[key] for key in map(id, column)]


def _value(model: Model, each: Field, value: object) -> object:
    if value is ABSENT:
        return ABSENT
    try:
        if each.link is not None and value not in (None, ""):
            return reference_of(each, model, value)
        return read_value(each, value)
    except Refused:
        return UNREAD
