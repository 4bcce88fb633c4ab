"""What differs between two models, element by element, before and after, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from formula.typed import Typed
from metamodel.diff import Difference, Kind, diff
from metamodel.label import Label
from metamodel.model import Model
from metamodel.places import Path, place_text
from metamodel.views import Sort
from ui.screen import Screen
from ui.viewmodels.admin.reshape.contents import contents
from ui.viewmodels.admin.reshape.kinds_of_field import type_label
from ui.viewmodels.admin.role_changes import ChangedLine, changed_roles

TONES: Mapping[Kind, str] = MappingProxyType(
    {"added": "green", "retired": "red", "restored": "teal", "renamed": "blue", "changed": "gray"}
)
"""The colour of each thing that can become of an element."""

COLLECTIONS = frozenset({
    "options", "stages", "tabs", "columns", "widgets", "entries", "steps", "thresholds", "targets",
    "escalation", "on_submitted", "on_approved", "on_rejected", "on_returned", "on_withdrawn",
})  # fmt: skip
"""Attributes that hold members, which come, change and go by themselves."""

LONGEST = 160
"""Most characters of a value that a line shows."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One element that becomes another: what becomes of it, and each thing that differs in it."""

    kind: Kind
    word: str
    what: str
    lines: tuple[ChangedLine, ...]

    @property
    def tone(self) -> str:
        """The colour of what becomes of it."""
        return TONES[self.kind]


def changes(screen: Screen, old: Model, new: Model) -> tuple[Changed, ...]:
    """Return everything that differs between two models, as a person reads it."""
    found = [
        Changed(
            each.kind,
            kind_words(screen)[each.kind],
            place_text(old if each.kind == "retired" else new, each.path, screen.language),
            tuple(_lines(screen, each, old, new)),
        )
        for each in diff(old, new).differences
        if each.path[0] != "roles" and not _follows(each, new)
    ]
    word = kind_words(screen)["changed"]
    for role, lines in changed_roles(screen, old, new):
        what = screen.words.say("Rights of the role “{role}”", role=role)
        found.append(Changed("changed", word, what, lines))
    return tuple(found)


def _follows(difference: Difference, new: Model) -> bool:
    """Return whether a field differs only because its stages do, which are told by themselves."""
    path = difference.path
    if len(path) != len(("entities", "entity", "fields", "field")) or path[2] != "fields":
        return False
    entity = new.entities.get(path[1])
    field = entity.fields.get(path[3]) if entity is not None else None
    return field is not None and bool(field.pipeline) and set(difference.attributes) == {"options"}


def kind_words(screen: Screen) -> Mapping[Kind, str]:
    """Return what becomes of an element, by code."""
    say = screen.words.say
    return {
        "added": say("new"),
        "changed": say("changed"),
        "renamed": say("renamed"),
        "retired": say("retired"),
        "restored": say("back"),
    }


def attribute_words(screen: Screen) -> Mapping[str, str]:
    """Return what the parts of elements are called, by the attributes of the model."""
    say = screen.words.say
    return {
        "label": say("Name"),
        "plural": say("Name of several"),
        "help": say("Help"),
        "type": say("What it holds"),
        "required": say("Must be filled in"),
        "unique": say("No two records with the same value"),
        "search": say("Found by searching"),
        "hidden": say("Hidden"),
        "readonly": say("Cannot be changed by hand"),
        "formula": say("Formula"),
        "default": say("Begins with"),
        "default_formula": say("Begins with"),
        "scale": say("Decimals"),
        "min": say("At least"),
        "max": say("At most"),
        "max_length": say("Most characters"),
        "pattern": say("Shape"),
        "visible_when": say("Shown when"),
        "required_when": say("Must be filled in when"),
        "refuse_when": say("A record is refused when"),
        "message": say("What the person is told"),
        "at": say("Shown beside"),
        "filter": say("Shows records for which"),
        "sort": say("Sorted by"),
        "color": say("Colour"),
        "icon": say("Icon"),
        "title": say("Title"),
        "name": say("Name for formulas and programs"),
        "note": say("Note"),
        "enabled": say("Switched on"),
        "active": say("Switched on"),
        "when": say("Condition"),
        "submit_when": say("May be submitted when"),
        "version": say("Version"),
    }


def _lines(screen: Screen, difference: Difference, old: Model, new: Model) -> Iterator[ChangedLine]:
    words = attribute_words(screen)
    for name, (before, after) in difference.attributes.items():
        if name in COLLECTIONS:
            entity = _entity(difference.path, old, new)
            was, now = screen.reading(old), screen.reading(new)
            yield from contents(was, now, entity, before, after)
        elif name in words:
            earlier, later = (shown(screen, name, value) for value in (before, after))
            if earlier != later:
                yield ChangedLine(words[name], earlier, later)


def _entity(path: Path, old: Model, new: Model) -> str:
    """Return the key of the kind of record that an element belongs to, "" for none."""
    known = len(path) > 1 and path[0] == "entities" and path[1] in {**old.entities, **new.entities}
    return path[1] if known else ""


def shown(screen: Screen, name: str, value: object) -> str:  # noqa: PLR0911 - a kind a line
    """Return a value of an element as a person reads it."""
    say = screen.words.say
    match value:
        case None | "" | ():
            return "–"
        case bool():
            return say("yes") if value else say("no")
        case Typed():
            return _cut(value.text)
        case Label():
            return _cut(" / ".join(dict.fromkeys(value.texts.values()))) or "–"
        case Decimal():
            return screen.formats.number(value)
        case str() if name == "type":
            return type_label(screen, value)
        case tuple() if value and isinstance(value[0], Sort):
            return ", ".join(
                f"{'↓' if each.descending else '↑'} {each.path.text}" for each in value
            )
        case tuple():
            return _cut(", ".join(str(each) for each in value))
        case _:
            return _cut(str(value))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
