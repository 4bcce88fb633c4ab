"""Records shared with the person acting, as an array that is read once for a statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Uuid, func, literal, or_, select
from sqlalchemy import Text as TextColumn

from engine.compiled import CompiledModel

SHARES = "sys_share"


def shared_ids(
    compiled: CompiledModel,
    entity: str,
    grantees: ColumnElement[Any],
    now: ColumnElement[Any],
    *,
    writes: bool,
) -> ColumnElement[Any]:
    """Return the ids of an entity's records shared with any of `grantees`, and not ended.

    An array beside the statement, and not a sub-query of each row, so that indexes serve it.
    """
    table = compiled.tables.of(SHARES)
    names = {key: each.column for key, each in compiled.model.entities[SHARES].fields.items()}
    until = table.c[names["until"]]
    wanted = [
        table.c[names["grantee"]] == func.any(grantees),
        table.c[names["entity"]] == literal(entity, TextColumn()),
        or_(until.is_(None), until > now),
    ]
    if writes:
        wanted.append(table.c[names["writes"]])
    statement = select(table.c[names["record"]]).where(*wanted).correlate(None)
    return func.array(statement.scalar_subquery(), type_=ARRAY(Uuid()))
