"""What has a set-wise form, and what sends a batch through the one-by-one form instead."""

from __future__ import annotations

from collections.abc import Iterator

from engine.compiled import CompiledModel
from engine.records.numbers import is_ahead
from engine.records.plans import plan_of
from engine.records.setwise.filling import told_texts, why_not_told
from engine.schema.tables import unique_rules
from engine.values.graph import EXISTS
from engine.values.sheet import Sheet
from metamodel.model import Entity, Field

TYPES = frozenset(
    {
        "text", "long_text", "phone", "email", "url", "color", "code", "autonumber",
        "integer", "decimal", "money", "percent", "rating", "progress", "boolean", "date",
        "datetime", "time", "duration", "choice", "multi_choice", "tags", "link", "user",
        "team", "department", "uuid",
    }
)  # fmt: skip
"""Field types whose values a batch may bring: each is one column, read by itself."""


class NotSetwise(Exception):  # noqa: N818 - not an error: the batch goes one by one
    """Says that a batch has no set-wise form; `reason` for whoever wonders about its speed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def why_not(compiled: CompiledModel, entity: Entity) -> str:
    """Return why records of an entity are made one by one, "" where they need not be."""
    found = compiled.keep(
        ("setwise", entity.key), lambda: (next(_obstacles(compiled, entity), ""),)
    )
    return found[0]


def columns_why_not(entity: Entity, sheet: Sheet) -> str:
    """Return why these columns have no set-wise form, "" where they have one."""
    collections = {each.name for each in entity.collections.values() if each.children}
    for name in sheet.columns:
        if name in collections:
            return f"{name}: lines come nested"
        each = entity.field_named(name)
        if each is not None and not _is_simple(each):
            return f"{name}: type {each.type}"
    return ""


def _is_simple(each: Field) -> bool:
    return each.type in TYPES and not (each.link is not None and each.link.many)


def _obstacles(compiled: CompiledModel, entity: Entity) -> Iterator[str]:
    if entity.child_of is not None:
        yield "lines change the record that holds them"
    if entity.builtin:
        yield "people come with accounts"
    pipelines = list(entity.pipelines.values())
    followed = {each.field_key for each in pipelines}
    if len(pipelines) > len(followed) or any(each.when is not None for each in pipelines):
        yield "which pipelines a record follows is asked of each"
    plan = plan_of(compiled, entity)
    if plan.clearing:
        yield "fields are emptied when hidden"
    if plan.amounts:
        yield "amounts in currencies take rates"
    for each in plan.numbers:
        if not is_ahead(each):
            yield f"{each.name}: numbers are taken one by one"
    for each in entity.fields.values():
        yield from _obstacles_of(entity, each)
    yield from _computed_keys(compiled, entity)
    if _is_circular(compiled, entity):
        yield "new records read totals that they change"


def _obstacles_of(entity: Entity, each: Field) -> Iterator[str]:
    if each.retired:
        return
    if each.freeze_on not in ("", "created"):
        yield f"{each.name}: kept from a stage on"
    if (each.default is not None or each.default_formula is not None) and not _is_simple(each):
        yield f"{each.name}: type {each.type} with a default"
    for copy in each.copy:
        if not _is_simple(entity.fields[copy.field]) or entity.fields[copy.field].columns:
            yield f"{copy.field}: a copied value of type {entity.fields[copy.field].type}"


def _computed_keys(compiled: CompiledModel, entity: Entity) -> Iterator[str]:
    """Yield computed fields that must be known before a row is staged, and are not."""
    for each in told_texts(compiled, entity):
        reason = why_not_told(compiled, entity, each)
        if reason:
            yield f"{each.name}: {reason}"
    matched = {key for rule in unique_rules(entity) for key in rule.fields}
    matched |= {key for rule in entity.duplicates.values() for key in rule.match}
    for each in entity.fields.values():
        if each.filter is not None and not each.retired:
            matched |= {chain[0].field for chain in each.filter.dependencies.outer}
    for key in sorted(matched):
        if entity.fields[key].formula is not None:
            yield f"{entity.fields[key].name}: a computed value is matched with others"


def _is_circular(compiled: CompiledModel, entity: Entity) -> bool:
    """Return whether what follows from a new record comes back to the entity's own fields."""
    graph = compiled.graph
    waiting = [(entity.key, field) for field in graph.following(entity.key, {EXISTS})]
    seen = set(waiting)
    while waiting:
        source, field = waiting.pop()
        for edge in graph.edges.get(source, ()):
            if edge.source_field != field:
                continue
            for after in graph.following(edge.entity, {edge.field}):
                if edge.entity == entity.key:
                    return True
                if (edge.entity, after) not in seen:
                    seen.add((edge.entity, after))
                    waiting.append((edge.entity, after))
    return False
