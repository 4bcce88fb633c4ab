"""Tells the audit log when somebody opens a record whose fields others see only as masks."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from engine.access.fields import field_rights
from engine.audit.event import Auditing, Event
from engine.context import Context
from engine.tenants.lately import Lately

AGAIN = timedelta(minutes=30)
"""How long the same session may look at the same record before it is told again."""


class MaskedReads:
    """Notes who read what is a mask for others: once for each record and session."""

    def __init__(self, audit: Auditing) -> None:
        self._audit = audit
        self._told: Lately[tuple[str, UUID, str, UUID], bool] = Lately(
            seconds=AGAIN.total_seconds()
        )

    def note(self, ctx: Context, entity: str, record: UUID) -> None:
        """Tell of one record, where a person read in the clear what some role sees masked."""
        fields = _seen(ctx, entity) if ctx.actor.kind == "person" else ()
        if not fields:
            return
        place = (ctx.tenant.schema, ctx.actor.user, ctx.origin.session, record)
        self._told.get(place, lambda: self._tell(ctx, entity, record, fields))

    def _tell(self, ctx: Context, entity: str, record: UUID, fields: tuple[str, ...]) -> bool:
        detail = {"fields": list(fields), "record": str(record)}
        self._audit.note(ctx, Event("masked_read", entity, record, detail=detail))
        return True


def _seen(ctx: Context, entity: str) -> tuple[str, ...]:
    """Return the fields that the person reads as they are and that some role sees as masks."""
    kind = ctx.model.entities[entity]
    masked = ctx.compiled.keep(
        ("masked for some", entity),
        lambda: frozenset(
            key
            for role in ctx.model.roles.values()
            for (of, key), right in role.fields.items()
            if of == entity and right == "mask" and not kind.fields[key].encrypted
        ),
    )
    if not masked:
        return ()
    rights = field_rights(ctx, kind)
    return tuple(sorted((masked & rights.readable) - rights.masked))
