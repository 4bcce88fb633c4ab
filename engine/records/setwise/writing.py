"""From the staging table into the record's own: rows with computed values, history, visits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import Insert, insert, select, text
from sqlalchemy.sql.elements import TextClause

from engine.query.amounts import amount_field
from engine.records.draft import STAMPS, stored_fields
from engine.records.setwise.batch import Batch
from engine.records.setwise.staging import (
    EXTRA,
    STAGE,
    Staged,
    stage_table,
    whole_name,
    whole_table,
)
from engine.records.work import Work
from engine.values.computed import fresh_values
from engine.values.graph import is_computed
from engine.values.sealed import MARK
from engine.values.sending import STAND_IN, Request
from formula.types import BooleanType, DurationType, NumberType, PercentType
from metamodel.model import Entity, Field


def insert_rows(work: Work, entity: Entity, staged: Staged) -> None:
    """Put the staged rows into their table, stored computed values worked out on the way.

    Those with computed values lie whole in a second table without indexes on the way: history
    is written from it, and need not look for them among all others.
    """
    key = (entity.key, staged.columns)
    if whole_name(entity) != STAGE:
        work.run(("complete staged", *key), lambda: _complete(work, entity, staged))
    work.run(("insert staged", *key), lambda: _insert(work, entity, staged))


def _complete(work: Work, entity: Entity, staged: Staged) -> Insert:
    compiled = work.ctx.compiled
    fields = tuple(
        key for stage in compiled.graph.stages if stage.entity == entity.key for key in stage.fields
    )
    stage = stage_table(compiled, entity)
    fresh = fresh_values(compiled, entity.key, fields, table=stage)
    columns: dict[str, Any] = {name: fresh.row.c[name] for name in staged.columns}
    columns |= {name: fresh.row.c[name] for name in EXTRA}
    columns |= {entity.fields[key].column: value for key, value in fresh.values.items()}
    rows = select(*columns.values()).select_from(fresh.source)
    return insert(whole_table(compiled, entity)).from_select(list(columns), rows)


def _insert(work: Work, entity: Entity, staged: Staged) -> Insert:
    compiled = work.ctx.compiled
    computed = (each.column for each in entity.fields.values() if is_computed(each))
    # A computed boolean is staged, too: it is never blank.
    columns = list(dict.fromkeys([*staged.columns, *computed]))
    whole = whole_table(compiled, entity)
    rows = select(*(whole.c[name] for name in columns))
    return insert(compiled.tables.of(entity.key)).from_select(columns, rows)


def history_request(work: Work, batch: Batch) -> Request:
    """Return what writes each new record into the change set, with all that it holds."""
    key = ("staged history", batch.entity.key)
    values = {"change_set": work.change_set, "entity": batch.entity.key}
    return work.ask(key, lambda: _history(work, batch.entity), values)


def _history(work: Work, entity: Entity) -> TextClause:
    changes = work.entity("sys_change")
    names = ("change_set", "seq", "entity", "record", "operation", "computed", "before", "after")
    columns = ", ".join(f'"{changes.fields[name].column}"' for name in names)
    seq, change, _ = EXTRA
    return text_of_ours(
        f"INSERT INTO {STAND_IN}.{changes.table} (id, {columns})"  # noqa: S608 - model names
        f" SELECT q.{change}, CAST(:change_set AS uuid), q.{seq}, CAST(:entity AS text), q.id,"
        f" 'create', false, '{{}}'::jsonb, {_held(entity)} {_from(entity)}"
    )


def _from(entity: Entity) -> str:
    """Return new records with all that they hold as `q`."""
    return f"FROM pg_temp.{whole_name(entity)} q"


def _held(entity: Entity) -> str:
    """Return the JSON of what a new record holds, as the history keeps it: nothing blank."""
    pairs: list[str] = []
    whole: list[str] = []
    for each in stored_fields(entity):
        if each.key in STAMPS:
            continue
        value = _kept(each)
        if each.value_type is None and not each.columns and each.link is None:
            # What is null inside of JSON stays.
            whole.append(
                f"CASE WHEN {value} IS NULL THEN '{{}}'::jsonb"
                f" ELSE jsonb_build_object('{each.key}', {value}) END"
            )
        else:
            pairs.append(f"'{each.key}', {value}")
    # A function takes a hundred arguments at most.
    parts = [
        f"jsonb_strip_nulls(jsonb_build_object({', '.join(pairs[at : at + 40])}))"
        for at in range(0, len(pairs), 40)
    ]
    return " || ".join([*parts, *whole]) or "'{}'::jsonb"


def _kept(each: Field) -> str:
    """Return the SQL of a value as JSON keeps it: numbers as text, lengths in seconds."""
    if each.columns:
        return f"coalesce({', '.join(_column(name) for name in each.columns.values())})"
    if each.encrypted:
        return f"CASE WHEN {_column(each.column)} IS NOT NULL THEN '{MARK}' END"
    value = _column(each.column)
    match each.value_type:
        case BooleanType():
            return f"nullif({value}, false)"
        case NumberType() | PercentType():
            return f"{value}::text"
        case DurationType():
            return f"extract(epoch FROM {value})::bigint"
        case _:
            return value


def _column(name: str) -> str:
    return f'q."{name}"'


def visits_request(work: Work, batch: Batch) -> Iterator[Request]:
    """Yield what opens the visit of each new record to its first stage."""
    for at, pipeline in enumerate(batch.entity.pipelines.values()):
        values = {
            "entity": batch.entity.key,
            "pipeline": pipeline.key,
            "at": work.ctx.now,
            "by": work.ctx.actor.user,
        }
        stage = batch.entity.fields[pipeline.field_key].column
        key = ("staged visits", batch.entity.key, pipeline.key)
        # The ids that come along are for one visit of each record.
        id_ = "gen_random_uuid()" if at else f"q.{EXTRA[2]}"
        yield work.ask(key, partial(_visits, work, batch.entity, stage, id_), values)


def _visits(work: Work, entity: Entity, stage: str, id_: str) -> TextClause:
    visits = work.entity("sys_stage_visit")
    names = ("entity", "record", "pipeline", "stage", "entered_at", "entered_by", "amount")
    columns = ", ".join(f'"{visits.fields[name].column}"' for name in names)
    money = amount_field(entity)
    amount = _column(money.column) if money is not None and money.column else "NULL::numeric"
    return text_of_ours(
        f"INSERT INTO {STAND_IN}.{visits.table} (id, {columns})"  # noqa: S608 - model names
        f" SELECT {id_}, CAST(:entity AS text), q.id, CAST(:pipeline AS text),"
        f" {_column(stage)}, CAST(:at AS timestamptz), CAST(:by AS uuid), {amount} {_from(entity)}"
    )


def text_of_ours(statement: str) -> TextClause:
    """Return a text of our own; every name in it comes from the model, every value is a bind."""
    return text(statement)
