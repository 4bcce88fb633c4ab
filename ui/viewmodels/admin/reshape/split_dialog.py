"""The dialog that splits an option or a stage, and how many records a condition would take."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import QueryInvalid
from engine.messages import formula_sentence
from engine.query.spec import ListQuery
from formula import FormulaError, check, parse
from formula.printer import quoted_text
from formula.types import BooleanType, ListType
from metamodel import scope_of
from metamodel.fields import Field, Option
from metamodel.flows import Stage
from metamodel.formulas import parse_formula
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.reshape.colors import color_words
from ui.viewmodels.admin.reshape.field_dialog import Typed, typed
from ui.viewmodels.admin.reshape.fields import split_url
from ui.viewmodels.filters import FilterBar, filter_bar


@dataclass(frozen=True, slots=True)
class SplitDialog:
    """What asks for the new option or stage, and for whom of the `giver` it takes.

    `records` is how many have the giver now.
    """

    heading: str
    giver: str
    labels: tuple[Typed, ...]
    colors: tuple[tuple[str, str], ...]
    bar: FilterBar
    records: int
    url: str
    count_url: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many records a condition takes, in words, or what is wrong with it."""

    errors: tuple[str, ...] = ()
    said: str = ""


def split_dialog(
    screen: Screen, published: Screen, entity: Entity, field: Field, giver: Option | Stage
) -> SplitDialog:
    """Return the dialog; `screen` reads the draft."""
    label = screen.label(giver.label, giver.name)
    return SplitDialog(
        heading=screen.words.say("Split “{name}”", name=label),
        giver=label,
        labels=typed(screen, "label", {}),
        colors=color_words(screen),
        bar=filter_bar(screen, entity, ""),
        records=taken(published, entity, field, giver, "") or 0,
        url=split_url(screen, entity, field, giver.name),
        count_url=split_url(screen, entity, field, giver.name, "count"),
    )


def counted(
    screen: Screen, over: Screen, entity: Entity, field: Field, giver: Option | Stage, when: str
) -> Counted:
    """Return how many records a condition takes as they are published; `over` reads the draft."""
    try:
        check(parse(when), scope_of(over.ctx.model, entity.key), expect=BooleanType())
    except FormulaError as error:
        return Counted(tuple(formula_sentence(p, screen.language) for p in error.problems))
    say = screen.words.say
    found, of = (taken(screen, entity, field, giver, text) for text in (when, ""))
    if found is None or of is None:
        return Counted(said=say("How many these are is known once its fields are published."))
    return Counted(said=say("{count} of {of} records.", count=found, of=of))


def taken(
    published: Screen, entity: Entity, field: Field, giver: Option | Stage, when: str
) -> int | None:
    """Return how many records have an option, and keep a condition; None: it is not known yet."""
    model = published.ctx.model
    live = model.entities.get(entity.key)
    known = live.fields.get(field.key) if live is not None else None
    option = known.options.get(giver.key) if known is not None else None
    if live is None or known is None or option is None:
        return 0
    code = quoted_text(option.name)
    held = f"{code} in {known.name}" if isinstance(known.value_type, ListType) else ""
    text = held or f"{known.name} == {code}"
    try:
        only = parse_formula(
            model, live.key, f"{text} and ({when})" if when else text, BooleanType()
        )
        query = ListQuery(live.key, filter=only, limit=1, count="exact")
        return published.services.reader.find(published.ctx, query).total or 0
    except (FormulaError, QueryInvalid):
        return None
