"""What records held before a change, as SQL reads it: `previous.…` in rules and conditions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    false,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from engine.context import Context
from engine.history.changes import json_value
from engine.query.gathering import Joins
from engine.query.joins import RowSource
from engine.records.draft import Draft
from engine.records.work import IDS
from engine.schema.columns import column_type, text_type
from engine.values.parts import readable_text
from engine.values.sealed import compared
from formula.types import BooleanType
from metamodel.model import Entity, Field


def previous_rows(entity: Entity, drafts: Sequence[Draft]) -> str:
    """Return drafts' former values as the bind `before` of `previous_source`."""
    return rows_as_json(entity, {draft.id: draft.before for draft in drafts if draft.before})


def rows_as_json(entity: Entity, rows: Mapping[UUID, Mapping[str, object]]) -> str:
    """Return values by id and field key as `previous_source` reads them."""
    fields = _readable(entity)
    return json.dumps(
        [
            {"id": str(id_), **{f"b_{each.key}": _kept(each, values) for each in fields}}
            for id_, values in rows.items()
        ]
    )


def _kept(each: Field, values: Mapping[str, object]) -> object:
    """Return a value as formulas read it: of a formatted text what it says."""
    value = compared(values.get(each.key))
    if value is not None and each.plain_column:
        return readable_text(each, value)
    return json_value(value)


def beside_previous(
    ctx: Context,
    entity: Entity,
    columns: Callable[[RowSource], Sequence[ColumnElement[Any]]],
    *,
    read: bool,
) -> Select[Any]:
    """Return the statement that says of records, by id, what `columns` makes of them.

    With `read`, formulas may read what the records held before, from the bind `before`.
    """
    row = ctx.compiled.tables.of(entity.key).alias()
    previous = previous_source(ctx, entity)
    joins = Joins(row, names=previous.joins.names)
    source = RowSource.over(
        ctx.compiled, entity.key, row, roots={"previous": previous}, joins=joins
    )
    asked = [each.label(f"c{at}") for at, each in enumerate(columns(source))]
    clause = source.joins.clause()
    if read:
        clause = clause.outerjoin(previous.joins.clause(), previous.row.c.id == row.c.id)
    return select(row.c.id, *asked).select_from(clause).where(row.c.id == any_(IDS))


def previous_source(ctx: Context, entity: Entity) -> RowSource:
    """Return the former values of records, by id, as a source of formulas."""
    fields = _readable(entity)
    columns = [
        column("id", Uuid()),
        *(
            column(f"b_{each.key}", text_type() if each.encrypted else column_type(each))
            for each in fields
        ),
    ]
    rows = (
        func.jsonb_to_recordset(cast(bindparam("before", type_=Text()), JSONB))
        .table_valued(*columns, name="before")
        .render_derived(with_types=True)
    )
    given: dict[str, Any] = {}  # Any: column expressions of every type
    for each in fields:
        value = rows.c[f"b_{each.key}"]
        boolean = isinstance(each.value_type, BooleanType)
        given[each.key] = func.coalesce(value, false()) if boolean else value
    given["id"] = rows.c.id
    return RowSource.over(ctx.compiled, entity.key, rows, given=given)


def _readable(entity: Entity) -> list[Field]:
    return [
        each
        for each in entity.fields.values()
        if each.key != "id"
        and not each.retired
        and each.value_type
        and (each.column or each.columns)
    ]
