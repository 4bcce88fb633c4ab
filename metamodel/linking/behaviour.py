"""Links what an entity's formulas say: titles, conditions of fields, stages, rules, uniqueness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

from formula import check, parse
from formula.typed import Typed
from metamodel.flows import Pipeline, Rule, Stage
from metamodel.label import Label
from metamodel.linking.columns import column_name
from metamodel.linking.computed import reads
from metamodel.linking.draft import Draft
from metamodel.linking.encryption import keeps_clear
from metamodel.linking.entities import text_fields
from metamodel.linking.fields import sorts_as_text
from metamodel.linking.formulas import CONDITION, Rules, check_node, condition, formula
from metamodel.linking.options import refer_option, stage_path
from metamodel.linking.splitting import split_options, split_stages, with_conditions
from metamodel.linking.wholes import taken_over
from metamodel.model import Copy, Duplicates, Entity, Field, Index, Numbering, Unique
from metamodel.nearest import nearest
from metamodel.options import choice_of
from metamodel.reader import Node
from metamodel.scope import ModelScope, find_field, scope_of

MAX_TITLE_LINKS = 4
"""How many links a title may follow before the id stands in."""


def link_behaviour(draft: Draft, key: str) -> None:
    """Give one entity everything that its formulas say, but screens and conversions."""
    node, entity = draft.nodes[key], draft.entities[key]
    scope = scope_of(draft.model, key)
    title, title_field = _title(draft, node, entity)
    _field_formulas(draft, entity, scope)
    _sort_columns(entity, title_field)
    pipelines = {k: _pipeline(draft, entity, p, scope) for k, p in entity.pipelines.items()}
    split_stages(node.child("pipelines"), entity, pipelines)
    _show_stages(entity, pipelines.values(), scope)
    draft.entities[key] = replace(
        entity,
        title=title,
        title_field=title_field,
        pipelines=pipelines,
        rules=_rules(node, entity, scope),
        unique={
            each.key: Unique(each.key, each.name, fields)
            for each in node.child("unique").live()
            if (fields := field_keys(node.child("unique"), each.name, entity))
        },
        duplicates=_duplicates(draft, node, entity),
        indexes={
            each.key: Index(each.key, fields)
            for each in node.child("indexes").live()
            if (fields := field_keys(node.child("indexes"), each.name, entity))
            and all(keeps_clear(node.child("indexes"), entity, key, at=each.name) for key in fields)
        },
    )


def field_keys(node: Node, name: str, entity: Entity) -> tuple[str, ...]:
    """Return the keys of the fields that a list names; unknown ones are reported."""
    keys = (field_key(node, each, entity, at=name) for each in node.names(name))
    return tuple(key for key in keys if key is not None)


def field_key(node: Node, name: str, entity: Entity, *, at: str = "") -> str | None:
    """Return the key of the field called `name`; report one that is not there, or is retired."""
    found = find_field(entity, name)
    if found is not None:
        node.refer(name, "entities", entity.key, "fields", found.key, at=at)
        return found.key
    retired = any(each.name == name for each in entity.fields.values())
    sentence = f"`{entity.name}` has no field `{name}`."
    hint = nearest(name, [each.name for each in entity.fields.values() if not each.retired])
    if retired:
        sentence, hint = f"The field `{name}` is retired.", "Retire this along, or keep the field."
    node.report("unknown_field", sentence, hint, at=at)
    return None


def _title(draft: Draft, node: Node, entity: Entity) -> tuple[Typed, str]:
    """Return what computes a record's title, and the field it is, if it is one."""
    scope = scope_of(draft.model, entity.key)
    if "title_formula" in node:
        typed = formula(node, "title_formula", scope, Rules(personal=False))
        return typed or entity.title, ""
    named = node.text("title")
    found = find_field(entity, named) if named else None
    if named:
        field_key(node, named, entity, at="title")
    if found is not None and not keeps_clear(node, entity, found.key, at="title"):
        return entity.title, ""
    if found is None:
        found = _natural_title(entity)
    text = _title_path(draft, entity, found)
    if text == "id":
        return entity.title, ""
    assert found is not None  # noqa: S101 - a path other than the id begins with a field
    return check(parse(text), scope), found.key


