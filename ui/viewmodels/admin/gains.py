"""Who gains and who loses what by a change of rights, in plain words, with examples."""

from __future__ import annotations

from dataclasses import dataclass

from engine.access.compare import AccessDiff, PersonChange, RecordsChange
from engine.access.sentences import change_sentences
from engine.query.spec import LinkValue
from metamodel.access import FieldRight
from metamodel.model import Model
from ui.screen import Screen
from ui.viewmodels.admin.rights import action_labels
from ui.viewmodels.cells import initials


@dataclass(frozen=True, slots=True)
class Example:
    """One of the records that are gained or lost; without an address for who may not see it."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class GainLine:
    """What somebody gains or loses: how many of what, and some of them."""

    what: str
    gained: str
    lost: str
    some_gained: tuple[Example, ...] = ()
    some_lost: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonGains:
    """What changes for one person."""

    name: str
    initials: str
    url: str
    lines: tuple[GainLine, ...]


@dataclass(frozen=True, slots=True)
class Gains:
    """A change of rights over the people and records that are there now."""

    headline: str
    sentences: tuple[str, ...]
    people: tuple[PersonGains, ...]
    more: int


def gains(screen: Screen, found: AccessDiff, model: Model) -> Gains:
    """Return what a change of rights does; `model` is the one that would hold."""
    say = screen.words.say
    headline = say("Nobody gains or loses anything.")
    if found.affected:
        headline = say("{count} of {all} people gain or lose something.", count=found.affected,
                       all=found.everybody)  # fmt: skip
    return Gains(
        headline=headline,
        sentences=change_sentences(model, found, screen.language),
        people=tuple(_person(screen, each, model) for each in found.people),
        more=max(0, found.affected - len(found.people)),
    )


def _person(screen: Screen, change: PersonChange, model: Model) -> PersonGains:
    name = change.person.title or "•••"
    return PersonGains(
        name=name,
        initials=initials(name),
        url=screen.url("admin", "people", str(change.person.id)),
        lines=(
            *(_records(screen, each, model) for each in change.records),
            *_fields(screen, change, model),
            *_abilities(screen, change, model),
        ),
    )


def _records(screen: Screen, change: RecordsChange, model: Model) -> GainLine:
    entity = model.entities[change.entity]
    number = screen.formats.number
    return GainLine(
        what=f"{screen.entity_label(entity, plural=True)} · {action_labels(screen)[change.action]}",
        gained=f"+{number(change.gained)}" if change.gained else "",
        lost=f"−{number(change.lost)}" if change.lost else "",
        some_gained=_examples(screen, change.some_gained),
        some_lost=_examples(screen, change.some_lost),
    )


def _examples(screen: Screen, found: tuple[LinkValue, ...]) -> tuple[Example, ...]:
    return tuple(Example(each.title or "•••", _address(screen, each)) for each in found)


def _address(screen: Screen, record: LinkValue) -> str:
    return "" if record.restricted else screen.record_url(record.entity, record.id)


def _fields(screen: Screen, change: PersonChange, model: Model) -> tuple[GainLine, ...]:
    words = right_words(screen)
    return tuple(
        GainLine(
            what=f"{screen.entity_label(entity)} · {screen.field_label(entity.fields[each.field])}",
            gained=words[each.after],
            lost=words[each.before],
        )
        for each in change.fields
        if (entity := model.entities[each.entity])
    )


def _abilities(screen: Screen, change: PersonChange, model: Model) -> tuple[GainLine, ...]:
    say, labels = screen.words.say, action_labels(screen)
    return tuple(
        GainLine(
            what=f"{screen.entity_label(model.entities[each.entity], plural=True)} · "
            f"{labels.get(each.action, each.action)}",
            gained=say("from now on") if each.gained else "",
            lost="" if each.gained else say("no longer"),
        )
        for each in change.abilities
    )


def right_words(screen: Screen) -> dict[FieldRight, str]:
    """Return what the rights on a field are called."""
    say = screen.words.say
    return {
        "write": say("Change"),
        "read": say("Only see"),
        "mask": say("Masked"),
        "none": say("Hidden"),
    }
