"""What saving a record of an entity involves, worked out from the model once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.compiled import CompiledModel
from engine.records.checks import Check, checks_of
from engine.records.draft import STAMPS, blank
from engine.values.local import is_local
from formula.dependencies import base_of, walk
from formula.scope import CollectionBinding, FieldBinding, Step
from formula.typed import Read, Typed
from metamodel.model import Copy, Entity, Field


@dataclass(frozen=True, slots=True)
class EntityPlan:
    """What saving a record of an entity involves.

    `chains` are the ways through each link, by its key, that defaults and copies read.
    `computed` are the local computed fields, in order. `empty` are stored computed fields of
    a new record that nothing points to yet, which Python computes as well, in order. `asked`
    are the links to many records that a check wants filled. `amounts` are in a currency of
    the record's own.
    """

    entity: Entity
    blanks: Mapping[str, object]
    defaults: tuple[Field, ...]
    copies: Mapping[str, tuple[Copy, ...]]
    chains: Mapping[str, tuple[FieldBinding, ...]]
    links: tuple[Field, ...]
    computed: tuple[Field, ...]
    empty: tuple[Field, ...]
    numbers: tuple[Field, ...]
    clearing: tuple[Field, ...]
    early: tuple[Check, ...]
    late: tuple[Check, ...]
    asked: tuple[str, ...]
    amounts: tuple[Field, ...]


def plan_of(compiled: CompiledModel, entity: Entity) -> EntityPlan:
    """Return the plan of an entity, kept with the model."""
    return compiled.keep(("plan", entity.key), lambda: _plan(compiled, entity))


def _plan(compiled: CompiledModel, entity: Entity) -> EntityPlan:
    fields = [each for each in entity.fields.values() if not each.retired]
    computed = tuple(entity.fields[key] for key in compiled.graph.local_of(entity.key))
    checks = tuple(checks_of(entity))
    early = tuple(check for check in checks if _is_early(compiled, entity, check))
    return EntityPlan(
        entity=entity,
        blanks={each.key: blank(each) for each in fields if each.formula is None},
        defaults=tuple(
            each for each in fields if each.default is not None or each.default_formula is not None
        ),
        copies={each.key: each.copy for each in fields if each.copy},
        chains=_chains(fields),
        links=tuple(
            each
            for each in fields
            if each.link and not each.link.many and not each.formula and each.key not in STAMPS
        ),
        computed=computed,
        empty=tuple(_empty(compiled, entity)),
        numbers=tuple(each for each in fields if each.numbering is not None),
        clearing=tuple(each for each in fields if each.clear_when_hidden and each.visible_when),
        early=early,
        late=tuple(check for check in checks if check not in early),
        asked=tuple(
            each.key
            for each in fields
            if each.link and each.link.many and any(check.blank == each.key for check in checks)
        ),
        amounts=tuple(each for each in fields if each.currency),
    )


def _is_early(compiled: CompiledModel, entity: Entity, check: Check) -> bool:
    """Return whether a check reads nothing but what is known before the record is written."""
    local = compiled.graph.local
    each = entity.fields.get(check.blank)
    if each is not None and each.formula is not None and (entity.key, each.key) not in local:
        return False
    return all(is_local(compiled.model, entity.key, typed, local) for typed, _ in check.conditions)


def _empty(compiled: CompiledModel, entity: Entity) -> Iterator[Field]:
    """Yield stored fields that read own fields and collections of their own record only.

    Nothing points yet at a record that is being made, so its collections are empty.
    """
    known = set(compiled.graph.local)
    for stage in compiled.graph.stages:
        for key in stage.fields if stage.entity == entity.key else ():
            each = entity.fields[key]
            if each.formula is None or (entity.key, key) in compiled.graph.local:
                continue
            if _reads_itself_only(compiled, entity, each.formula, known):
                known.add((entity.key, key))
                yield each


def _reads_itself_only(
    compiled: CompiledModel, entity: Entity, formula: Typed, known: set[tuple[str, str]]
) -> bool:
    needs = formula.dependencies
    if any(collection.links for collection in needs.collections):
        return False
    for chain in (*needs.reads, *needs.outer):
        read = compiled.model.entities[chain[0].entity].fields[chain[0].field]
        if len(chain) > 1 or read.entity != entity.key:
            return False
        if read.formula is not None and (entity.key, read.key) not in known:
            return False
    return True


def _chains(fields: list[Field]) -> Mapping[str, tuple[FieldBinding, ...]]:
    """Return what copies and default formulas read through links, by the first link's key."""
    found: dict[str, dict[tuple[Step, ...], FieldBinding]] = {}
    for each in fields:
        formulas = [copy.path for copy in each.copy]
        formulas += [each.default_formula] if each.default_formula else []
        for typed in formulas:
            for binding in bindings(typed):
                if len(binding.steps) > 1:
                    found.setdefault(binding.steps[0].field, {})[binding.way] = binding
    return {link: tuple(chains.values()) for link, chains in found.items()}


def bindings(typed: Typed) -> Iterator[FieldBinding]:
    """Yield the fields of the record that a formula reads, through links or not."""
    for node in walk(typed.node):
        if isinstance(node, Read) and not isinstance(node.binding, CollectionBinding):
            read = base_of(node.binding)
            if read.root == "record":
                yield read
