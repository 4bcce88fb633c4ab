"""The filter builder: simple conditions over the formula language, and the formula itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal as OneOf

from engine.access.grants import rights_key
from engine.errors import QueryInvalid
from engine.query.parse import parse_filter
from formula import parse
from formula.errors import FormulaError
from formula.syntax import Expr, Logical, names_in
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.comparisons import COMPARISONS, Comparison, value_in
from ui.widgets import FilterKind, widget_of

SAMPLES: Mapping[str, str] = {
    "nothing": "",
    "text": '"x"',
    "number": "1",
    "percent": "1%",
    "date": "DATE(2026, 1, 1)",
    "days": "7",
    "time": '"09:30"',
}
"""Values to try a comparison with."""


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field that conditions can be about, with the comparisons that make sense of it."""

    name: str
    label: str
    comparisons: tuple[Comparison, ...]
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of the builder."""

    field: str
    operator: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class FilterBar:
    """What the builder offers and holds; `simple` when the formula fits into its lines."""

    fields: tuple[FilterField, ...]
    joined: OneOf["and", "or"]
    conditions: tuple[Condition, ...]
    text: str
    simple: bool


def filter_bar(screen: Screen, entity: Entity, text: str) -> FilterBar:
    """Return the builder for an entity, filled from a formula where it is simple enough."""
    fields = tuple(filter_fields(screen, entity))
    read = read_conditions(text, {field.name: field for field in fields}) if text else ("and", ())
    if read is None:
        return FilterBar(fields, "and", (), text, simple=False)
    joined, conditions = read
    return FilterBar(fields, joined, conditions, text, simple=True)


def filter_fields(screen: Screen, entity: Entity) -> Iterator[FilterField]:
    """Return the readable fields that conditions can be about, in the entity's order."""
    readable = screen.services.access.readable(screen.ctx, entity.key)
    for field in entity.fields.values():
        if field.retired or field.hidden or field.key not in readable or field.name == "id":
            continue
        comparisons = _comparisons(screen, entity, field)
        if comparisons:
            yield FilterField(
                name=field.name,
                label=screen.field_label(field),
                comparisons=tuple(
                    replace(each, word=screen.words.say(each.word)) for each in comparisons
                ),
                options=tuple(
                    (option.name, screen.label(option.label, option.name))
                    for option in field.options.values()
                ),
            )


def _comparisons(screen: Screen, entity: Entity, field: Field) -> tuple[Comparison, ...]:
    """Return the comparisons whose formula says something about a field, kept with the model."""
    kind = kind_of(field)
    title = _title(screen, field)
    places = {"field": field.name, "title": title, "path": f"{field.name}.{title}"}
    offered = (each.about(**places) for each in COMPARISONS[kind])

    def made() -> tuple[Comparison, ...]:
        return tuple(each for each in offered if _says_something(screen, entity, field, each))

    key = ("comparisons", entity.key, field.key, *rights_key(screen.ctx))
    return screen.ctx.compiled.keep(key, made)


def kind_of(field: Field) -> FilterKind:
    """Return the kind of comparisons for a field."""
    return widget_of(field).filter


def _says_something(screen: Screen, entity: Entity, field: Field, tried: Comparison) -> bool:
    first = next(iter(field.options.values())).name if field.options else "x"
    samples = {**SAMPLES, "option": f'"{first}"', "options": f'["{first}"]'}
    text = tried.formula.format(value=samples[tried.takes])
    try:
        parse_filter(screen.ctx, entity.key, text)
    except QueryInvalid:
        return False
    return True


def _title(screen: Screen, field: Field) -> str:
    """Return the title field of a link's target, `id` where there is none that holds text."""
    if field.link is None or len(field.link.to) != 1:
        return "id"
    target = screen.ctx.model.entities[field.link.to[0]]
    title = target.fields.get(target.title_field)
    return title.name if title is not None else "id"


def read_conditions(
    text: str, fields: Mapping[str, FilterField]
) -> tuple[OneOf["and", "or"], tuple[Condition, ...]] | None:
    """Return a formula as lines of the builder, None where it says more than they can."""
    try:
        expr = parse(text)
    except FormulaError:
        return None
    whole = _condition(expr, fields)
    if whole is not None:
        return "and", (whole,)
    if not isinstance(expr, Logical):
        return None
    found = [_condition(part, fields) for part in expr.operands]
    kept = tuple(condition for condition in found if condition is not None)
    return (expr.operator, kept) if len(kept) == len(found) else None


def _condition(expr: Expr, fields: Mapping[str, FilterField]) -> Condition | None:
    for name in dict.fromkeys(name.path[0] for name in names_in(expr)):
        field = fields.get(name)
        for comparison in field.comparisons if field is not None else ():
            value = value_in(comparison, expr)
            if value is not None:
                return Condition(name, comparison.code, value)
    return None
