"""The formulas of a form, compiled for the browser: what is live, under which id, as one script.

CSP forbids evaluating text, so every formula that a form follows is a function in a
script that is generated per entity and revision.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from formula.backends.js import compile_js
from formula.scope import Step
from formula.typed import Dependencies, Typed
from formula.types import BooleanType, NumberType, PercentType, ValueType, type_names
from metamodel.model import Collection, Entity, Field, Model


@dataclass(frozen=True, slots=True)
class LiveField:
    """A computed field that the browser follows; numbers are rounded to `scale`."""

    name: str
    scale: int | None
    formula: Typed


def formula_id(typed: Typed | None) -> str:
    """Return the name of a formula's function in the script, "" for none."""
    if typed is None:
        return ""
    return "f" + hashlib.sha256(typed.text.encode()).hexdigest()[:12]


def lines_of(model: Model, entity: Entity) -> Iterator[tuple[Collection, Entity]]:
    """Return the collections whose members are edited inside this entity's forms."""
    for collection in entity.collections.values():
        if collection.children:
            yield collection, model.entities[collection.entity]


def live_fields(model: Model, entity: Entity) -> Iterator[LiveField]:
    """Return the computed fields that a form can follow from what it holds."""
    for field in entity.fields.values():
        if field.formula is None or field.retired:
            continue
        if followable(model, entity, field.formula):
            yield LiveField(field.name, field_scale(field), field.formula)


def field_scale(field: Field) -> int | None:
    """Return the decimals that a number is kept with."""
    if field.scale is not None:
        return field.scale
    if isinstance(field.value_type, (NumberType, PercentType)):
        return field.value_type.scale
    return None


def followable(model: Model, entity: Entity, typed: Typed) -> bool:
    """Return whether a form holds everything that a formula reads.

    It holds the record's own fields, those of linked records, and its child lines.
    """
    reads = typed.dependencies
    if reads.previous or reads.outer and not reads.collections:
        return False
    held = {
        (child.child_of.via, child.key) for _, child in lines_of(model, entity) if child.child_of
    }
    return all(
        not read.links and (read.via.field, read.entity) in held for read in reads.collections
    )


def form_formulas(entity: Entity) -> Iterator[Typed]:
    """Return every condition and default that forms of an entity follow."""
    for field in entity.fields.values():
        yield from _present(
            field.visible_when, field.required_when, field.readonly_when, field.default_formula
        )
        yield from field.options_when.values()
        for copy in field.copy:
            yield copy.path
    for form in entity.forms.values():
        for tab in form.tabs:
            yield from _present(tab.visible_when)
            for section in tab.sections:
                yield from _present(section.visible_when)
                for item in section.items:
                    yield from _present(item.visible_when, item.required_when, item.readonly_when)


def _present(*found: Typed | None) -> Iterator[Typed]:
    return (typed for typed in found if typed is not None)


def linked_paths(model: Model, entity: Entity) -> dict[str, frozenset[tuple[Step, ...]]]:
    """Return what a form must know of linked records: by link field key, chains of steps."""
    found: dict[str, set[tuple[Step, ...]]] = {}
    for typed in (*form_formulas(entity), *(live.formula for live in live_fields(model, entity))):
        for chain in _chains(typed.dependencies, entity.key):
            found.setdefault(chain[0].field, set()).add(chain)
    for parent in model.entities.values():
        for _, child in lines_of(model, parent):
            if child.key == entity.key:
                for live in live_fields(model, parent):
                    for chain in _member_chains(live.formula.dependencies, entity.key):
                        found.setdefault(chain[0].field, set()).add(chain)
    return {field: frozenset(chains) for field, chains in found.items()}


def _chains(reads: Dependencies, entity: str) -> Iterable[tuple[Step, ...]]:
    return (chain for chain in reads.reads if len(chain) > 1 and chain[0].entity == entity)


def _member_chains(reads: Dependencies, entity: str) -> Iterable[tuple[Step, ...]]:
    for collection in reads.collections:
        if collection.entity == entity:
            yield from (chain for chain in collection.reads if len(chain) > 1)


def script(model: Model, entity: Entity) -> str:
    """Return the script of an entity's forms: functions by id, live fields and types by entity."""
    followed = [entity, *(child for _, child in lines_of(model, entity))]
    functions: dict[str, str] = {}
    described = {}
    for each in followed:
        live = list(live_fields(model, each))
        formulas = [f for f in form_formulas(each) if followable(model, each, f)]
        for typed in (*formulas, *(field.formula for field in live)):
            functions[formula_id(typed)] = compile_js(typed)
        described[each.name] = _description(model, each, live)
    chinese = json.dumps(any("rt.pinyin" in text for text in functions.values()))
    body = ",\n".join(f"  {name}: {text}" for name, text in sorted(functions.items()))
    return (
        f"export const formulas = {{\n{body}\n}};\n"
        f"export const entities = {json.dumps(described, ensure_ascii=False, sort_keys=True)};\n"
        f"export const readsChinese = {chinese};\n"
    )


def _description(model: Model, entity: Entity, live: list[LiveField]) -> dict[str, object]:
    return {
        "types": dict(_types(model, entity)),
        "live": {
            field.name: {"formula": formula_id(field.formula), "scale": field.scale}
            for field in live
        },
        "lines": {collection.name: child.name for collection, child in lines_of(model, entity)},
        "parent": entity.fields[entity.child_of.via].name if entity.child_of else "",
    }


def _types(model: Model, entity: Entity) -> Iterator[tuple[str, str]]:
    """Return the type of every name that formulas of a form may read, dotted paths included."""
    for field in entity.fields.values():
        if field.value_type is not None and not field.retired:
            yield field.name, type_name(field.value_type)
    for chains in linked_paths(model, entity).values():
        for chain in chains:
            last = model.entities[chain[-1].entity].fields[chain[-1].field]
            if last.value_type is not None:
                yield dotted(model, chain), type_name(last.value_type)


def dotted(model: Model, chain: tuple[Step, ...]) -> str:
    """Return a chain of steps as people write it."""
    return ".".join(model.entities[step.entity].fields[step.field].name for step in chain)


def type_name(value_type: ValueType) -> str:
    """Return what a type is called in scripts and messages."""
    if isinstance(value_type, BooleanType):
        return "boolean"
    return type_names[type(value_type).__name__]