def _natural_title(entity: Entity) -> Field | None:
    fields = {each.name: each for each in text_fields(entity)}
    for name in ("name", "title", "code", "number", "subject"):
        if name in fields:
            return fields[name]
    if fields:
        return next(iter(fields.values()))
    child = entity.child_of
    links = (
        each
        for each in entity.fields.values()
        if each.link is not None
        and len(each.link.to) == 1
        and not each.builtin
        and not each.retired
        and not (child is not None and child.via == each.key)
    )
    return next(links, None)


def _title_path(draft: Draft, entity: Entity, found: Field | None) -> str:
    """Return the formula of a title: a link shows the title of what it points to."""
    names: list[str] = []
    for _ in range(MAX_TITLE_LINKS):
        if found is None or found.value_type is None or found.encrypted:
            return "id"
        names.append(found.name)
        if found.link is None:
            return ".".join(names)
        if len(found.link.to) != 1:
            return "id"
        target = draft.entities[found.link.to[0]]
        named = draft.nodes[target.key].text("title")
        if "title_formula" in draft.nodes[target.key]:
            return "id"
        found = find_field(target, named) if named else _natural_title(target)
    return "id"


def _sort_columns(entity: Entity, title_field: str) -> None:
    """Name the column of the sort key for titles and searched texts."""
    fields: dict[str, Field] = entity.fields  # type: ignore[assignment]
    for key, each in fields.items():
        if (key == title_field or each.search) and sorts_as_text(each) and not entity.system:
            fields[key] = replace(each, sort_column=column_name(key, "sort key"))


def _field_formulas(draft: Draft, entity: Entity, scope: ModelScope) -> None:
    fields: dict[str, Field] = entity.fields  # type: ignore[assignment]
    for key in list(fields):
        node = draft.fields.get((entity.key, key))
        if node is None or node.retired or entity.retired or fields[key].pipeline:
            continue
        each = fields[key]
        refer_option(node, node.get("default"), each, at="default")
        if "formula" in node:
            for other in ("default", "default_formula", "copy"):
                if other in node:
                    node.report(
                        "computed_and_given",
                        f"`{node.name}` is computed, and also has `{other}`.",
                        "Keep one of the two.",
                        at=other,
                    )
        fields[key] = replace(
            each,
            default_formula=_default(node, scope, each),
            visible_when=condition(node, "visible_when", scope),
            required_when=condition(node, "required_when", scope),
            readonly_when=condition(node, "readonly_when", scope),
            options_when=_options_when(node, each, scope),
            options=split_options(node, each, scope),
            filter=_filter(draft, node, each),
            copy=_copies(node, entity, scope),
            numbering=_numbering(node, each, scope),
        )


def _default(node: Node, scope: ModelScope, each: Field) -> Typed | None:
    if "default_formula" not in node:
        return None
    return taken_over(node.child("default_formula"), scope, each)


def _numbering(node: Node, each: Field, scope: ModelScope) -> Numbering | None:
    if each.numbering is None:
        return None
    return replace(each.numbering, assign_when=condition(node, "assign_when", scope))


def _options_when(node: Node, each: Field, scope: ModelScope) -> Mapping[str, Typed]:
    names = dict(choice_of(each.options).former)
    names |= {option.name: key for key, option in each.options.items()}
    result = {}
    for part in node.child("options_when").live():
        refer_option(part, part.name, each)
        if part.name not in names:
            part.report(
                "unknown_option",
                f"`{node.name}` has no option `{part.name}`.",
                nearest(part.name, names),
            )
            continue
        typed = check_node(part, scope, CONDITION)
        if typed is not None:
            result[names[part.name]] = typed
    return result


def _filter(draft: Draft, node: Node, each: Field) -> Typed | None:
    """Check which records may be chosen: names are the target's, `this` is this record."""
    if "filter" not in node or each.link is None:
        return None
    if not each.link.to:
        return None
    if len(each.link.to) > 1:
        node.report(
            "filter_on_several",
            f"`{node.name}` points to several entities, so it cannot have a filter.",
            "Take `filter` out, or use one link per entity.",
            at="filter",
        )
        return None
    return condition(node, "filter", scope_of(draft.model, each.link.to[0], this=each.entity))


def _copies(node: Node, entity: Entity, scope: ModelScope) -> tuple[Copy, ...]:
    copies = []
    for part in node.child("copy").live():
        key = field_key(part, part.name, entity)
        source = part.child("from") if isinstance(part.value, Mapping) else part
        target = entity.fields[key] if key else None
        typed = taken_over(source, scope, target)
        if key is None or typed is None:
            continue
        if not any(place == (entity.key, node.key) for place in reads(typed.dependencies)):
            source.report(
                "copy_from_elsewhere",
                f"`{source.value}` does not begin with `{node.name}`.",
                f"Choosing `{node.name}` copies from it: write `{node.name}.…`.",
            )
        copies.append(Copy(key, typed, part.flag("ask")))
    return tuple(copies)


