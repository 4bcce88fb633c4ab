"""Filters, orders, paths, groups and measures from the text that people and programs send."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from engine.access.fields import may_read
from engine.access.grants import rights_key
from engine.context import Context
from engine.errors import QueryInvalid
from engine.query.legible import LegibleScope, live_entity, steps_of, unknown
from formula.checker import check
from formula.errors import FormulaError, FormulaProblem, Span
from formula.naming import nearest
from formula.parser import parse
from formula.scope import (
    CollectionBinding,
    EntityBinding,
    FieldBinding,
    Path,
    SharedBinding,
    TableBinding,
)
from formula.sealed import with_stand_ins
from formula.typed import Typed
from formula.types import BooleanType, ListType
from metamodel.scope import scope_of
from metamodel.showing import shown
from metamodel.views import FieldPath, Sort

Item = TypeVar("Item")


def parse_filter(ctx: Context, entity: str, text: str) -> Typed:
    """Return a filter's condition; raise `QueryInvalid` with every problem and its place."""

    def read() -> Typed:
        return check(parse(text), _scope(ctx, entity), expect=BooleanType(), exact=True)

    typed = _kept(ctx, ("filter", entity, text), "filter", read)
    # Not kept: the model may be that of several tenants, and each has a key of its own.
    return with_stand_ins(typed, lambda _, value: ctx.rings.ring(ctx.tenant).blind(value))


def parse_group(ctx: Context, entity: str, text: str) -> Typed:
    """Return what rows are grouped by: a formula over one row."""

    def read() -> Typed:
        typed = check(parse(text), _scope(ctx, entity))
        if isinstance(typed.type, ListType):
            raise FormulaError((_several("not_groupable", text),))
        return typed

    return _kept(ctx, ("group", entity, text), "group_by", read)


def parse_measure(ctx: Context, entity: str, text: str) -> Typed:
    """Return a measure: a formula of aggregates over the query's own rows."""

    def read() -> Typed:
        return check(parse(text), _scope(ctx, entity), measure=True)

    return _kept(ctx, ("measure", entity, text), "measures", read)


def parse_path(
    ctx: Context, entity: str, text: str, *, where: str = "fields", start: int = 0
) -> FieldPath:
    """Return what a dotted path leads to; `start` is where it stands in the text that was sent."""
    scope = _scope(ctx, entity)
    path = tuple(text.split("."))
    found = scope.lookup(path)
    if found is None:
        stored = scope.name_of(path)
        found = scope.lookup(stored) if stored is not None else None
    if found is None or isinstance(found, CollectionBinding | EntityBinding | SharedBinding):
        found = _shown(ctx, entity, path)
    if found is None:
        hint = nearest(text, scope.suggestions(path))
        raise unknown(text, where=where, hint=hint, start=start)
    return FieldPath(text, found)


def _shown(ctx: Context, entity: str, path: Path) -> FieldBinding | TableBinding | None:
    """Return what a list can show and no formula reads, if the person may read all of it."""
    found = shown(scope_of(ctx.model, entity), path)
    legible = found is not None and all(may_read(ctx, step) for step in steps_of(found))
    return found if legible else None


def parse_paths(ctx: Context, entity: str, text: str) -> tuple[FieldPath, ...]:
    """Return the paths of a list such as `name,customer.name`, or every problem in it."""
    return _each(text, "fields", lambda part, at: parse_path(ctx, entity, part, start=at))


def parse_sort(ctx: Context, entity: str, text: str) -> tuple[Sort, ...]:
    """Return the order of a text such as `-amount,name`, or every problem in it."""

    def read(part: str, at: int) -> Sort:
        name = part.lstrip("+-")
        at += len(part) - len(name)
        path = parse_path(ctx, entity, name, where="sort", start=at)
        if isinstance(path.binding.type, ListType):
            raise QueryInvalid([_several("not_sortable", name, at)], where="sort")
        if isinstance(path.binding, FieldBinding) and path.binding.sealed:
            raise QueryInvalid([_encrypted(name, at)], where="sort")
        return Sort(path, descending=part.startswith("-"))

    return _each(text, "sort", read)


def _each(text: str, where: str, read: Callable[[str, int], Item]) -> tuple[Item, ...]:
    """Read the parts of a list separated by commas; raise all their problems at once."""
    found: list[Item] = []
    problems: list[FormulaProblem] = []
    at = 0
    for part in text.split(","):
        try:
            if part.strip():
                found.append(read(part.strip(), at + len(part) - len(part.lstrip())))
        except QueryInvalid as error:
            problems.extend(error.problems)
        at += len(part) + 1
    if problems:
        raise QueryInvalid(problems, where=where)
    return tuple(found)


def _kept(ctx: Context, key: tuple[str, str, str], where: str, read: Callable[[], Typed]) -> Typed:
    """Return a checked formula, kept with the model for everybody with the same rights."""
    try:
        return ctx.compiled.keep((*key, *rights_key(ctx)), read)
    except FormulaError as error:
        raise QueryInvalid(error.problems, where=where) from error


def _scope(ctx: Context, entity: str) -> LegibleScope:
    return LegibleScope(ctx, scope_of(ctx.model, live_entity(ctx, entity).key))


def _encrypted(text: str, start: int) -> FormulaProblem:
    message = f"`{text}` is encrypted, so that nothing comes before or after another by it"
    return FormulaProblem("encrypted", message, Span(start, start + len(text)), "sort otherwise")


def _several(code: str, text: str, start: int = 0) -> FormulaProblem:
    message = f"`{text}` has several values in one row"
    return FormulaProblem(code, message, Span(start, start + len(text)), "name a field with one")
