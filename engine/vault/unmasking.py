"""Reading encrypted values in the clear: one at a time, by those who may, and each time logged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.access.fields import field_rights
from engine.audit.event import Auditing, Event
from engine.context import Context
from engine.database import Database
from engine.doors import Access
from engine.errors import FieldError, Forbidden, RecordRefused
from engine.query.get import get
from engine.query.legible import live_entity
from engine.values.sealed import Spot
from metamodel.model import Entity, Field


class Unmasking:
    """Answers with the clear value of an encrypted field, and tells the audit log of it."""

    def __init__(self, database: Database, access: Access, audit: Auditing) -> None:
        self._database = database
        self._access = access
        self._audit = audit

    def clear(self, ctx: Context, entity: str, record: UUID, field: str) -> str | None:
        """Return the clear value of a field, by name; None where it is blank.

        The log is written in the same transaction: no value is told that is not logged. Raises
        `NotFound` for a record that is not to be seen, `RecordRefused` for a field that is not
        there or not encrypted, `Forbidden` where the person sees only the mask.
        """
        kind = live_entity(ctx, entity)

        def unit(connection: Connection) -> str | None:
            get(ctx, self._access, connection, kind.key, [record])
            chosen = readable_in_clear(ctx, kind, field)
            value = _opened(ctx, connection, chosen, record)
            if value is not None:
                event = Event("unmasked", kind.key, record, detail={"field": chosen.key})
                self._audit.within(connection, ctx, [event])
            return value

        return self._database.unit(ctx, unit)


def readable_in_clear(ctx: Context, entity: Entity, name: str) -> Field:
    """Return an encrypted field, by name, that the person may read in the clear; else raise."""
    field = entity.field_named(name)
    rights = field_rights(ctx, entity)
    if field is None or field.key not in rights.readable:
        raise RecordRefused([FieldError("unknown_field", ("field",), {"value": name, "near": ""})])
    if not field.encrypted:
        raise RecordRefused([FieldError("not_encrypted", ("field",), {"value": name})])
    if field.key in rights.masked:
        raise Forbidden(action="unmask", entity=entity.name)
    return field


def clear_fields(ctx: Context, entity: Entity, names: Sequence[str]) -> frozenset[str]:
    """Return the keys of encrypted fields that all may be read in the clear; else raise."""
    return frozenset(readable_in_clear(ctx, entity, name).key for name in names)


def _opened(ctx: Context, connection: Connection, field: Field, record: UUID) -> str | None:
    table = ctx.compiled.tables.of(field.entity)
    # Any: the body of a value, which the driver gives as bytes.
    body: Any = connection.execute(
        select(table.c[field.column]).where(table.c.id == record)
    ).scalar_one()
    if body is None:
        return None
    ring = ctx.rings.ring(ctx.tenant, connection)
    return ring.open(Spot(field.entity, field.key, record), bytes(body))