def _pipeline(draft: Draft, entity: Entity, pipeline: Pipeline, scope: ModelScope) -> Pipeline:
    node = next(
        n for n in draft.nodes[entity.key].child("pipelines").items() if n.key == pipeline.key
    )
    path = partial(stage_path, entity.key, pipeline.key)
    stages: dict[str, Stage] = {}
    for part in node.child("stages").items():
        stage = pipeline.stages[part.key]
        stages[stage.key] = replace(
            stage,
            must_fill=() if stage.retired else field_keys(part, "must_fill", entity),
            enter_when=None if stage.retired else condition(part, "enter_when", scope),
            takes=with_conditions(node.child("stages"), stage.key, stage.takes, scope, path),
        )
    return replace(pipeline, stages=stages, when=condition(node, "when", scope))


def _show_stages(entity: Entity, pipelines: Iterable[Pipeline], scope: ModelScope) -> None:
    """Hide a stage field from the records that none of its pipelines is for."""
    fields: dict[str, Field] = entity.fields  # type: ignore[assignment]
    conditions: dict[str, list[Typed | None]] = {}
    for each in pipelines:
        conditions.setdefault(each.field_key, []).append(each.when)
    for key, mine in conditions.items():
        given = [typed for typed in mine if typed is not None]
        if len(given) == len(mine):
            either = " or ".join(f"({typed.text})" for typed in given)
            one_of = check(parse(either), scope, expect=CONDITION.expect)
            fields[key] = replace(fields[key], visible_when=one_of)


def _rules(node: Node, entity: Entity, scope: ModelScope) -> Mapping[str, Rule]:
    rules = {}
    for part in node.child("rules").live():
        typed = condition(part, "refuse_when", scope)
        at = part.text("at")
        key = field_key(part, at, entity, at="at") if at else None
        if typed is not None:
            message = part.label("message") or Label({"": part.name})
            rules[part.key] = Rule(
                part.key, part.name, typed, message, key or "", part.label("note")
            )
    return rules


def _duplicates(draft: Draft, node: Node, entity: Entity) -> Mapping[str, Duplicates]:
    result = {}
    for part in node.child("duplicates").live():
        match = {}
        for item in part.child("match").live():
            key = field_key(item, item.name, entity)
            if key is not None:
                match[key] = "normalized" if item.value == "normalized" else "exact"
        action = "block" if part.text("action") == "block" else "warn"
        if match:
            result[part.key] = Duplicates(
                part.key, match, action,  # type: ignore[arg-type]  # one of two words each
                *_against(draft, part, entity, tuple(match)),
            )  # fmt: skip
    return result


def _called_alike(field: Field, other: Entity) -> str:
    """Return what a field is called in another entity that is called so, now or formerly."""
    names = (field.name, *field.former, field.key)
    return next((name for name in names if find_field(other, name) is not None), field.name)


def _of_a_kind(one: Field, other: Field) -> bool:
    """Return whether values of two fields can be compared."""
    alike = type(one.value_type) is type(other.value_type)
    return alike and one.encrypted == other.encrypted


def _against(
    draft: Draft, part: Node, entity: Entity, match: tuple[str, ...]
) -> tuple[str, dict[str, str]]:
    """Return the other entity that a rule compares with, and its fields by the matched ones."""
    other = draft.entity(part, part.text("against"), at="against") if "against" in part else None
    if other is None:
        return "", {}
    given = {item.name: item for item in part.child("fields").live()}
    theirs = {}
    for key in match:
        name = entity.fields[key].name
        item = given.get(name)
        if item is not None:
            item.refer(name, "entities", entity.key, "fields", key)
        found = (
            field_key(part.child("match"), _called_alike(entity.fields[key], other), other, at=name)
            if item is None
            else field_key(part.child("fields"), str(item.value), other, at=name)
        )
        if found is not None and _of_a_kind(entity.fields[key], other.fields[found]):
            theirs[key] = found
        elif found is not None:
            part.report(
                "wrong_value",
                f"`{other.name}.{other.fields[found].name}` holds other values than `{name}`.",
                "Compare fields of one kind.",
                at="against",
            )
    return (other.key, theirs) if len(theirs) == len(match) else ("", {})
