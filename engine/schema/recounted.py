"""How many stored computed values another model changes, and by how much, before it is published.

The stored column is compared with what the new formula gives, in SQL. Formulas that change or
follow from what changes are read through, since their columns hold the former values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Text, cast, func, literal, null, select

from engine.compiled import CompiledModel
from engine.context import Context
from engine.query.joins import RowSource, fitted
from engine.schema.answers import LONGEST, Asking, bound_to, named_records
from engine.schema.broken_rules import countable
from engine.schema.derived import Place
from engine.schema.live import Live
from engine.schema.steps import Effect, Listing, Step
from engine.values.graph import is_computed
from formula import compile_sql
from formula.typed import Typed
from formula.types import NumberType, PercentType
from metamodel.model import Entity, Field, Model

COUNTED = 50_000
"""Rows up to which all values are compared; of larger tables a part is."""

ARROW = " → "
"""Between a value as it is and as it becomes."""


def recounted(
    asking: Asking, ctx: Context, old: CompiledModel, live: Live, steps: Sequence[Step]
) -> Iterator[Effect]:
    """Yield the stored computed fields whose values another model changes, as they are filled."""
    places = [(s.touches, key) for s in steps if s.fill == "computed" for key in s.fields]
    ahead = _looking_through(ctx, frozenset(places))
    for entity, key in places:
        kind = ctx.model.entities[entity]
        field, former = kind.fields[key], _former(old.model, entity, key)
        formula = field.formula
        if former is None or formula is None or former.column != field.column:
            continue
        if countable(formula, ahead, live):
            titled = countable(kind.title, ctx, live)
            yield from _effect(asking, _Values(ahead, kind, field, formula, titled=titled), live)


def _looking_through(ctx: Context, stale: frozenset[Place]) -> Context:
    """Return a context in which stale fields are worked out where they are read."""

    def read_through(entity: Entity) -> Entity:
        fields = {
            key: replace(each, stored=False, column="") if (entity.key, key) in stale else each
            for key, each in entity.fields.items()
        }
        return replace(entity, fields=fields)

    touched = {entity for entity, _ in stale}
    entities = {
        key: read_through(entity) if key in touched else entity
        for key, entity in ctx.model.entities.items()
    }
    model = replace(ctx.model, entities=entities)
    return replace(ctx, compiled=ctx.compiled.read_as(model))


def _former(model: Model, entity: str, key: str) -> Field | None:
    known = model.entities.get(entity)
    found = known.fields.get(key) if known is not None and not known.retired else None
    return found if found is not None and is_computed(found) else None


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of one field, as they are and as its new formula has them."""

    ctx: Context
    entity: Entity
    field: Field
    formula: Typed
    titled: bool

    @property
    def summed(self) -> bool:
        return isinstance(self.field.value_type, NumberType | PercentType)

    def count(self, row: FromClause) -> Select[Any]:
        """Ask how many there are and change; of numbers also the sums, and the least and most."""
        both = self._both(row).offset(0).subquery("n")
        old, new = both.c.old, both.c.new
        nothing: ColumnElement[Any] = null()
        return select(
            func.count().filter(old.is_distinct_from(new)),
            func.count(),
            *(
                (func.sum(old), func.sum(new), func.min(new - old), func.max(new - old))
                if self.summed
                else (nothing,) * 4
            ),
        )

    def named(self, row: FromClause) -> Select[Any]:
        """Ask for each record whose value changes: what it is called, was, and becomes."""
        both = self._both(row).offset(0).subquery("n")
        shown = func.concat(
            both.c.title, _text(both.c.old), literal(ARROW), _text(both.c.new), type_=Text()
        )
        changed = both.c.old.is_distinct_from(both.c.new)
        return select(both.c.id, func.left(shown, LONGEST)).where(changed)

    def _both(self, row: FromClause) -> Select[Any]:
        source = RowSource.over(self.ctx.compiled, self.entity.key, row)
        new = fitted(self.field, compile_sql(self.formula, source))
        title = compile_sql(self.entity.title, source) if self.titled else literal("")
        return (
            select(
                row.c.id,
                row.c[self.field.column].label("old"),
                new.label("new"),
                func.concat(title, literal(": ") if self.titled else literal("")).label("title"),
            )
            .select_from(source.joins.clause())
            .where(*source.alive())
        )


def _text(value: ColumnElement[Any]) -> ColumnElement[str]:
    return func.coalesce(cast(value, Text), "∅")


def _effect(asking: Asking, values: _Values, live: Live) -> Iterator[Effect]:
    table = values.ctx.compiled.tables.of(values.entity.key)
    whole = live[table.name].rows <= COUNTED
    row, share = asking.either(values.ctx, table, values.count, whole=whole)
    changed, of, *sums = row
    if not changed:
        return
    scale = live[table.name].rows / of if share else 1
    params: dict[str, object] = {"field": values.field.key, "of": round(of * scale)}
    if values.summed:
        before, after, least, most = sums
        params |= {"before": _sum(before, scale), "after": _sum(after, scale)}
        params |= {"least": _plain(least), "most": _plain(most)}
    listing = Listing(*bound_to(values.ctx, values.named(table.alias("q"))))
    yield Effect(
        "values_change" if values.summed else "values_differ",
        values.entity.key,
        "notice",
        round(changed * scale),
        params=params,
        records=named_records(asking.some(listing)),
        listing=listing,
        sampled=bool(share),
    )


def _sum(value: Decimal | None, scale: float) -> str:
    total = value or Decimal(0)
    return _plain(total if scale == 1 else (total * Decimal(scale)).quantize(Decimal("0.01")))


def _plain(value: Decimal | None) -> str:
    return f"{value.normalize():f}" if value else "0"
