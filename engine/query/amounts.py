"""Which field of a record says how much it is about."""

from __future__ import annotations

from engine.access.fields import field_rights
from engine.context import Context
from metamodel.model import Entity, Field


def amount_field(entity: Entity) -> Field | None:
    """Return what a record is about in money: its `amount`, its total, else its first money."""
    fields = [each for each in entity.fields.values() if each.type == "money" and not each.retired]
    fields.sort(key=lambda each: each.key not in ("amount", "total"))
    return fields[0] if fields else None


def tells_amount(ctx: Context, entity: Entity) -> bool:
    """Return whether the person may read what records are about in money, unmasked."""
    rights, found = field_rights(ctx, entity), amount_field(entity)
    return found is not None and found.key in rights.readable - rights.masked
