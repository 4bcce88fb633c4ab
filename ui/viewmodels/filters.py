"""The filter builder: simple conditions over the formula language, and the formula itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal as OneOf

from formula import parse
from formula.errors import FormulaError
from formula.syntax import Comparison, Expr, Invoke, Literal, Logical, Name, Unary
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.widgets import FilterKind, widget_of

OPERATORS: Mapping[FilterKind, tuple[tuple[str, str], ...]] = {
    "text": (
        ("contains", "contains"), ("==", "is"), ("!=", "is not"),
        ("blank", "is blank"), ("filled", "is filled"),
    ),
    "number": (
        ("==", "="), ("!=", "≠"), (">", ">"), (">=", "≥"), ("<", "<"), ("<=", "≤"),
        ("blank", "is blank"), ("filled", "is filled"),
    ),
    "percent": (
        (">", ">"), (">=", "≥"), ("<", "<"), ("<=", "≤"), ("==", "="), ("blank", "is blank"),
    ),
    "date": (
        (">=", "from"), ("<=", "until"), ("==", "on"), ("this_month", "this month"),
        ("this_quarter", "this quarter"), ("this_year", "this year"), ("past", "in the past"),
        ("blank", "is blank"), ("filled", "is filled"),
    ),
    "choice": (("==", "is"), ("!=", "is not"), ("blank", "is blank"), ("filled", "is filled")),
    "boolean": (("true", "yes"), ("false", "no")),
    "record": (
        ("contains", "contains"), ("me", "is me"), ("blank", "is blank"), ("filled", "is filled"),
    ),
}  # fmt: skip
"""Operators offered for each kind of value: a code, and its word in English."""

VALUELESS = frozenset(
    {"blank", "filled", "true", "false", "me", "this_month", "this_quarter", "this_year", "past"}
)

PERIODS = {"month": "this_month", "quarter": "this_quarter", "year": "this_year"}


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field that conditions can be about; `path` is how a formula reads its text."""

    name: str
    label: str
    kind: FilterKind
    path: str
    operators: tuple[tuple[str, str], ...]
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


def filter_fields(screen: Screen, entity: Entity) -> list[FilterField]:
    """Return the readable fields that conditions can be about, in the entity's order."""
    readable = screen.services.access.readable(screen.ctx, entity.key)
    found = []
    for field in entity.fields.values():
        kind = widget_of(field).filter
        if kind == "none" or field.retired or field.value_type is None:
            continue
        if field.key not in readable or field.hidden or field.name == "id":
            continue
        path = _path(screen, field) if kind == "record" else field.name
        found.append(
            FilterField(
                name=field.name,
                label=screen.field_label(field),
                kind=kind,
                path=path,
                operators=_operators(screen, field, kind, path),
                options=tuple(
                    (option.name, screen.label(option.label, option.name))
                    for option in field.options.values()
                ),
            )
        )
    return found


def _operators(
    screen: Screen, field: Field, kind: FilterKind, path: str
) -> tuple[tuple[str, str], ...]:
    offered = OPERATORS[kind]
    if kind == "record":
        to_person = field.link is not None and field.link.to == ("user",)
        offered = tuple(
            pair
            for pair in offered
            if (pair[0] != "me" or to_person) and (pair[0] != "contains" or path)
        )
    return tuple((code, screen.words.say(word)) for code, word in offered)


def _path(screen: Screen, field: Field) -> str:
    """Return how to read the title of a link's target, "" where its title is a formula."""
    if field.link is None or len(field.link.to) != 1:
        return ""
    target = screen.ctx.model.entities[field.link.to[0]]
    title = target.fields.get(target.title_field)
    return f"{field.name}.{title.name}" if title is not None else ""


def read_conditions(
    text: str, fields: Mapping[str, FilterField]
) -> tuple[OneOf["and", "or"], tuple[Condition, ...]] | None:
    """Return a formula as lines of the builder, None where it says more than they can."""
    try:
        expr = parse(text)
    except FormulaError:
        return None
    joined: OneOf["and", "or"] = "and"
    parts: tuple[Expr, ...] = (expr,)
    if isinstance(expr, Logical):
        joined, parts = expr.operator, expr.operands
    found = [_condition(part, fields) for part in parts]
    kept = tuple(condition for condition in found if condition is not None)
    return (joined, kept) if len(kept) == len(found) else None


def _condition(expr: Expr, fields: Mapping[str, FilterField]) -> Condition | None:
    match expr:
        case Name(path=(name,)) if name in fields:
            return Condition(name, "true")
        case Unary(operator="not", operand=Name(path=(name,))) if name in fields:
            return Condition(name, "false")
        case Unary(operator="not", operand=Invoke("ISBLANK", (Name(path=(name,)),))):
            return Condition(name, "filled") if name in fields else None
        case Invoke("ISBLANK", (Name(path=(name,)),)) if name in fields:
            return Condition(name, "blank")
        case Invoke("CONTAINS", (Name(path=path), Literal(value=str() as text))):
            return Condition(path[0], "contains", text) if path[0] in fields else None
        case Comparison(first=first, rest=((operator, second),)):
            return _comparison(first, operator, second, fields)
        case _:
            return None


def _comparison(
    first: Expr, operator: str, second: Expr, fields: Mapping[str, FilterField]
) -> Condition | None:
    match first, second:
        case Name(path=(name,)), Name(path=("user", "id")) if name in fields and operator == "==":
            return Condition(name, "me")
        case Name(path=(name,)), Invoke("TODAY", ()) if name in fields and operator == "<":
            return Condition(name, "past")
        case Name(path=(name,)), _ if name in fields and operator not in ("in", "not in"):
            value = _value(second)
            return None if value is None else Condition(name, operator, value)
        case Invoke("STARTOF", (Name(path=(name,)), Literal(value=str() as unit))), _:
            known = name in fields and unit in PERIODS and operator == "=="
            return Condition(name, PERIODS[unit]) if known and _this(second) else None
        case _:
            return None


def _this(expr: Expr) -> bool:
    match expr:
        case Invoke("STARTOF", (Invoke("TODAY", ()), Literal())):
            return True
        case _:
            return False


def _value(expr: Expr) -> str | None:
    match expr:
        case Literal(value=value, kind="percent"):
            return format((value * 100).normalize(), "f")  # type: ignore[operator, union-attr]
        case Literal(value=value, kind=("number" | "text")):
            return str(value)
        case Invoke("DATE", (Literal(value=year), Literal(value=month), Literal(value=day))):
            return f"{year:04}-{month:02}-{day:02}"
        case _:
            return None
