"""What the audit log says of somebody who was refused what others may see or do."""

from __future__ import annotations

from uuid import UUID

from engine.audit.event import Event
from engine.context import Context
from engine.errors import Forbidden, NotFound

RECORD_NAMES = ("id", "record")
"""Under which of these a refusal names the record that it is about."""


def refusal(ctx: Context, error: Forbidden | NotFound) -> Event:
    """Return the event of a refusal: which right was missing, or what was not to be found."""
    params = dict(error.params)
    entity = params.pop("entity", "")
    records = [each for name in RECORD_NAMES if (each := _id(params.pop(name, None)))]
    return Event(
        "refused",
        entity=_key(ctx, str(entity)) if entity else "",
        record=records[0] if records else None,
        detail={"code": error.code, **{name: str(value)[:200] for name, value in params.items()}},
    )


def _key(ctx: Context, name: str) -> str:
    """Return the key of an entity that a refusal names; as it is where there is none."""
    found = ctx.model.entity_named(name)
    return name[:200] if found is None else found.key


def _id(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
