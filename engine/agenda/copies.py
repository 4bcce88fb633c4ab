"""A record made once more: what a person may read and write of it, its lines included."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.doors import Access
from engine.query.spec import LinkValue, Record
from engine.values.wire import field_to_wire
from metamodel.model import Field

OWN_TO_A_RECORD = frozenset({"file", "image", "signature"})
"""Field types whose values belong to one record and no other."""


def copied(ctx: Context, access: Access, record: Record) -> dict[str, Any]:
    """Return what makes a record like another, as payloads have it. Any: JSON.

    What counts on its own (numbers, stages, what occurs once) begins anew; what the person may
    not read or write is left out.
    """
    entity = ctx.model.entities[record.entity]
    writable, masked = access.writable(ctx, entity.key), access.masked(ctx, entity.key)
    via = entity.child_of.via if entity.child_of is not None else ""
    found: dict[str, Any] = {}
    for key, value in record.values.items():
        field, left = entity.fields[key], _readable(value)
        if key in writable - masked and key != via and left is not None and _is_told(field):
            found[field.name] = field_to_wire(field, left)
    for name, lines in record.lines.items():
        found[name] = [copied(ctx, access, line) for line in lines]
    return found


def _is_told(field: Field) -> bool:
    """Return whether a field says something that may be true of two records."""
    own = field.unique or field.numbering is not None or field.type in OWN_TO_A_RECORD
    return not (own or field.computed or field.readonly or field.pipeline)


def _readable(value: object) -> object:
    """Return a value without links to what the person may not read, or what is in the trash."""
    if isinstance(value, tuple):
        kept = tuple(each for each in value if _readable(each) is not None)
        return kept or None
    if isinstance(value, LinkValue) and (value.restricted or value.trashed):
        return None
    return value
