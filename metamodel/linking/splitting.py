"""Where the records of a new option or stage come from: of which others, under which condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from formula import FormulaError, parse
from formula.syntax import names_in
from formula.typed import Constant, Typed
from formula.types import BooleanType
from metamodel.fields import Field, Option
from metamodel.flows import Pipeline
from metamodel.linking.formulas import Rules, check_node, formula_text
from metamodel.linking.merging import keys_by_name
from metamodel.linking.options import option_path
from metamodel.model import Entity
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.references import Path
from metamodel.scope import ModelScope, find_field

TAKES = "takes"
"""Under what an option or stage says from which others it takes records."""

Takes = Mapping[str, Typed | None]
"""Conditions by the key of the one that gives records; None: it is not asked any more."""

_TAKING = Rules(BooleanType(), personal=False)


def taken_from(elements: Iterable[Node]) -> Mapping[str, Mapping[str, None]]:
    """Return for each element by key those, by key, that it takes records from."""
    found = {each.key: each for each in elements}
    names = keys_by_name(found)
    return {key: _givers(each, names, found) for key, each in found.items() if TAKES in each}


def _givers(taker: Node, names: Mapping[str, str], found: Mapping[str, Node]) -> dict[str, None]:
    givers: dict[str, None] = {}
    for each in taker.child(TAKES).items():
        key = names.get(each.name)
        if each.value is None:
            continue
        if key is None:
            sentence = f"`{taker.name}` takes from `{each.name}`, which does not exist."
            others = [other.name for other in found.values() if other is not taker]
            each.report("takes_unknown", sentence, nearest(each.name, others))
        elif key == taker.key:
            sentence = f"`{taker.name}` takes records from itself."
            each.report("takes_itself", sentence, "Name the one that its records come from.")
        else:
            givers[key] = None
    return givers


def refuse_shared(options: Node) -> None:
    """Report options of a shared set that take records: of which kind they are, nobody knows."""
    for each in options.items():
        if TAKES in each:
            each.report(
                "takes_shared",
                f"`{each.name}` stands in a set that several fields share, and says `takes`.",
                "Give the field whose records are meant `options` of its own, with these names, "
                "in place of `choices`, and say it there.",
                at=TAKES,
            )


def with_conditions(
    elements: Node, taker: str, takes: Takes, scope: ModelScope, path: Callable[[str], Path]
) -> Takes:
    """Return the checked conditions of one element, by key; `path` is of keys, of any of them.

    Of a retired element, and where a field is retired that it reads, none is asked any more.
    """
    found = {each.key: each for each in elements.items()}
    part, names = found.get(taker), keys_by_name(found)
    if not takes or part is None or part.retired:
        return takes
    checked: dict[str, Typed | None] = {}
    for each in part.child(TAKES).items():
        key = names.get(each.name)
        if key is not None and key in takes:
            each.refer(each.name, *path(key))
            checked[key] = _checked(each, scope)
    return checked


def split_options(node: Node, field: Field, scope: ModelScope) -> Mapping[str, Option]:
    """Return the options of a field with their conditions."""
    if not any(option.takes for option in field.options.values()):
        return field.options
    elements = node.child("options")
    options = {
        key: replace(
            option,
            takes=with_conditions(
                elements, key, option.takes, scope, lambda giver: option_path(field, giver)
            ),
        )
        for key, option in field.options.items()
    }
    _refuse_circle(options, {each.key: each for each in elements.items()})
    return options


def split_stages(node: Node, entity: Entity, pipelines: Mapping[str, Pipeline]) -> None:
    """Give the fields that go through the pipelines in `node` the conditions of their stages."""
    fields: dict[str, Field] = entity.fields  # type: ignore[assignment]
    said: dict[str, dict[str, Node]] = {}
    for each in node.items():
        field_key = pipelines[each.key].field_key if each.key in pipelines else ""
        stages = (stage for stage in each.child("stages").items() if TAKES in stage)
        said.setdefault(field_key, {}).update((stage.key, stage) for stage in stages)
    for pipeline in pipelines.values():
        taking = {key: stage.takes for key, stage in pipeline.stages.items() if stage.takes}
        field = fields.get(pipeline.field_key)
        if taking and field is not None:
            options = {
                key: replace(option, takes={**option.takes, **taking.get(key, {})})
                for key, option in field.options.items()
            }
            fields[field.key] = replace(field, options=options)
    for key, nodes in said.items():
        if key in fields:
            _refuse_circle(fields[key].options, nodes)


def _refuse_circle(options: Mapping[str, Option], nodes: Mapping[str, Node]) -> None:
    """Report options that take records from each other in a circle: which goes first, is open."""
    try:
        in_flow(options).prepare()
    except CycleError as circle:
        ring = circle.args[1]
        names = " → ".join(options[key].name for key in ring)
        nodes[ring[1]].report(
            "takes_cycle",
            f"Records would go round in a circle: {names}.",
            "Take one of these `takes` out, or write `false` for its condition where it was "
            "carried out before: its records stay where they are.",
            at=TAKES,
        )


def in_flow(options: Mapping[str, Option]) -> TopologicalSorter[str]:
    """Return options by key, those that give records before those in use that take them."""
    return TopologicalSorter(
        {
            key: tuple(giver for giver, when in option.takes.items() if when is not None)
            for key, option in options.items()
            if not option.retired
        }
    )


def _checked(node: Node, scope: ModelScope) -> Typed | None:
    if _is_past(formula_text(node.value), scope):
        return None
    typed = check_node(node, scope, _TAKING)
    if typed is None or (isinstance(typed.node, Constant) and typed.node.value is False):
        return None
    if typed.dependencies.previous:
        sentence = "A record that is moved is not being changed: it has nothing `previous`."
        node.report("takes_previous", sentence, "Ask for what the record has now.")
        return None
    return typed


def _is_past(text: str, scope: ModelScope) -> bool:
    """Return whether a condition asks for a field that is retired by now."""
    try:
        names = names_in(parse(text))
    except FormulaError:
        return False
    return any(_ends_retired(scope, name.path) for name in names)


def _ends_retired(scope: ModelScope, path: Path) -> bool:
    entity: Entity | None = scope.model.entities[scope.entity]
    for name in path:
        if entity is None:
            return False
        field = find_field(entity, name)
        if field is None:
            gone = (e for e in entity.fields.values() if e.retired)
            return name in entity.purged or any(name in (e.name, e.key) for e in gone)
        link = field.link
        entity = scope.model.entities.get(link.to[0]) if link and len(link.to) == 1 else None
    return False
