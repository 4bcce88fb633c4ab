"""What of the engine's own tables is about a person: by their records, and by their words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, String, Table, cast, or_, select

from engine.context import Context
from engine.personal.subject import Subject, personal_fields
from engine.records.draft import read_row

SHORTEST = 5
"""Letters from which on a value is looked for inside of other texts."""


def about(table: Table, subject: Subject) -> ColumnElement[bool]:
    """Return the condition that a row is about a record which tells of the person."""
    return or_(
        *(
            (table.c.entity == entity) & table.c.record.in_(ids)
            for entity, ids in subject.about.items()
        )
    )


def written_with(table: Table, subject: Subject, texts: set[str]) -> ColumnElement[bool]:
    """Return the condition that a message is about the person, to them or from them."""
    ids = [id_ for ids in subject.about.values() for id_ in ids]
    addresses = {each.lower() for each in texts}
    return or_(about(table, subject), table.c.whom.in_(ids), table.c.address.in_(addresses))


def texts_of(
    ctx: Context, subject: Subject, connection: Connection, shortest: int = SHORTEST
) -> set[str]:
    """Return the personal texts of the person's own record that are worth looking for."""
    entity = ctx.model.entities[subject.entity]
    table = ctx.compiled.tables.of(entity.key)
    row = connection.execute(select(table).where(table.c.id == subject.record)).mappings().one()
    values, _ = read_row(entity, dict(row))
    found = (values.get(each.key) for each in personal_fields(entity) if not each.encrypted)
    return {each for each in found if isinstance(each, str) and len(each) >= shortest}


def holding_any(column: Column[Any], texts: set[str]) -> ColumnElement[bool]:
    """Return the condition that a column of JSON holds one of some texts.

    A short one, as many a name is, counts where it is a whole value. Any: JSON of every shape.
    """
    return or_(False, *_holding(cast(column, String), texts))


def _holding(written: ColumnElement[str], texts: set[str]) -> Iterator[ColumnElement[bool]]:
    for each in sorted(texts):
        as_value = json.dumps(each, ensure_ascii=False)
        sought = as_value if len(each) < SHORTEST else as_value[1:-1]
        yield written.contains(sought, autoescape=True)
