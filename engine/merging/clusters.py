"""Groups of records that agree in what a rule for duplicates compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from engine.access.policy import Policy
from engine.context import Context
from engine.query.binds import binds
from engine.query.joins import RowSource
from engine.query.spec import LinkValue
from engine.query.titles import titles_of
from formula.backends.sql import compile_filter
from metamodel.model import Duplicates, Entity

MOST_GROUPS = 50

MOST_RECORDS = 20
"""Records of one group that are told of."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Records that agree; `fields` are what they agree in, by key."""

    fields: tuple[str, ...]
    records: tuple[LinkValue, ...]
    count: int


def clusters(
    ctx: Context, policy: Policy, connection: Connection, entity: Entity
) -> tuple[Cluster, ...]:
    """Return groups of what the person may see, the largest of each rule first."""
    legible = policy.readable(ctx, entity.key) - policy.masked(ctx, entity.key)
    found = []
    for rule in entity.duplicates.values():
        fields = [entity.fields[key] for key in rule.match]
        if rule.against or any(f.key not in legible or f.encrypted for f in fields):
            continue
        for ids, count in connection.execute(_statement(ctx, policy, entity, rule), binds(ctx)):
            named = titles_of(ctx, policy, connection, entity.key, ids[:MOST_RECORDS])
            records = tuple(named[each] for each in ids[:MOST_RECORDS] if each in named)
            found.append(Cluster(tuple(rule.match), records, count))
    return tuple(found)


def _statement(ctx: Context, policy: Policy, entity: Entity, rule: Duplicates) -> Select[Any, int]:
    row = ctx.compiled.tables.of(entity.key).alias()
    source = RowSource.over(ctx.compiled, entity.key, row)
    columns = [_compared(row, entity, key, how) for key, how in rule.match.items()]
    allowed = policy.row_filter(ctx, entity.key, "read")
    where = [row.c.sys_trashed_at.is_(None), *(column.is_not(None) for column in columns)]
    if allowed is not None:
        where.append(compile_filter(allowed, source))
    count = func.count()
    return (
        select(func.array_agg(row.c.id).label("ids"), count.label("n"))
        .select_from(source.joins.clause())
        .where(*where)
        .group_by(*columns)
        .having(count > 1)
        .order_by(count.desc())
        .limit(MOST_GROUPS)
    )


def _compared(row: Any, entity: Entity, key: str, how: str) -> Any:
    """Return what is compared of a field. Any: columns of every type."""
    field = entity.fields[key]
    if how == "normalized":
        return row.c[field.sort_column] if field.sort_column else func.lower(row.c[field.column])
    return row.c[field.column]
