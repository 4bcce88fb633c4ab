"""Steps that work out again what follows from other values: stored formulas and sort keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from engine.compiled import CompiledModel
from engine.context import Tenant
from engine.schema.ddl import qualified
from engine.schema.live import Live
from engine.schema.steps import Step
from engine.values.graph import ComputedGraph, is_computed
from formula.scope import TableBinding
from formula.typed import Call, Node, Read
from metamodel.model import Entity, Field

Place = tuple[str, str]
"""A field by entity key and field key."""


def derived_steps(
    tenant: Tenant,
    old: CompiledModel,
    new: CompiledModel,
    live: Live,
    *,
    rewritten: frozenset[Place],
) -> Iterator[Step]:
    """Yield what to compute again, in the order of the graph, then sort and search keys.

    `rewritten` are the fields whose values other steps write.
    """
    stale = followers(new.graph, _restated(old, new) | rewritten) - rewritten
    for stage in new.graph.stages:
        entity = new.model.entities[stage.entity]
        there = live.get(entity.table)
        wanted = tuple(key for key in stage.fields if (stage.entity, key) in stale)
        wanted = tuple(key for key in wanted if not _frozen(old, entity.fields[key]))
        if there is None or not wanted:
            continue
        unseen = not any(entity.fields[key].column in there.columns for key in wanted)
        yield Step(
            "fill_computed",
            stage.entity,
            phase="expand" if unseen else "switch",
            cost="rewrites" if there.rows else "instant",
            rows=there.rows,
            fill="computed",
            fields=wanted,
            table=qualified(tenant.schema, entity.table),
        )
    yield from _sort_keys(tenant, old, new, live)


def _sort_keys(
    tenant: Tenant, old: CompiledModel, new: CompiledModel, live: Live
) -> Iterator[Step]:
    """Yield the entities of which other fields are sorted or searched than before."""
    for key, entity in new.model.entities.items():
        before, there = old.model.entities.get(key), live.get(entity.table)
        if before is None or there is None or _searched(entity) == _searched(before):
            continue
        yield Step(
            "fill_sort_keys",
            key,
            phase="switch",
            cost="rewrites" if there.rows else "instant",
            rows=there.rows,
            fill="sort_keys",
            table=qualified(tenant.schema, entity.table),
        )


def _restated(old: CompiledModel, new: CompiledModel) -> frozenset[Place]:
    """Return the stored computed fields that are new or say something else than before."""
    found = set()
    for key, entity in new.model.entities.items():
        before = old.model.entities.get(key)
        for each in entity.fields.values():
            former = before.fields.get(each.key) if before else None
            if is_computed(each) and _meaning(each) != _meaning(former):
                found.add((key, each.key))
    return frozenset(found)


def followers(graph: ComputedGraph, changed: frozenset[Place]) -> frozenset[Place]:
    """Return the fields and everything computed that follows from them, over all entities."""
    found: set[Place] = set()
    waiting = list(changed)
    while waiting:
        entity, key = waiting.pop()
        if (entity, key) in found:
            continue
        found.add((entity, key))
        waiting.extend((entity, each) for each in graph.own.get((entity, key), ()))
        waiting.extend(
            (edge.entity, edge.field)
            for edge in graph.edges.get(entity, ())
            if edge.source_field == key
        )
    return frozenset(found)


def _frozen(old: CompiledModel, each: Field) -> bool:
    """Tell whether a field keeps what it was when its record was made, which was before."""
    if not each.freeze_on:
        return False
    before = old.model.entities.get(each.entity)
    return before is not None and each.key in before.fields


def _meaning(each: Field | None) -> tuple[object, ...] | None:
    if each is None or each.formula is None:
        return None
    return each.formula.text, each.column, each.value_type, tuple(_fixed(each.formula.node))


def _fixed(node: Node) -> Iterator[object]:
    """Yield what a formula reads from fixed tables: chances of stages, days of calendars."""
    if isinstance(node, Read) and isinstance(node.binding, TableBinding):
        yield tuple(node.binding.table.items())
    if isinstance(node, Call) and node.calendar is not None:
        yield node.calendar
    for each in fields(node):
        value = getattr(node, each.name)
        for part in value if isinstance(value, tuple) else (value,):
            if is_dataclass(part) and isinstance(part, Node):
                yield from _fixed(part)


def _searched(entity: Entity) -> frozenset[tuple[str, str]]:
    """Return the columns that sort keys and search tokens are made from."""
    if entity.system or entity.retired:
        return frozenset()
    return frozenset(
        (each.column, each.sort_column)
        for each in entity.fields.values()
        if not each.retired and (each.sort_column or each.search or each.key == entity.title_field)
    )
