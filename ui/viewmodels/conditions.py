"""Conditions that pages add by themselves: of one record, and one together with another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial, reduce
from uuid import UUID

from engine.errors import NotFound
from engine.query.joined import NOWHERE, joined
from formula import check, parse
from formula.printer import quoted_text
from formula.scope import CollectionBinding, FieldBinding
from formula.typed import Aggregate, Constant, Dependencies, Operation, Read, Typed
from formula.types import BooleanType
from metamodel import scope_of
from metamodel.model import Entity
from ui.screen import Screen


def linked_to(screen: Screen, entity: str, field: str, record: UUID) -> Typed:
    """Return the condition that a link field, by name, holds this record, one or among others."""
    scope = scope_of(screen.ctx.model, entity)
    binding = scope.lookup(tuple(field.split(".")))
    if isinstance(binding, CollectionBinding):
        return _among(check(parse(f"ANY({field}, id == id)"), scope), field, record)
    if not isinstance(binding, FieldBinding):
        raise NotFound(field=field)
    node = Operation(
        "==",
        (
            Read(binding, binding.type, NOWHERE),
            Constant(record, binding.type, NOWHERE),
        ),
        BooleanType(),
        NOWHERE,
    )
    reads = Dependencies(reads=frozenset({binding.steps}))
    return Typed(node, BooleanType(), reads, binding.stability, f'{field} == "{record}"')


def _among(typed: Typed, field: str, record: UUID) -> Typed:
    """Put a record into `ANY(field, id == id)`: formulas have no way to write one out."""
    node = typed.node
    if not isinstance(node, Aggregate) or not isinstance(node.value, Operation):
        raise NotFound(field=field)
    first = node.value.operands[0]
    wanted = replace(node.value, operands=(first, Constant(record, first.type, NOWHERE)))
    text = f'ANY({field}, id == "{record}")'
    return replace(typed, node=replace(node, value=wanted), text=text)


def equal_to(text: str, value: object) -> str:
    """Return the text of the condition that a formula has a value; a link has none to write out."""
    match value:
        case None:
            return f"ISBLANK({text})"
        case bool():
            return text if value else f"not ({text})"
        case datetime():
            return f"({text}) == {moment_text(value)}"
        case date():
            return f"({text}) == {day_text(value)}"
        case Decimal() | int():
            return f"({text}) == {value}"
        case _:
            return f"({text}) == {quoted_text(str(value))}"


def day_text(day: date) -> str:
    """Return a day as formulas write it."""
    return f"DATE({day.year}, {day.month}, {day.day})"


def moment_text(moment: datetime) -> str:
    """Return a minute on the clock of the tenant's zone as formulas write it."""
    return f"DATETIME({day_text(moment)}, {moment.hour}, {moment.minute})"


def second_text(moment: datetime) -> str:
    """Return the second that a moment on that clock lies in, as formulas write it."""
    return f"{moment_text(moment)} + DURATION({moment.second} / 3600)"


def everything(entity: Entity) -> str:
    """Return the name of the list that adds no condition of its own, or "" where all do."""
    views = (each for each in entity.views.values() if each.type == "list")
    return next((each.name for each in views if each.filter is None), "")


def both(first: Typed | None, second: Typed | None) -> Typed | None:
    """Return the condition that two conditions hold; None restricts nothing."""
    if first is None or second is None:
        return first or second
    return joined("and", first, second)


def one_of(screen: Screen, entity: str, records: Sequence[UUID]) -> Typed:
    """Return the condition that a record is one of these, of which there is one at least."""
    wanted = [linked_to(screen, entity, "id", record) for record in records]
    return reduce(partial(joined, "or"), wanted)
