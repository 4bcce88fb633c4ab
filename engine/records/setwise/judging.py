"""Which rows of a batch are wrong; why, the one-by-one form says.

Places are positions in the batch. What reads nothing but the record's own values is asked of
the staging table, before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, or_, select

from engine.access.listed import may_enter
from engine.query.gathering import Joins
from engine.query.joins import RowSource, fitted
from engine.query.pick import choosable
from engine.records.checks import Check, condition_of
from engine.records.draft import Draft
from engine.records.duplicates import check_duplicates, known_alike
from engine.records.plans import plan_of
from engine.records.previous import previous_source
from engine.records.setwise.batch import Batch
from engine.records.setwise.staging import EXTRA, stage_table
from engine.records.work import Work
from engine.values.payload import Reference, naming_fields
from formula import compile_sql
from formula.backends.contract import Columns
from formula.scope import Root
from metamodel.model import Entity, Field


def not_allowed(work: Work, batch: Batch) -> set[int]:
    """Return rows that name a field, a choice or a record by what the person may not."""
    access, entity = work.policy, batch.entity
    readable = access.readable(work.ctx, entity.key)
    writable = access.writable(work.ctx, entity.key)
    wrong: set[int] = set()
    for key, given in batch.given.items():
        if key not in writable or (key not in readable and key not in writable):
            wrong.update(at for at, named in enumerate(given) if named)
    for column in batch.references.values():
        guessed = {each for each in set(column) if each and not _may_name(work, each)}
        wrong.update(at for at, each in enumerate(column) if each in guessed)
    for key, values in batch.values.items():
        wrong |= _inactive(entity.fields[key], values)
    return wrong


def _may_name(work: Work, reference: Reference) -> bool:
    if not reference.by:
        return True
    access, entity = work.policy, work.entity(reference.entity)
    legible = access.readable(work.ctx, entity.key) - access.masked(work.ctx, entity.key)
    return reference.by in legible and any(
        each.key == reference.by for each in naming_fields(entity).values()
    )


def _inactive(each: Field, values: Sequence[object]) -> set[int]:
    away = {option.key for option in each.options.values() if not option.active}
    if not away:
        return set()
    return {
        at
        for at, value in enumerate(values)
        if (away.intersection(value) if isinstance(value, tuple) else value in away)
    }


def wrong_before(work: Work, batch: Batch) -> set[int]:
    """Return rows that Python finds wrong once they are filled in."""
    return _wrong_stages(work, batch) | _blank(work, batch) | _outside(work, batch)


def _wrong_stages(work: Work, batch: Batch) -> set[int]:
    wrong: set[int] = set()
    for pipeline in batch.entity.pipelines.values():
        column = batch.values[pipeline.field_key]
        refused = {
            stage
            for stage in set(column)
            if stage not in pipeline.stages or not may_enter(work.ctx, batch.entity, str(stage))
        }
        wrong.update(at for at, stage in enumerate(column) if stage in refused)
    return wrong


def _blank(work: Work, batch: Batch) -> set[int]:
    """Return rows that leave a field blank which is always required."""
    wrong: set[int] = set()
    for check in plan_of(work.ctx.compiled, batch.entity).early:
        if _is_plain(check):
            column = batch.values.get(check.blank, ())
            wrong.update(at for at, value in enumerate(column) if value is None)
    return wrong


def _is_plain(check: Check) -> bool:
    return bool(check.blank) and not check.conditions and check.when is None


def _outside(work: Work, batch: Batch) -> set[int]:
    """Return rows with a link outside of its filter."""
    wrong: set[int] = set()
    for each in batch.entity.fields.values():
        column = batch.values.get(each.key)
        if each.filter is None or each.retired or column is None or each.link is None:
            continue
        reads = sorted({chain[0].field for chain in each.filter.dependencies.outer})
        asked: dict[tuple[object, ...], list[int]] = {}
        for at, value in enumerate(column):
            if value is not None:
                asked.setdefault(tuple(batch.row(at, reads).items()), []).append(at)
        for choice, places in asked.items():
            ids = {column[at] for at in places}
            fine = choosable(
                work.ctx, work.policy, work.connection, each,
                ids, this=dict(choice),  # type: ignore[arg-type]  # ids, as links hold
            )  # fmt: skip
            wrong.update(at for at in places if column[at] not in fine)
    return wrong


def alike(work: Work, batch: Batch) -> list[Draft]:
    """Return drafts of rows that look like a live record, with what is to be said of them."""
    places: set[int] = set()
    for rule in batch.entity.duplicates.values():
        columns = [batch.values[key] for key in rule.match]
        found = known_alike(work, batch.entity, rule, columns)
        places.update(found)
    drafts = [
        Draft(
            batch.entity, batch.ids[at], "create", ("create", batch.rows[at]),
            values=batch.row(at, batch.values),
        )
        for at in sorted(places)
    ]  # fmt: skip
    if drafts:
        check_duplicates(work, drafts)
    return drafts


def wrong_in_stage(work: Work, batch: Batch) -> set[int]:
    """Return staged rows that a condition on their own values refuses."""
    plan = plan_of(work.ctx.compiled, batch.entity)
    checks = [check for check in plan.early if not check.updates_only and not _is_plain(check)]
    if not checks:
        return set()

    def make() -> Select[Any]:
        stage = stage_table(work.ctx.compiled, batch.entity).alias("s")
        given: dict[str, ColumnElement[Any]] = {}
        source = _source(work, batch.entity, stage, given)
        for each in plan.computed:
            if each.formula is not None:
                given[each.key] = fitted(each, compile_sql(each.formula, source))
        refused = _any(checks, source)
        return select(stage.c[EXTRA[0]]).select_from(source.joins.clause()).where(refused)

    rows = work.run(("stage checks", batch.entity.key), make, before="[]")
    return {row[0] for row in rows}


def is_wrong_afterwards(work: Work, batch: Batch) -> bool:
    """Return whether a condition that reads more than the record itself refuses a new record."""
    checks = [
        check for check in plan_of(work.ctx.compiled, batch.entity).late if not check.updates_only
    ]
    if not checks:
        return False

    def make() -> Select[Any]:
        row = work.ctx.compiled.tables.of(batch.entity.key).alias("q")
        source = _source(work, batch.entity, row, {})
        refused = _any(checks, source)
        made = row.c.id.in_(select(stage_table(work.ctx.compiled, batch.entity).c.id))
        return select(row.c.id).select_from(source.joins.clause()).where(refused, made).limit(1)

    return bool(work.run(("new checks", batch.entity.key), make, before="[]"))


def _source(
    work: Work, entity: Entity, row: FromClause, given: Mapping[str, ColumnElement[Any]]
) -> RowSource:
    """Return a new record as checks read it: there was nothing before."""
    previous = previous_source(work.ctx, entity)
    base = row.outerjoin(previous.row, previous.row.c.id == row.c.id)
    joins = Joins(base, names=previous.joins.names)
    roots: dict[Root, Columns] = {"previous": previous}
    compiled = work.ctx.compiled
    return RowSource.over(compiled, entity.key, row, roots=roots, given=given, joins=joins)


def _any(checks: Sequence[Check], source: RowSource) -> ColumnElement[bool]:
    return or_(*(is_met(check, source) for check in checks))


def is_met(check: Check, source: RowSource) -> ColumnElement[Any]:
    """Return the condition under which a row is wrong at the stage or with the choice it holds."""
    condition = condition_of(check, source)
    if check.when is None:
        return condition
    return (source.value(check.when[0]) == check.when[1]) & condition
