"""A formula while an administrator types it: what is wrong, what could follow, what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from engine.messages import formula_sentence
from engine.query.spec import AggregateQuery, ListQuery, Row
from formula import FormulaError, check, parse
from formula.typed import Typed
from formula.types import BooleanType
from metamodel import scope_of
from metamodel.formulas import parse_formula
from metamodel.model import Entity
from ui.formulas import type_name
from ui.screen import Screen
from ui.typing_formulas import last_path

MOST = 14
"""Names that are offered at once."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A name that could stand where the cursor is: what is put there, and what it is called."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a formula: problems in words, or what it gives."""

    errors: tuple[str, ...]
    said: str
    completions: tuple[Completion, ...]


def checked(screen: Screen, over: Screen, entity: Entity, text: str, expect: str) -> Checked:
    """Return what is known of a formula over records of an entity; `over` reads the draft."""
    scope = scope_of(over.ctx.model, entity.key)
    begun = text.lstrip("= ")
    offered = tuple(completions(over, entity, begun))
    try:
        typed = check(parse(text), scope, expect=BooleanType() if expect == "rule" else None)
    except FormulaError as error:
        said = tuple(formula_sentence(each, screen.language) for each in error.problems)
        return Checked(said, "", offered)
    return Checked((), _said(screen, entity, typed), offered)


def checked_answer(found: Checked) -> dict[str, object]:
    """Return what is known of a formula as the browser is told."""
    return {
        "errors": [{"path": [], "code": "", "message": each} for each in found.errors],
        "said": found.said,
        "completions": [{"text": c.text, "label": c.label} for c in found.completions],
    }


def canonical(over: Screen, entity: Entity, text: str) -> str:
    """Return a formula as it is kept, by names; as it was typed where it cannot be read."""
    try:
        return check(parse(text), scope_of(over.ctx.model, entity.key)).text if text else text
    except FormulaError:
        return text


def _said(screen: Screen, entity: Entity, typed: Typed) -> str:
    """Return what a formula gives, for the record that was changed last where there is one."""
    say = screen.words.say
    kind = say("yes or no") if isinstance(typed.type, BooleanType) else type_name(typed.type)
    found = _sample(screen, entity, typed.text)
    if found is None:
        return say("Can be read; it gives: {kind}", kind=kind)
    row, value = found
    return say("For “{record}” it gives: {value}", record=row.title, value=_shown(screen, value))


def _sample(screen: Screen, entity: Entity, text: str) -> tuple[Row, Any] | None:
    """Return a record and a formula's value for it; None where what is published cannot tell.

    Any: a value of any type.
    """
    live = screen.ctx.model.entities.get(entity.key)
    if live is None:
        return None
    reader = screen.services.reader
    try:
        rows = reader.find(screen.ctx, ListQuery(live.key, limit=1)).rows
        if not rows:
            return None
        group = parse_formula(screen.ctx.model, live.key, text)
        only = parse_formula(screen.ctx.model, live.key, f'id == "{rows[0].id}"', BooleanType())
        answer = reader.aggregate(
            screen.ctx, AggregateQuery(live.key, only, group_by={"value": group})
        )
    except (EngineError, FormulaError):
        return None
    return (rows[0], answer.rows[0]["value"]) if answer.rows else None


def _shown(screen: Screen, value: object) -> str:
    say = screen.words.say
    if value is None:
        return say("(blank)")
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return str(value)


def completions(
    over: Screen, entity: Entity, text: str, *, fits: Callable[[str], bool] = lambda name: True
) -> Iterator[Completion]:
    """Yield names that begin like what is being typed, by name or by label, of those that fit."""
    scope = scope_of(over.ctx.model, entity.key)
    path = last_path(text)
    begun = path[-1].lower()
    found = 0
    for name in filter(fits, scope.suggestions((*path[:-1], ""))):
        label = _label(over, entity, name)
        if begun and begun not in name.rpartition(".")[2].lower() and begun not in label.lower():
            continue
        yield Completion(name.rpartition(".")[2], label)
        found += 1
        if found == MOST:
            return


def _label(over: Screen, entity: Entity, dotted: str) -> str:
    """Return what the last part of a dotted name is called."""
    here: Entity | None = entity
    label = dotted
    for name in dotted.split("."):
        field = here.field_named(name) if here is not None else None
        if field is None:
            inside = here.collections.get(name) if here is not None else None
            if inside is None:
                return name
            label, here = over.label(inside.label, name), over.ctx.model.entities[inside.entity]
            continue
        label = over.field_label(field)
        targets = field.link.to if field.link is not None else ()
        here = over.ctx.model.entities.get(targets[0]) if len(targets) == 1 else None
    return label
