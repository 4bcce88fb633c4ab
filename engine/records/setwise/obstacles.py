"""What stands against setting fields of many records in one statement."""

from __future__ import annotations

from collections.abc import Iterator

from engine.compiled import CompiledModel
from engine.records.checks import Check, checks_of
from engine.records.draft import is_searched
from engine.records.numbers import is_ahead
from engine.records.plans import plan_of
from engine.schema.tables import live_fields, unique_rules
from engine.values.graph import inputs
from formula.typed import Typed
from metamodel.model import Entity, Field

TYPES = frozenset(
    {"text", "long_text", "integer", "decimal", "money", "percent", "rating", "progress",
     "boolean", "date", "datetime", "time", "choice"}
)  # fmt: skip
"""Field types whose values are one column, which tells nothing else."""


def why_not_set(compiled: CompiledModel, entity: Entity, keys: frozenset[str]) -> str:
    """Return why fields, by key, are set record by record, "" where they need not be."""
    return compiled.keep(
        ("set many", entity.key, keys), lambda: (next(_obstacles(compiled, entity, keys), ""),)
    )[0]


def _obstacles(compiled: CompiledModel, entity: Entity, keys: frozenset[str]) -> Iterator[str]:
    if entity.child_of is not None:
        yield "lines change the record that holds them"
    if entity.builtin:
        yield "people come with accounts"
    plan = plan_of(compiled, entity)
    if plan.amounts:
        yield "amounts in currencies take rates"
    if not all(map(is_ahead, plan.numbers)):
        yield "numbers are given when their time has come"
    for key in sorted(keys):
        yield from _obstacles_of(entity, entity.fields[key])
    if any(each.freeze_on for each in live_fields(entity)):
        yield "fields are kept as they were at some stage"
    yield from _following(compiled, entity, keys)


def _following(compiled: CompiledModel, entity: Entity, keys: frozenset[str]) -> Iterator[str]:
    """Yield what asks for the fields, or for those that are computed from them."""
    following = compiled.graph.following(entity.key, keys)
    if any((entity.key, key) in compiled.graph.local for key in following):
        yield "other fields are computed before they are written"
    matched = {key for rule in unique_rules(entity) for key in rule.fields}
    matched |= {key for rule in entity.duplicates.values() for key in rule.match}
    if matched & following:
        yield "they are matched with those of others"
    for typed in _conditions(compiled, entity):
        if _asks(compiled, entity, typed, following):
            yield "what may be filled in depends on them"
    for check in checks_at(compiled, entity, keys):
        if check.updates_only or any(typed.dependencies.previous for typed, _ in check.conditions):
            yield "rules compare with what was before"


def _obstacles_of(entity: Entity, each: Field) -> Iterator[str]:
    name = each.name
    if each.type not in TYPES or each.columns or not each.column or each.pipeline:
        yield f"{name}: type {each.type}"
    if each.encrypted or each.plain_column or each.sort_column or is_searched(entity, each):
        yield f"{name}: it is kept in several ways"
    if each.clear_when_hidden or each.readonly_when is not None:
        yield f"{name}: it is not always free to be changed"


def checks_at(compiled: CompiledModel, entity: Entity, keys: frozenset[str]) -> tuple[Check, ...]:
    """Return the checks that speak of a record in which these fields were set."""
    touched = compiled.graph.following(entity.key, keys)
    return tuple(each for each in checks_of(entity) if not each.changes or each.changes & touched)


def _conditions(compiled: CompiledModel, entity: Entity) -> Iterator[Typed]:
    """Yield what empties fields, limits their choice, or says which stages there are."""
    for each in live_fields(entity):
        if each.filter is not None:
            yield each.filter
    for each in plan_of(compiled, entity).clearing:
        if each.visible_when is not None:
            yield each.visible_when
    for pipeline in entity.pipelines.values():
        if pipeline.when is not None:
            yield pipeline.when


def _asks(
    compiled: CompiledModel, entity: Entity, typed: Typed, fields: frozenset[str] | set[str]
) -> bool:
    """Return whether a condition reads one of some fields, by whatever way."""
    if any(chain[0].field in fields for chain in typed.dependencies.previous):
        return True
    read = inputs(compiled.model, entity.key, typed)
    return any(source == entity.key and field in fields for _, source, field in read)
