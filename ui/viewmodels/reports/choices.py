"""What a report can be made of: kinds of records, groups through links, measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.errors import QueryInvalid
from engine.query.parse import parse_group, parse_measure
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.shell import may

BUCKETS = {
    "day": "{field}: by day",
    "week": "{field}: by week",
    "month": "{field}: by month",
    "quarter": "{field}: by quarter",
    "year": "{field}: by year",
}
"""How long each group of a day is, and what that is called in English."""

SUMS = {
    "SUM({path})": "Sum of {field}",
    "AVG({path})": "Average of {field}",
    "MIN({path})": "Least {field}",
    "MAX({path})": "Most {field}",
}
"""What is measured of a number, and what that is called in English."""

DIFFERENT = "COUNTDISTINCT({path})"

GROUPED = frozenset({"choice", "link", "boolean", "user", "department", "team", "rating"})

NUMBERS = frozenset({"money", "decimal", "integer", "percent", "progress"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen: the formula it means, and its words."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Choices under the name of the record that they are read from."""

    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class _Path:
    """A field at the end of a link or of none: how formulas read it, and what it is called."""

    text: str
    field: Field


def entities_of(screen: Screen, chosen: str) -> tuple[Choice, ...]:
    """Return the kinds of records that the person may report on, by what they are called."""
    found = (
        Choice(each.name, screen.entity_label(each, plural=True), each.name == chosen)
        for each in screen.ctx.model.entities.values()
        if not (each.system or each.retired) and may(screen, "read", each.key)
    )
    return tuple(sorted(found, key=lambda choice: choice.label))


def groups_of(screen: Screen, entity: Entity) -> tuple[ChoiceGroup, ...]:
    """Return what records can be grouped by: fields of their own, and those behind links."""

    def choices(paths: Sequence[_Path]) -> tuple[Choice, ...]:
        return tuple(
            choice
            for path in paths
            for choice in _groupings(screen, path)
            if _is_group(screen, entity, choice.value)
        )

    return tuple(
        ChoiceGroup(label, found) for label, paths in _sources(screen, entity)
        if (found := choices(paths))
    )  # fmt: skip


def measures_of(screen: Screen, entity: Entity) -> tuple[ChoiceGroup, ...]:
    """Return what can be measured: how many there are, their numbers and those behind links."""
    counted = Choice("COUNT()", screen.words.say("Number of {records}",
                     records=screen.entity_label(entity, plural=True)))  # fmt: skip

    def choices(paths: Sequence[_Path]) -> tuple[Choice, ...]:
        return tuple(
            choice
            for path in paths
            for choice in _measures(screen, path)
            if _is_measure(screen, entity, choice.value)
        )

    own, *others = [(label, choices(paths)) for label, paths in _sources(screen, entity)]
    found = [(own[0], (counted, *own[1])), *others]
    return tuple(ChoiceGroup(label, each) for label, each in found if each)


def marked(groups: Sequence[ChoiceGroup], chosen: str, words: str = "") -> tuple[ChoiceGroup, ...]:
    """Return choices with one of them chosen; one that is not offered stands under its own text."""
    known = any(choice.value == chosen for group in groups for choice in group.choices)
    own = (
        (ChoiceGroup(words, (Choice(chosen, chosen, chosen=True),)),)
        if chosen and not known
        else ()
    )
    return (
        *own,
        *(
            ChoiceGroup(
                group.label,
                tuple(Choice(c.value, c.label, c.value == chosen) for c in group.choices),
            )
            for group in groups
        ),
    )


def _sources(screen: Screen, entity: Entity) -> Iterator[tuple[str, tuple[_Path, ...]]]:
    """Yield the record itself and each that one of its links leads to, with their fields."""
    yield screen.entity_label(entity), tuple(_paths(screen, entity, ""))
    for path in _paths(screen, entity, ""):
        link = path.field.link
        if link is None or link.many or len(link.to) != 1:
            continue
        target = screen.ctx.model.entities[link.to[0]]
        if not target.retired and may(screen, "read", target.key):
            label = screen.field_label(path.field)
            yield label, tuple(_paths(screen, target, f"{path.text}."))


def _paths(screen: Screen, entity: Entity, before: str) -> Iterator[_Path]:
    rights = screen.services.access
    legible = rights.readable(screen.ctx, entity.key) - rights.masked(screen.ctx, entity.key)
    for field in entity.fields.values():
        if field.key in legible and not (field.retired or field.hidden):
            yield _Path(f"{before}{field.name}", field)


def _groupings(screen: Screen, path: _Path) -> Iterator[Choice]:
    label = screen.field_label(path.field)
    if path.field.type in ("date", "datetime"):
        day = path.text if path.field.type == "date" else f"DATE({path.text})"
        for unit, words in BUCKETS.items():
            text = day if unit == "day" else f'STARTOF({day}, "{unit}")'
            yield Choice(text, screen.words.say(words, field=label))
    elif path.field.options or path.field.type in GROUPED or _is_title(screen, path.field):
        yield Choice(path.text, label)


def _measures(screen: Screen, path: _Path) -> Iterator[Choice]:
    label = screen.field_label(path.field)
    if path.field.type in NUMBERS:
        for text, words in SUMS.items():
            yield Choice(text.format(path=path.text), screen.words.say(words, field=label))
    elif path.field.link is not None and not path.field.link.many:
        text = DIFFERENT.format(path=path.text)
        yield Choice(text, screen.words.say("Different: {field}", field=label))


def _is_title(screen: Screen, field: Field) -> bool:
    return screen.ctx.model.entities[field.entity].title_field == field.key


def _is_group(screen: Screen, entity: Entity, text: str) -> bool:
    try:
        parse_group(screen.ctx, entity.key, text)
    except QueryInvalid:
        return False
    return True


def _is_measure(screen: Screen, entity: Entity, text: str) -> bool:
    try:
        parse_measure(screen.ctx, entity.key, text)
    except QueryInvalid:
        return False
    return True
