"""Records shared with the person acting."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, literal, or_, select
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
) -> ScalarSelect[Any]:
    """Return the ids of an entity's records shared with any of `grantees`, and not ended.

    A sub-query of its own, which is asked once, and only where nothing else lets a row in.
    """
    table = compiled.tables.of(SHARES)
    names = {key: each.column for key, each in compiled.model.entities[SHARES].fields.items()}
    until, record = table.c[names["until"]], table.c[names["record"]]
    wanted = [
        table.c[names["grantee"]] == func.any(grantees),
        table.c[names["entity"]] == literal(entity, TextColumn()),
        or_(until.is_(None), until > now),
    ]
    if writes:
        wanted.append(table.c[names["writes"]])
    return select(record).where(*wanted).correlate(None).scalar_subquery()
