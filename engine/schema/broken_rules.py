"""How many records a new or stricter rule finds fault with, counted before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, func, select

from engine.compiled import CompiledModel
from engine.context import Context
from engine.query.binds import binds
from engine.query.joins import RowSource
from engine.schema.live import Live
from engine.schema.steps import Effect
from engine.schema.tables import stored_columns
from formula import compile_filter
from formula.scope import Step
from formula.typed import Typed
from metamodel.flows import Rule
from metamodel.model import Entity


def broken_rules(
    connection: Connection, ctx: Context, old: CompiledModel, live: Live
) -> Iterator[Effect]:
    """Yield the rules of `ctx`'s model that records there are do not keep.

    Left out are rules about a change or a person, and those over fields that have no values
    yet: no record can be held against them before it is saved.
    """
    for key, entity in ctx.model.entities.items():
        before = old.model.entities.get(key)
        if before is None or entity.table not in live or entity.retired:
            continue
        for rule in _stricter(before, entity):
            if not _countable(rule.refuse_when, ctx, live):
                continue
            rows = _broken(connection, ctx, key, rule.refuse_when)
            if rows:
                yield Effect("breaks_rule", key, "notice", rows, params={"rule": rule.name})


def _stricter(before: Entity, entity: Entity) -> Iterator[Rule]:
    for rule in entity.rules.values():
        former = before.rules.get(rule.key)
        if former is None or former.refuse_when.text != rule.refuse_when.text:
            yield rule


def _broken(connection: Connection, ctx: Context, entity: str, refuse_when: Typed) -> int:
    row = ctx.compiled.tables.of(entity).alias("q")
    source = RowSource.over(ctx.compiled, entity, row)
    condition = compile_filter(refuse_when, source)
    statement = select(func.count()).select_from(source.joins.clause())
    statement = statement.where(condition, *source.alive())
    known, names = binds(ctx), statement.compile().params
    given = {name: known[name] for name in names if name in known}
    return int(connection.execute(statement, given).scalar_one())


def _countable(formula: Typed, ctx: Context, live: Live) -> bool:
    if formula.stability == "personal" or formula.dependencies.previous:
        return False
    return all(_there(step, ctx.model.entities, live) for step in _steps(formula))


def _steps(formula: Typed) -> Iterator[Step]:
    """Yield every field that a formula reads, on whatever way."""
    needs = formula.dependencies
    for chain in (*needs.reads, *needs.outer):
        yield from chain
    for collection in needs.collections:
        yield from collection.links
        yield collection.via
        for chain in collection.reads:
            yield from chain


def _there(step: Step, entities: Mapping[str, Entity], live: Live) -> bool:
    entity = entities[step.entity]
    field, there = entity.fields[step.field], live.get(entity.table)
    columns = stored_columns(field)
    if there is None or not set(columns) <= set(there.columns):
        return False
    if columns or field.formula is None:
        return True
    # An unstored formula is worked out where it is read: what it reads must be there.
    return all(_there(each, entities, live) for each in _steps(field.formula))
