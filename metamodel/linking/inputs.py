"""Reads what a button, an approval step or a webhook asks for: fields without a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from formula.types import ValueType
from metamodel.fields import Field
from metamodel.linking.draft import Draft
from metamodel.linking.fields import Home, link_field
from metamodel.linking.formulas import Rules, condition, formula
from metamodel.reader import Node
from metamodel.scope import ModelScope

TABLE_KEYS = ("formula", "unique", "index", "search", "inverse", "stored", "copy", "refresh")
"""Keys of a field that mean nothing where no table holds it."""


def link_inputs(draft: Draft, node: Node, scope: ModelScope) -> Mapping[str, Field]:
    """Return the fields under `input` in `node`, by name; conditions read the record at hand."""
    made: dict[str, Field] = {}
    for part in node.child("input").live():
        for key in TABLE_KEYS:
            if key in part:
                part.report(
                    "key_not_for_input",
                    f"`{key}` means nothing on `{part.name}`, which no table holds.",
                    "Take it out.",
                    at=key,
                )
        linked = link_field(draft, Home(scope.entity, ""), part)
        if linked is not None:
            made[part.name] = replace(linked, column="", columns={}, stored=False)
    inner = with_inputs(scope, made)
    for part in node.child("input").live():
        if part.name in made:
            made[part.name] = _with_formulas(part, made[part.name], inner)
    return made


def with_inputs(scope: ModelScope, inputs: Mapping[str, Field]) -> ModelScope:
    """Return a scope that knows the values asked for."""
    known: dict[str, ValueType] = {
        name: each.value_type for name, each in inputs.items() if each.value_type is not None
    }
    return replace(scope, inputs={**scope.inputs, **known})


def _with_formulas(node: Node, field: Field, scope: ModelScope) -> Field:
    return replace(
        field,
        default_formula=formula(node, "default_formula", scope, Rules(field.value_type)),
        visible_when=condition(node, "visible_when", scope),
        required_when=condition(node, "required_when", scope),
    )
