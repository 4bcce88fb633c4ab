"""What one field is to a formula: its type, its place, and how far its value may be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from formula.scope import FieldBinding, Path, Root, Stability, Step
from formula.types import TextType, ValueType
from metamodel.model import Entity, Field, Model


def field_binding(
    entity: Entity, found: Field, path: Path, steps: tuple[Step, ...], root: Root
) -> FieldBinding:
    """Return a field at the end of steps; of an amount's entered part also what measures it."""
    binding = FieldBinding(
        path, found.value_type or TextType(), steps, root, stability_of(found),
        sealed=found.encrypted,
    )  # fmt: skip
    amount = entity.fields.get(found.amount_of)
    if amount is None or found.key != f"{amount.key}_original":
        return binding
    return replace(binding, measured=(*steps[:-1], Step(entity.key, amount.currency)))


def stability_of(found: Field) -> Stability:
    """A stored value is what it is; one that is computed when read is as stable as its formula."""
    if found.formula is None or found.stored:
        return "stable"
    return found.formula.stability


def setting_binding(model: Model, path: Path) -> FieldBinding | None:
    """Return the binding of `setting.x`."""
    setting = model.settings.get(path[1]) if len(path) == 2 else None
    return FieldBinding(path, setting.value_type, (), "setting") if setting else None


def input_binding(inputs: Mapping[str, ValueType], path: Path) -> FieldBinding | None:
    """Return the binding of `input.x`."""
    kind = inputs.get(path[1]) if len(path) == 2 else None
    return FieldBinding(path, kind, (), "input") if kind else None
