"""Whether a link to a person can be given to another set-wise, or only record by record."""

from __future__ import annotations

from collections.abc import Iterator

from engine.compiled import CompiledModel
from engine.leaving.holdings import Holding
from engine.records.checks import checks_of
from engine.records.plans import plan_of
from engine.schema.tables import live_fields, unique_rules
from formula.typed import Typed
from metamodel.model import Entity


def why_one_by_one(compiled: CompiledModel, holding: Holding) -> str:
    """Return why records are given over one by one, "" where one statement gives many."""
    key = ("given set-wise", holding.entity.key, holding.field.key)
    return compiled.keep(key, lambda: (next(_obstacles(compiled, holding), ""),))[0]


def _obstacles(compiled: CompiledModel, holding: Holding) -> Iterator[str]:
    entity, field, graph = holding.entity, holding.field.key, compiled.graph
    if holding.pair:
        yield "several people are named"
    if graph.following(entity.key, {field}) != {field}:
        yield "values of the record follow from it"
    if any(edge.source_field == field for edge in graph.edges.get(entity.key, ())):
        yield "values of other records follow from it"
    if any(field in rule.fields for rule in unique_rules(entity)):
        yield "it is unique"
    plan = plan_of(compiled, entity)
    if plan.chains.get(field) or plan.copies.get(field):
        yield "other fields are filled from it"
    if holding.field.filter is not None or any(_asks(each, field) for each in _conditions(entity)):
        yield "conditions ask for it"


def _conditions(entity: Entity) -> Iterator[Typed]:
    """Yield what may refuse, hide or empty something when a record is saved."""
    for check in checks_of(entity):
        yield from (typed for typed, _ in check.conditions)
    for each in live_fields(entity):
        for typed in (each.visible_when, each.required_when, each.readonly_when, each.filter):
            if typed is not None:
                yield typed
    for pipeline in entity.pipelines.values():
        if pipeline.when is not None:
            yield pipeline.when


def _asks(typed: Typed, field: str) -> bool:
    reads = typed.dependencies
    chains = (*reads.reads, *reads.outer, *reads.previous)
    return any(chain[0].field == field for chain in chains)
