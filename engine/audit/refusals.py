"""What the audit log says of somebody who was refused what others may see or do."""

from __future__ import annotations

from uuid import UUID

from engine.audit.event import Event
from engine.context import Context
from engine.errors import EngineError, Forbidden, NotFound, RecordRefused

USER = "user"

RECORD_NAMES = ("id", "record")
"""Under which of these a refusal names the record that it is about."""


RIGHTS = frozenset({"nobody_administers", "may_not_give"})
"""Codes of refusals that are about what people may do, whatever carries them."""


def is_told(error: EngineError) -> bool:
    """Tell whether a refusal is for want of rights, or would have broken them."""
    if isinstance(error, Forbidden | NotFound) or error.code in RIGHTS:
        return True
    return isinstance(error, RecordRefused) and any(each.code in RIGHTS for each in error.errors)


def refusal(ctx: Context, error: EngineError) -> Event:
    """Return the event of a refusal: which right was missing, or what was not to be found."""
    if isinstance(error, RecordRefused):
        codes = [each.code for each in error.errors if each.code in RIGHTS]
        return Event("refused", USER, detail={"code": codes[0]})
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
