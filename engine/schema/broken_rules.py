"""How many records a new or stricter rule finds fault with, counted before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, literal, select

from engine.compiled import CompiledModel
from engine.context import Context
from engine.query.joins import RowSource
from engine.schema.answers import LONGEST, Asking, bound_to, named_records
from engine.schema.live import Live
from engine.schema.steps import Effect, Listing
from engine.schema.tables import stored_columns
from formula import compile_filter, compile_sql
from formula.scope import Step
from formula.typed import Typed
from metamodel.flows import Rule
from metamodel.model import Entity


def broken_rules(asking: Asking, ctx: Context, old: CompiledModel, live: Live) -> Iterator[Effect]:
    """Yield the rules of `ctx`'s model that records there are do not keep.

    Left out are rules about a change or a person, and those over fields that have no values
    yet: no record can be held against them before it is saved.
    """
    for key, entity in ctx.model.entities.items():
        before = old.model.entities.get(key)
        if before is None or entity.table not in live or entity.retired:
            continue
        titled = countable(entity.title, ctx, live)
        for rule in _stricter(before, entity):
            if countable(rule.refuse_when, ctx, live):
                yield from _broken(asking, rule, _Records(ctx, entity, titled=titled))


@dataclass(frozen=True, slots=True)
class _Records:
    """The live records of an entity; `titled` where what they are called can be read now."""

    ctx: Context
    entity: Entity
    titled: bool

    def count(self, rule: Rule, row: FromClause) -> Select[Any]:
        source = RowSource.over(self.ctx.compiled, self.entity.key, row)
        return self._that_break(rule, source, func.count())

    def named(self, rule: Rule, row: FromClause) -> Select[Any]:
        source = RowSource.over(self.ctx.compiled, self.entity.key, row)
        title = compile_sql(self.entity.title, source) if self.titled else literal("")
        return self._that_break(rule, source, row.c.id, func.left(title, LONGEST))

    def _that_break(
        self, rule: Rule, source: RowSource, *wanted: ColumnElement[Any]
    ) -> Select[Any]:
        condition = compile_filter(rule.refuse_when, source)
        return select(*wanted).select_from(source.joins.clause()).where(condition, *source.alive())


def _broken(asking: Asking, rule: Rule, records: _Records) -> Iterator[Effect]:
    ctx, key = records.ctx, records.entity.key
    table = ctx.compiled.tables.of(key)
    row, share = asking.either(ctx, table, partial(records.count, rule))
    if not row[0]:
        return
    listing = Listing(*bound_to(ctx, records.named(rule, table.alias("q"))))
    yield Effect(
        "breaks_rule",
        key,
        "notice",
        round(row[0] * 100 / share) if share else int(row[0]),
        params={"rule": rule.name},
        records=named_records(asking.some(listing)),
        listing=listing,
        sampled=bool(share),
    )


def _stricter(before: Entity, entity: Entity) -> Iterator[Rule]:
    for rule in entity.rules.values():
        former = before.rules.get(rule.key)
        if former is None or former.refuse_when.text != rule.refuse_when.text:
            yield rule


def countable(formula: Typed, ctx: Context, live: Live) -> bool:
    """Tell whether a formula can be worked out now, on the columns that are there."""
    if formula.stability == "personal" or formula.dependencies.previous:
        return False
    return all(_there(step, ctx.model.entities, live) for step in read_steps(formula))


def read_steps(formula: Typed) -> Iterator[Step]:
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
    return all(_there(each, entities, live) for each in read_steps(field.formula))
