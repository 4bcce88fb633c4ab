"""Options and stages that take records of others: which are new, which are no more, and whom.

A split is known by the field, both options, and its condition with keys in place of names. It
is carried out once: when it is dropped, its records go back, and when it is wanted again, those
that went back come again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import select, text

from engine.compiled import CompiledModel
from engine.context import Context
from engine.query.joins import RowSource
from engine.query.written import written_out
from engine.schema.answers import bound_to
from engine.schema.broken_rules import read_steps
from engine.schema.earlier import RETURNS, SPLITS, Moved
from engine.schema.live import Live
from engine.schema.ranges import among
from engine.schema.tables import stored_columns
from formula import compile_filter
from formula.scope import Step
from formula.typed import Typed
from metamodel.linking.splitting import in_flow
from metamodel.model import Entity, Field, Model
from metamodel.respelling import by_keys

Place = tuple[str, str]
"""A field by entity key and field key."""


@dataclass(frozen=True, slots=True)
class Split:
    """Records of the option `giver` that go into `option`, where `when` holds for them."""

    entity: str
    field: str
    giver: str
    option: str
    when: str
    condition: Typed


def splits_of(model: Model, entity: Entity, field: Field) -> Iterator[Split]:
    """Yield the splits of a field, in the order in which records flow: first in, then on."""
    found = [
        Split(entity.key, field.key, giver, key, by_keys(model, entity.key, when), when)
        for key, option in field.options.items()
        if not option.retired
        for giver, when in option.takes.items()
        if when is not None
    ]
    flow = {key: place for place, key in enumerate(in_flow(field.options).static_order())}
    yield from sorted(found, key=lambda each: flow[each.giver])


def is_claimed(model: Model, entity: str, field: str, moved: Moved) -> bool:
    """Return whether a model still says of a split that was carried out what it said then."""
    found = known_field(model, entity, field)
    return _says(model, found, (moved.option, moved.into), moved.when)


def was_said(model: Model, split: Split) -> bool:
    """Return whether a model says a split, be it of something retired: it is not carried out."""
    entity = model.entities.get(split.entity)
    field = entity.fields.get(split.field) if entity is not None else None
    return _says(model, field, (split.giver, split.option), split.when)


def _says(model: Model, field: Field | None, way: tuple[str, str], said: str) -> bool:
    giver, taker = way
    option = field.options.get(taker) if field is not None else None
    if field is None or option is None or giver not in option.takes:
        return False
    when = option.takes[giver]
    return when is None or by_keys(model, field.entity, when) == said


def known_field(model: Model, entity: str, field: str) -> Field | None:
    """Return a field in use, of an entity in use."""
    found = model.entities.get(entity)
    known = found.fields.get(field) if found is not None and not found.retired else None
    return known if known is not None and not known.retired else None


def was_carried_out(split: Split, so_far: tuple[Moved, ...]) -> bool:
    """Return whether an earlier revision moved the records of a split."""
    return any(
        each.code in SPLITS
        and (each.entity, each.field, each.option, each.into, each.when)
        == (split.entity, split.field, split.giver, split.option, split.when)
        for each in so_far
    )


def is_return(moved: Moved) -> bool:
    """Return whether a move brought back what a split had taken."""
    return moved.code in RETURNS and bool(moved.when)


def taken_ids(ctx: Context, old: CompiledModel, split: Split) -> str:
    """Return the statement of the ids of records for which a condition holds now."""
    serving = replace(ctx, compiled=old)
    row = old.tables.of(split.entity).alias("q")
    source = RowSource.over(old, split.entity, row)
    condition = compile_filter(split.condition, source)
    asked = select(row.c.id).select_from(source.joins.clause())
    statement = asked.where(condition, text(among("q.id")))
    return written_out(serving, *bound_to(serving, statement))


def is_settled(condition: Typed, old: Model, new: Model, live: Live) -> bool:
    """Return whether all that a condition reads is there now, and stays as it is."""
    return all(_stays(step, old, new, live) for step in read_steps(condition))


def reads_any(condition: Typed, places: frozenset[Place]) -> bool:
    """Return whether a condition reads one of some fields."""
    return any((step.entity, step.field) in places for step in read_steps(condition))


def reads_itself(condition: Typed, model: Model) -> bool:
    """Return whether a condition reads nothing but columns of the record that it is asked of."""
    needs = condition.dependencies
    steps = [chain[0] for chain in (*needs.reads, *needs.outer) if len(chain) == 1]
    whole = len(steps) == len(needs.reads) + len(needs.outer) and not needs.collections
    return whole and all(
        stored_columns(model.entities[step.entity].fields[step.field]) for step in steps
    )


def _stays(step: Step, old: Model, new: Model, live: Live) -> bool:
    before, now = known_field(old, step.entity, step.field), new.entities[step.entity].fields
    after, there = now[step.field], live.get(old.entities[step.entity].table) if before else None
    if before is None or there is None or stored_columns(before) != stored_columns(after):
        return False
    if not set(stored_columns(before)) <= set(there.columns):
        return False
    formulas = before.formula, after.formula
    if formulas[0] is None or formulas[1] is None:
        return formulas == (None, None)
    same = formulas[0].text == formulas[1].text
    return same and is_settled(formulas[0], old, new, live)
