"""A kept view over the present model: what of it still means something, and what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, TypeVar

from engine.context import Context
from engine.errors import QueryInvalid
from engine.query.legible import steps_of
from engine.query.parse import parse_filter, parse_group, parse_path, parse_sort
from engine.views.spec import ColumnSpec, ViewSpec
from formula.scope import FieldBinding, Step
from formula.typed import Typed
from formula.types import (
    DateTimeType,
    DateType,
    DurationType,
    ListType,
    NumberType,
    PercentType,
)
from metamodel.label import Label
from metamodel.model import Entity
from metamodel.views import ColorRule, FieldPath, Sort, View, ViewColumn

Found = TypeVar("Found")

Total = Literal["sum", "avg", "min", "max", "count"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A view that can be shown, and the parts of it that cannot be any more, as they were kept.

    `height` and `frozen` are how its list is drawn.
    """

    view: View
    missing: tuple[str, ...] = ()
    height: str = ""
    frozen: int = 1


def opened(ctx: Context, entity: Entity, below: View, spec: ViewSpec) -> Opened:
    """Return a view of the model with what a spec says laid over it."""
    reader = _Reader(ctx, entity)
    columns = reader.columns(below, spec.columns) or below.columns
    view = replace(
        below,
        columns=columns,
        filter=below.filter if spec.filter is None else reader.condition(spec.filter),
        sort=below.sort if spec.sort is None else reader.order(spec.sort),
        group=below.group if spec.group is None else tuple(reader.groups(spec.group)),
        colors=below.colors if spec.colors is None else tuple(reader.colors(spec)),
        options={**below.options, **spec.options},
    )
    frozen = 1 if spec.frozen is None else spec.frozen
    return Opened(view, tuple(dict.fromkeys(reader.missing)), spec.height, frozen)


@dataclass(frozen=True, slots=True)
class Kept:
    """A spec as JSON keeps it, and every field that it shows, filters, sorts or colours by."""

    spec: Mapping[str, Any]
    uses: tuple[str, ...]


def kept(ctx: Context, entity: Entity, spec: ViewSpec) -> Kept:
    """Return a spec of a list or board as it is kept; each field is `entity.field` by key."""
    made = opened(ctx, entity, View("", "", "list", Label()), spec).view
    steps: set[Step] = set()
    paths = [column.path for column in made.columns] + [item.path for item in made.sort]
    for path in (*paths, *made.group):
        steps.update(steps_of(path.binding))
    for typed in (made.filter, *(rule.when for rule in made.colors)):
        if typed is not None:
            steps.update(step for way in typed.dependencies.reads for step in way)
    uses = sorted(f"{step.entity}.{step.field}" for step in steps if step.entity)
    return Kept(spec.to_json(), tuple(uses))


class _Reader:
    """Reads the texts of a spec, and notes those that mean nothing any more."""

    def __init__(self, ctx: Context, entity: Entity) -> None:
        self.missing: list[str] = []
        self._ctx = ctx
        self._entity = entity

    def columns(self, below: View, wanted: tuple[ColumnSpec, ...]) -> tuple[ViewColumn, ...]:
        own = {column.path.text: column for column in below.columns}
        return tuple(self._columns(own, wanted))

    def _columns(
        self, own: dict[str, ViewColumn], wanted: tuple[ColumnSpec, ...]
    ) -> Iterator[ViewColumn]:
        for each in wanted:
            known = own.get(each.path)
            path = known.path if known is not None else self.path(each.path)
            if path is None:
                continue
            label = Label({"": each.label}) if each.label else known.label if known else Label()
            total: Total | Literal[""] = next((t for t in totals_of(path) if t == each.total), "")
            yield ViewColumn(path, label, each.width, total)

    def path(self, text: str) -> FieldPath | None:
        return self._read(text, lambda: parse_path(self._ctx, self._entity.key, text))

    def condition(self, text: str) -> Typed | None:
        if not text.strip():
            return None
        return self._read(text, lambda: parse_filter(self._ctx, self._entity.key, text))

    def order(self, text: str) -> tuple[Sort, ...]:
        found = self._read(text, lambda: parse_sort(self._ctx, self._entity.key, text))
        return found or ()

    def groups(self, texts: tuple[str, ...]) -> Iterator[FieldPath]:
        for text in texts:
            found = self._read(text, partial(self._group, text))
            if found is not None:
                yield found

    def _group(self, text: str) -> FieldPath:
        parse_group(self._ctx, self._entity.key, text)
        return parse_path(self._ctx, self._entity.key, text)

    def colors(self, spec: ViewSpec) -> Iterator[ColorRule]:
        for at, each in enumerate(spec.colors or ()):
            typed = self.condition(each.when)
            if typed is not None:
                yield ColorRule(f"color{at}", typed, each.color)

    def _read(self, text: str, read: Callable[[], Found]) -> Found | None:
        try:
            return read()
        except QueryInvalid:
            self.missing.append(text)
            return None


def totals_of(path: FieldPath) -> tuple[Total, ...]:
    """Return the totals that a column can have under it."""
    binding = path.binding
    if not isinstance(binding, FieldBinding) or not binding.steps:
        return ()
    match binding.type:
        case NumberType() | PercentType() | DurationType():
            return ("sum", "avg", "min", "max", "count")
        case DateType() | DateTimeType():
            return ("min", "max", "count")
        case ListType():
            return ()
        case _:
            return ("count",)
