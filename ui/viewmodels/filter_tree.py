"""A filter as a person builds it: conditions in groups, of which all or any must hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from typing import Literal as OneOf

from formula import parse
from formula.errors import FormulaError
from formula.syntax import Expr, Logical, names_in
from ui.viewmodels.comparisons import Comparison, value_in
from ui.words import Words

DEEPEST = 5
"""Groups that lie in each other at most."""

Joined = OneOf["and", "or"]

BETWEEN: Mapping[Joined, str] = MappingProxyType({"and": "joined by and", "or": "joined by or"})
"""What is said between the lines of a group."""

OPEN = re.compile("…+")
"""Where the words of a comparison leave a number open."""


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field that conditions can be about, with the comparisons that make sense of it.

    `leads` when it is a link, whose own fields can be compared with as well.
    """

    name: str
    label: str
    comparisons: tuple[Comparison, ...]
    options: tuple[tuple[str, str], ...] = ()
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of the builder."""

    field: str
    operator: str
    value: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the line as the builder takes it."""
        return {"field": self.field, "operator": self.operator, "value": self.value}


@dataclass(frozen=True, slots=True)
class Group:
    """Lines and groups of which all, or any, must hold."""

    joined: Joined
    items: tuple[Condition | Group, ...] = ()

    def conditions(self) -> Iterator[Condition]:
        """Yield every line, those of inner groups too."""
        for item in self.items:
            if isinstance(item, Condition):
                yield item
            else:
                yield from item.conditions()

    def to_json(self) -> dict[str, Any]:
        """Return the group as the builder takes it."""
        return {"joined": self.joined, "items": [item.to_json() for item in self.items]}


def read_tree(text: str, fields: Mapping[str, FilterField]) -> Group | None:
    """Return a formula as groups of lines, None where it says more than they can."""
    try:
        expr = parse(text)
    except FormulaError:
        return None
    read = _read(expr, fields, 0)
    if isinstance(read, Condition):
        return Group("and", (read,))
    return read


def _read(expr: Expr, fields: Mapping[str, FilterField], depth: int) -> Condition | Group | None:
    whole = _condition(expr, fields)
    if whole is not None:
        return whole
    if not isinstance(expr, Logical) or depth >= DEEPEST:
        return None
    items: list[Condition | Group] = []
    rest = list(expr.operands)
    while rest:
        # A comparison that is two in itself is not told from its neighbours by brackets.
        pair = _condition(replace(expr, operands=tuple(rest[:2])), fields)
        item = _read(rest[0], fields, depth + 1) if pair is None else pair
        if item is None:
            return None
        items.append(item)
        rest = rest[1:] if pair is None else rest[2:]
    return Group(expr.operator, tuple(items))


def _condition(expr: Expr, fields: Mapping[str, FilterField]) -> Condition | None:
    names = [name.path for name in names_in(expr)]
    places = [".".join(path[:length]) for path in names for length in (1, 2) if len(path) >= length]
    for place in dict.fromkeys(places):
        field = fields.get(place)
        for comparison in field.comparisons if field is not None else ():
            value = value_in(comparison, expr)
            if value is not None:
                return Condition(place, comparison.code, value)
    return None


def formula_of(group: Group, fields: Mapping[str, FilterField]) -> str:
    """Return the formula that a group means, as the builder in the browser writes it."""
    parts = [_text(item, fields) for item in group.items]
    held = [part for part in parts if part]
    if len(held) == 1:
        return held[0]
    joined = f" {group.joined} "
    return joined.join(f"({part})" if _is_joined(part) else part for part in held)


def _text(item: Condition | Group, fields: Mapping[str, FilterField]) -> str:
    if isinstance(item, Group):
        return formula_of(item, fields)
    field = fields[item.field]
    comparison = next(each for each in field.comparisons if each.code == item.operator)
    return comparison.formula.format(value=_literal(comparison, item.value))


def _is_joined(part: str) -> bool:
    return " and " in part or " or " in part


def _literal(comparison: Comparison, value: str) -> str:
    match comparison.takes:
        case "nothing" | "number" | "days":
            return value
        case "percent":
            return f"{value}%"
        case "date":
            year, month, day = (int(part) for part in value.split("-"))
            return f"DATE({year}, {month}, {day})"
        case "options":
            return "[" + ", ".join(_quoted(part) for part in value.split("\n")) + "]"
        case _:
            return _quoted(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def said(group: Group, fields: Mapping[str, FilterField], words: Words) -> str:
    """Return a filter in plain words; inner groups stand in brackets."""
    between = f" {words.say(BETWEEN[group.joined])} "
    return between.join(_said(item, fields, words) for item in group.items)


def _said(item: Condition | Group, fields: Mapping[str, FilterField], words: Words) -> str:
    if isinstance(item, Group):
        inner = said(item, fields, words)
        return f"({inner})" if len(item.items) > 1 else inner
    field = fields[item.field]
    comparison = next(each for each in field.comparisons if each.code == item.operator)
    if comparison.takes == "nothing":
        return f"{field.label} {comparison.word}"
    if comparison.takes == "days":
        filled = " ".join(OPEN.sub(f" {item.value} ", comparison.word).split())
        return f"{field.label} {filled}"
    return f"{field.label} {comparison.word} {_shown(item, field, words)}"


def _shown(item: Condition, field: FilterField, words: Words) -> str:
    labels = dict(field.options)
    joint = "、" if words.language == "zh" else ", "
    shown = joint.join(labels.get(part, part) for part in item.value.split("\n"))
    comparison = next(each for each in field.comparisons if each.code == item.operator)
    if comparison.takes == "percent":
        return f"{shown}%"
    return f"“{shown}”" if comparison.takes == "text" else shown
