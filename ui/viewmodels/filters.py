"""The filter builder: simple conditions over the formula language, and the formula itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.access.grants import rights_key
from engine.errors import QueryInvalid
from engine.query.parse import parse_filter
from formula import parse
from formula.errors import FormulaError
from formula.syntax import names_in
from metamodel.model import Entity, Field
from metamodel.views import ColorRule
from ui.screen import Screen
from ui.viewmodels.comparisons import COMPARISONS, Comparison
from ui.viewmodels.filter_tree import Condition, FilterField, Group, read_tree, said
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
class FilterBar:
    """What the builder offers and holds; `simple` when the formula fits into its lines.

    `tree` is what it holds as JSON, `said` the same in plain words, `more_url` where the fields of
    a link are asked for.
    """

    fields: tuple[FilterField, ...]
    conditions: tuple[Condition, ...]
    text: str
    simple: bool
    tree: str = ""
    said: str = ""
    more_url: str = ""


@dataclass(frozen=True, slots=True)
class FilterFields:
    """Fields behind a link that are asked for once somebody compares with them."""

    fields: tuple[FilterField, ...]


def filter_bar(screen: Screen, entity: Entity, text: str) -> FilterBar:
    """Return the builder for an entity, filled from a formula where its lines can say it."""
    fields = (*filter_fields(screen, entity), *_linked(screen, entity, text))
    known = {field.name: field for field in fields}
    more = screen.url("records", entity.name, "filter-fields")
    tree = read_tree(text, known) if text else Group("and")
    if tree is None:
        return FilterBar(fields, (), text, simple=False, said=text, more_url=more)
    return FilterBar(
        fields, tuple(tree.conditions()), text, simple=True,
        tree=json.dumps(tree.to_json(), ensure_ascii=False),
        said=said(tree, known, screen.words), more_url=more,
    )  # fmt: skip


def color_rules(screen: Screen, entity: Entity, rules: Sequence[ColorRule]) -> str:
    """Return colour rules as JSON; each with the builder's line that says it, if one does."""
    if not rules:
        return "[]"
    known = {field.name: field for field in filter_fields(screen, entity)}
    told = []
    for rule in rules:
        tree = read_tree(rule.when.text, known)
        lines = list(tree.conditions()) if tree is not None else []
        line = lines[0].to_json() if len(lines) == 1 else None
        told.append({"when": rule.when.text, "color": rule.color, "line": line})
    return json.dumps(told, ensure_ascii=False)


def _linked(screen: Screen, entity: Entity, text: str) -> Iterator[FilterField]:
    """Yield the fields behind those links that a formula looks through."""
    try:
        names = [name.path for name in names_in(parse(text))] if text else []
    except FormulaError:
        return
    for name in dict.fromkeys(path[0] for path in names if len(path) > 1):
        yield from linked_fields(screen, entity, name)


def linked_fields(screen: Screen, entity: Entity, name: str) -> tuple[FilterField, ...]:
    """Return the fields behind a link that the person may read, none for what is no link to one."""
    link = entity.field_named(name)
    readable = screen.services.access.readable(screen.ctx, entity.key)
    if link is None or link.key not in readable or not _leads(screen, link):
        return ()
    target = screen.ctx.model.entities[link.link.to[0]]  # type: ignore[union-attr]  # it leads
    return tuple(
        replace(field, label=f"{screen.field_label(link)} · {field.label}", leads=False)
        for field in _fields(screen, entity, target, f"{link.name}.")
    )


def _leads(screen: Screen, field: Field) -> bool:
    link = field.link
    return link is not None and not link.many and len(link.to) == 1


def filter_fields(screen: Screen, entity: Entity) -> Iterator[FilterField]:
    """Return the readable fields that conditions can be about, in the entity's order."""
    return _fields(screen, entity, entity, "")


def _fields(screen: Screen, entity: Entity, target: Entity, before: str) -> Iterator[FilterField]:
    readable = screen.services.access.readable(screen.ctx, target.key)
    for field in target.fields.values():
        if field.retired or field.hidden or field.key not in readable or field.name == "id":
            continue
        comparisons = _comparisons(screen, entity, field, before)
        if comparisons:
            yield FilterField(
                name=f"{before}{field.name}",
                label=screen.field_label(field),
                comparisons=tuple(
                    replace(each, word=screen.words.say(each.word)) for each in comparisons
                ),
                options=tuple(
                    (option.name, screen.label(option.label, option.name))
                    for option in field.options.values()
                ),
                leads=_leads(screen, field),
            )


def _comparisons(
    screen: Screen, entity: Entity, field: Field, before: str
) -> tuple[Comparison, ...]:
    """Return the comparisons whose formula says something about a field, kept with the model."""
    kind = kind_of(field)
    title = _title(screen, field)
    name = f"{before}{field.name}"
    places = {"field": name, "title": title, "path": f"{name}.{title}"}
    offered = (each.about(**places) for each in COMPARISONS[kind])

    def made() -> tuple[Comparison, ...]:
        return tuple(each for each in offered if _says_something(screen, entity, field, each))

    key = ("comparisons", entity.key, name, *rights_key(screen.ctx))
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
