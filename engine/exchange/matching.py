"""Finding the records that the rows of a chunk mean, by one field that names one record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Select, any_, bindparam, select

from engine.access.grants import rights_key
from engine.access.policy import allows
from engine.context import Context
from engine.doors import Access
from engine.errors import FieldError, RecordRefused
from engine.query.joins import RowSource
from engine.schema.tables import unique_rules
from engine.values.readers import Refused, read_value
from engine.values.sending import Request, send, sentence
from metamodel.model import Entity, Field

NAMING = frozenset(
    {"text", "email", "phone", "url", "autonumber", "code", "barcode", "integer", "decimal",
     "money", "uuid", "date"}
)  # fmt: skip
"""Types whose values name a record by themselves."""


def existing_by_key(
    ctx: Context, connection: Connection, access: Access, key: Field, values: Sequence[object]
) -> list[UUID | None]:
    """Return for each value of a key, as on the wire, the record that holds it.

    Only what the person may see is found.
    """
    wanted = [_read(key, value) for value in values]
    if key.encrypted:
        ring = ctx.rings.ring(ctx.tenant, connection)
        wanted = [None if value is None else ring.blind(value) for value in wanted]
    asked = sorted({value for value in wanted if value is not None}, key=str)
    if not asked:
        return [None] * len(values)
    name = ("by key", key.entity, key.key, *rights_key(ctx))
    found = sentence(connection, ctx, name, lambda: _statement(ctx, access, key))
    known = {row[1]: row[0] for row in send(connection, ctx, Request(found, ({"keys": asked},)))}
    return [known.get(value) for value in wanted]


def _read(key: Field, value: object) -> Any:  # Any: a value of the key's own type
    try:
        return read_value(key, value)
    except Refused:
        return None


def _statement(ctx: Context, access: Access, key: Field) -> Select[Any]:
    row = ctx.compiled.tables.of(key.entity).alias()
    source = RowSource.over(ctx.compiled, key.entity, row)
    allowed = allows(access.row_filter(ctx, key.entity, "read"), source)
    column = row.c[key.blind_column or key.column or "id"]
    named = column == any_(bindparam("keys", type_=ARRAY(column.type)))
    statement = select(row.c.id, column).select_from(source.joins.clause())
    return statement.where(named, row.c.sys_trashed_at.is_(None), allowed)


def key_field(ctx: Context, access: Access, entity: Entity, key: str) -> Field:
    """Return the field that tells records apart; refuse one that may name several.

    So is one that the person may not read: an answer tells whether a record holds a value.
    """
    legible = access.readable(ctx, entity.key) - access.masked(ctx, entity.key)
    alone = {rule.fields[0] for rule in unique_rules(entity) if len(rule.fields) == 1}
    found = entity.field_named(key)
    if found is None or found.key not in legible or not _names_one(found, alone):
        unique = [
            each.name
            for each in entity.fields.values()
            if each.key in legible and _names_one(each, alone)
        ]
        raise RecordRefused([FieldError("import_key", (), {"key": key, "known": unique})])
    return found


def _names_one(each: Field, alone: set[str]) -> bool:
    """Tell whether what a cell holds of a field can name one record."""
    unique = each.key == "id" or each.unique or each.key in alone or each.type == "autonumber"
    return unique and not each.retired and each.type in NAMING
