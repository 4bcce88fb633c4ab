"""One record as formulas read it in Python, before it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from decimal import Context as Arithmetic
from typing import Any

from engine.context import Context
from engine.query.binds import bound
from engine.values.parts import held, part_of
from engine.values.richtext import html_of, plain_text
from engine.values.sealed import compared
from formula import compile_python
from formula.backends.contract import Moment, Values
from formula.scope import CollectionBinding, FieldBinding, Root, Step
from formula.typed import Typed
from formula.types import BooleanType, NumberType, PercentType, RecordType
from metamodel.model import Entity, Field, Model

EXACT = Arithmetic(prec=200, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class RowValues:
    """A record's values by field key; implements `Values` for formulas that `is_local` allows.

    `targets` names the entity of each link among several. `reached` holds what was read
    through links beforehand. `roots` answers for `previous` and `input`. Collections are
    empty: nothing points yet at a record that is being made.
    """

    ctx: Context
    entity: Entity
    values: Mapping[str, object]
    targets: Mapping[str, str] = field(default_factory=dict)
    reached: Mapping[tuple[Step, ...], object] = field(default_factory=dict)
    roots: Mapping[Root, Values] = field(default_factory=dict)

    @property
    def moment(self) -> Moment:
        return self.ctx.moment

    def read(self, binding: FieldBinding) -> object:
        """Return the value of a binding as `formula.types` says."""
        value = self._read(binding)
        return bool(value) if isinstance(binding.type, BooleanType) else value

    def rows(self, collection: CollectionBinding) -> Sequence[Values]:
        """Return nothing: see above."""
        return ()

    def entity_of(self, binding: FieldBinding) -> str | None:
        """Return the name of the entity that a link to several entities points to."""
        if binding.root != "record":
            return self.roots[binding.root].entity_of(_rooted(binding))
        target = self.targets.get(binding.steps[0].field)
        return self.ctx.model.entities[target].name if target else None

    def _read(self, binding: FieldBinding) -> object:
        if binding.root in ("user", "setting"):
            name = "__".join(binding.path)
            found = bound(self.ctx, (name,))[name]
            return tuple(found) if isinstance(found, list) else found
        if binding.root != "record":
            known = self.roots.get(binding.root)
            return known.read(_rooted(binding)) if known else None
        if len(binding.steps) > 1:
            return self.reached.get(binding.way)
        key = binding.steps[0].field
        if binding.part:
            return part_of(self.values.get(key), binding.part)
        if key in self.values:
            value = compared(self.values[key])
            plain = value is not None and self.entity.fields[key].plain_column
            return plain_text(str(value)) if plain else value
        chosen = self.entity.fields[key]
        if chosen.formula is None or chosen.column:
            return None
        return computed_value(chosen, self)


def evaluate(typed: Typed, row: RowValues) -> Any:  # Any: a value of every type
    """Return a formula's value for a row; what Python needs for it is kept with the model."""
    # Hashing a formula costs more than running it. Kept along, its id stays its own.
    kept = row.ctx.compiled.keep(("python", id(typed)), lambda: (typed, compile_python(typed)))
    return kept[1].evaluate(row)


def computed_value(chosen: Field, row: RowValues) -> object:
    """Return a computed field's value for a row, as the field holds it."""
    if chosen.formula is None:
        return None
    return fit(chosen, evaluate(chosen.formula, row))


def taken(chosen: Field, typed: Typed, value: object) -> object:
    """Return what a field takes of a formula's value: a whole value as it is, text as formatted."""
    if typed.type == RecordType(()):
        return held(chosen, value)
    if chosen.plain_column and isinstance(value, str):
        return html_of(value) or None
    return fit(chosen, value)


def fit(chosen: Field, value: object) -> object:
    """Return a formula's value rounded half away from zero to its field's scale."""
    wanted = chosen.value_type
    if not isinstance(value, Decimal) or not isinstance(wanted, NumberType | PercentType):
        return bool(value) if isinstance(wanted, BooleanType) else value
    rounded = EXACT.quantize(value, Decimal((0, (1,), -wanted.scale)))
    return None if abs(rounded) >= Decimal(10) ** wanted.digits else rounded


def is_local(model: Model, entity: str, formula: Typed, local: frozenset[tuple[str, str]]) -> bool:
    """Return whether a formula reads nothing but fields that are known before a record is written.

    `local` are the stored computed fields that Python computes beforehand, too.
    """
    needs = formula.dependencies
    if needs.collections:
        return False
    for chain in (*needs.reads, *needs.previous, *needs.outer):
        if len(chain) > 1:
            return False
    for chain in (*needs.reads, *needs.outer):
        read = model.entities[chain[0].entity].fields[chain[0].field]
        if read.formula is None:
            continue
        if read.column:
            if (entity, read.key) not in local:
                return False
        elif not is_local(model, entity, read.formula, local):
            return False
    return True


def _rooted(binding: FieldBinding) -> FieldBinding:
    return replace(binding, root="record")
