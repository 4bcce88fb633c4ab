"""What stands in the place of a personal value when it is erased."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from uuid import UUID

from engine.compiled import CompiledModel
from engine.values.parts import Period
from formula.types import BooleanType, ChoiceType, ListType, NumberType, PercentType, TextType
from metamodel.model import Entity, Field

ERASED = {"en": "Erased person", "zh": "已抹除人员"}

LONG_AGO = date(1900, 1, 1)

KEPT = object()
"""Says that a value stays as it is."""

_BY_TYPE: Mapping[str, Callable[[UUID, str], object]] = MappingProxyType(
    {
        "email": lambda record, _: f"{record.hex}@erased.invalid",
        # No number begins with nothing but noughts.
        "phone": lambda record, _: f"000{int(record.hex[-10:], 16)}",
        "url": lambda record, _: f"https://erased.invalid/{record.hex}",
        "date": lambda _, __: LONG_AGO,
        "datetime": lambda _, __: datetime(1900, 1, 1, tzinfo=UTC),
        "period": lambda _, __: Period(LONG_AGO, LONG_AGO),
        "address": lambda _, pseudonym: {"street": pseudonym},
    }
)


def pseudonym_of(record: UUID, language: str) -> str:
    """Return what a person is called from now on: the same every time, and nobody's name."""
    word = ERASED["zh" if language.startswith("zh") else "en"]
    return f"{word} {record.hex[-4:].upper()}"


def stand_in(compiled: CompiledModel, field: Field, record: UUID, pseudonym: str) -> object:
    """Return what a personal field holds afterwards; `KEPT` for what the books are made of.

    Numbers from which other values are computed stay, so that no total changes. What is
    required gets a value that is nobody's, everything else is blank. Choices and links, which
    name nobody by themselves, stay where they are required.
    """
    entity = compiled.model.entities[field.entity]
    if isinstance(field.value_type, NumberType | PercentType):
        return KEPT if field.required or _is_counted(compiled, field) else None
    if isinstance(field.value_type, BooleanType):
        return False
    if field.key != entity.title_field and not _is_needed(entity, field):
        return None
    if field.link is not None or isinstance(field.value_type, ChoiceType | ListType):
        return KEPT
    by_type = _BY_TYPE.get(field.type)
    if by_type is not None:
        return by_type(record, pseudonym)
    if not isinstance(field.value_type, TextType):
        return None
    return f"{pseudonym} {record.hex}" if _is_unique(entity, field) else pseudonym


def _is_needed(entity: Entity, field: Field) -> bool:
    return field.required or any(
        field.key in stage.must_fill
        for pipeline in entity.pipelines.values()
        for stage in pipeline.stages.values()
    )


def _is_unique(entity: Entity, field: Field) -> bool:
    return field.unique or any(rule.fields == (field.key,) for rule in entity.unique.values())


def _is_counted(compiled: CompiledModel, field: Field) -> bool:
    """Return whether any value is computed from a field."""
    return any((field.entity, field.key) == read for read in _reads(compiled))


def _reads(compiled: CompiledModel) -> Iterator[tuple[str, str]]:
    for entity in compiled.model.entities.values():
        for each in entity.fields.values():
            if each.formula is None:
                continue
            needs = each.formula.dependencies
            chains = [*needs.reads]
            for collection in needs.collections:
                chains += [*collection.reads]
            yield from ((step.entity, step.field) for chain in chains for step in chain)
