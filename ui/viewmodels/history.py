"""What became of a record: who did what, said what, attached what, when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from engine.history.comments import Comment, Happening
from engine.query.spec import Entry, FieldChange
from engine.query.story import KINDS, Kind, Stretch
from engine.values.wire import file_to_wire
from metamodel.model import Entity, Field
from metamodel.scripts import kind_of_script
from ui.screen import Screen
from ui.viewmodels.acting import script_label
from ui.viewmodels.cells import BLANK, Cell, cell, file_part
from ui.viewmodels.events import ChangeLine, Event, Said
from ui.viewmodels.letters import message_events
from ui.viewmodels.stories import Told, related_events, told_of
from ui.viewmodels.writing import mail_url
from ui.widgets import CellKind

MOST_EVENTS = 30

KINDS_OF: Mapping[str, frozenset[Kind]] = {
    "": KINDS - {"followed"},
    "comment": frozenset({"comment"}),
    "change": frozenset({"change", "move"}),
    "move": frozenset({"move"}),
    "file": frozenset({"file"}),
    "mail": frozenset(),
    "followed": frozenset({"followed"}),
}
"""What is told under each choice."""

ICONS = {
    "create": "plus",
    "update": "pencil",
    "delete": "trash",
    "restore": "arrow-back-up",
    "move": "arrow-right",
}

DONE = {
    "create": "created it",
    "update": "changed it",
    "delete": "moved it to the trash",
    "restore": "took it back from the trash",
    "move": "moved it",
}

DOORS = {
    "api": "through the API",
    "import": "by an import",
    "job": "in the background",
    "convert": "by a conversion",
    "handover": "by a hand-over",
    "automation": "by an automation",
    "publish": "by a change of the app",
    "pool": "through a public pool",
    "clock": "by a service level",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to narrow a line of time."""

    name: str
    label: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class HistoryView:
    """The latest events, newest first, and where something is added to them.

    `older_url` leads to those before the last; `people_url` finds people to speak to.
    """

    events: tuple[Event, ...]
    url: str
    say_url: str
    attach_url: str
    people_url: str
    mail_url: str
    choices: tuple[Choice, ...]
    older_url: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a line of time is asked for: a kind, or records of an entity; those before one."""

    kind: str = ""
    before: UUID | None = None


def history_view(screen: Screen, entity: Entity, record: UUID, wanted: Wanted) -> HistoryView:
    """Return what became of a record; what merely followed by itself only if it is asked for."""
    stories = tuple(told_of(screen, entity))
    known = {*KINDS_OF, *(each.member.name for each in stories)}
    kind = wanted.kind if wanted.kind in known else ""
    found = [*_own(screen, entity, record, kind, wanted.before)]
    asked = [each for each in stories if kind in ("", each.member.name)]
    if kind in ("", "mail"):
        found += message_events(screen, (entity.key, record), wanted.before, MOST_EVENTS + 1)
    found += related_events(screen, record, asked, before=wanted.before, limit=MOST_EVENTS + 1)
    found.sort(key=lambda each: each.id, reverse=True)
    shown = sorted({each.id for each in found}, reverse=True)[:MOST_EVENTS]
    more = len({each.id for each in found}) > len(shown)
    url = screen.record_url(entity.name, record, "history")
    changeable = screen.services.access.decide(
        screen.ctx, "update", entity=entity.key, record=record
    ).allowed
    at = ("records", entity.name, str(record))
    return HistoryView(
        events=tuple(each for each in found if each.id in shown),
        url=url,
        say_url=screen.api_url(*at, "comments"),
        attach_url=screen.api_url(*at, "files") if changeable else "",
        people_url=screen.url("pick", "user", "manager"),
        mail_url=mail_url(screen, entity, record) if changeable else "",
        choices=_choices(screen, stories, url, kind),
        older_url=_with(url, kind=kind, before=str(shown[-1])) if more else "",
    )


def _own(
    screen: Screen, entity: Entity, record: UUID, kind: str, before: UUID | None
) -> Iterator[Event]:
    """Yield what became of the record itself."""
    kinds = KINDS_OF.get(kind)
    if kinds is None:
        return
    stretch = Stretch(MOST_EVENTS + 1, before, kinds)
    for each in screen.services.talk.timeline(screen.ctx, entity.key, record, stretch):
        event = _happening(screen, entity, record, each)
        if event is not None:
            yield event


def _choices(screen: Screen, stories: Sequence[Told], url: str, kind: str) -> tuple[Choice, ...]:
    say = screen.words.say
    labels = {
        "": say("Everything"), "comment": say("Comments"), "change": say("Changes"),
        "move": say("Stages"), "file": say("Files"), "mail": say("Mail"),
        "followed": say("Worked out"),
    }  # fmt: skip
    labels |= {each.member.name: screen.entity_label(each.member, plural=True) for each in stories}
    return tuple(
        Choice(name, label, _with(url, kind=name), chosen=name == kind)
        for name, label in labels.items()
    )


def _with(url: str, **query: str) -> str:
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"{url}?{asked}" if asked else url


def _happening(screen: Screen, entity: Entity, record: UUID, happening: Happening) -> Event | None:
    words, formats = screen.words, screen.formats
    if isinstance(happening.of, Entry):
        return _event(screen, entity, happening.of)
    who = happening.by.title if happening.by is not None and happening.by.title else ""
    at = (formats.instant(happening.at), happening.at.isoformat())
    if isinstance(happening.of, Comment):
        said = words.say("said") if happening.of.edited_at is None else words.say("said (edited)")
        mine = happening.by is not None and happening.by.id == screen.ctx.actor.user
        path = ("records", entity.name, str(record), "comments", str(happening.id))
        return Event(
            happening.id, "comment", "message", who, said, *at,
            words=spoken(happening.of), own_url=screen.api_url(*path) if mine else "",
        )  # fmt: skip
    part = file_part(screen, file_to_wire(happening.of))
    kind: CellKind = "images" if part.picture else "files"
    attached = words.say("attached a file")
    files = Cell(kind, part.text, parts=(part,))
    return Event(happening.id, "file", "paperclip", who, attached, *at, files=files)


def spoken(comment: Comment) -> tuple[Said, ...]:
    """Return the words of a comment, in which people that it speaks to stand out."""
    names = sorted(
        {f"@{each.title}" for each in comment.mentions if each.title}, key=len, reverse=True
    )
    if not names:
        return (Said(comment.body),)
    parts = re.split("(" + "|".join(re.escape(name) for name in names) + ")", comment.body)
    return tuple(Said(part, part in names) for part in parts if part)


def _event(screen: Screen, entity: Entity, entry: Entry) -> Event | None:
    model = screen.ctx.model
    about = model.entities.get(entry.entity) or model.entity_named(entry.entity)
    if about is None or (entry.computed and about.key != entity.key):
        return None
    lines = tuple(
        line
        for change in _in_order(about, entry.changes)
        if (line := _line(screen, about, change, computed=entry.computed)) is not None
        # A new record has nothing to add up yet: its noughts say nothing.
        if entry.operation != "create" or change.after or not line.computed
    )
    if not lines and entry.operation in ("update", "move"):
        return None
    words = screen.words
    done = words.say(DONE.get(entry.operation, "changed it"))
    if entry.computed:
        done = words.say("was worked out anew")
    elif about.key != entity.key:
        done = words.say("{done}: {line}", done=done, line=screen.entity_label(about))
    door = _door(screen, entry)
    who = entry.actor.title if entry.actor is not None and entry.actor.title else ""
    return Event(
        id=entry.change_set,
        kind=entry.operation,
        icon="calculator" if entry.computed else ICONS.get(entry.operation, "pencil"),
        actor="" if entry.computed else who or words.say("The system"),
        sentence=f"{done} {door}".strip(),
        at=screen.formats.instant(entry.at),
        at_iso=entry.at.isoformat(),
        changes=lines,
    )


def _door(screen: Screen, entry: Entry) -> str:
    """Return through what something was done; of an automation or a pool, through which."""
    say = screen.words.say
    if entry.door == "automation" and entry.reference:
        name = script_label(screen, entry.reference)
        named = {
            "automation": say("by the automation “{name}”", name=name),
            "button": say("by the button “{name}”", name=name),
            "approval": say("by the approval “{name}”", name=name),
            "service_level": say("by the service level “{name}”", name=name),
        }
        return named[kind_of_script(entry.reference)]
    pool = screen.ctx.model.pools.get(entry.reference) if entry.door == "pool" else None
    if pool is not None:
        return say("through the pool “{name}”", name=screen.label(pool.label, pool.name))
    return say(DOORS[entry.door]) if entry.door in DOORS else ""


def _in_order(entity: Entity, changes: Iterable[FieldChange]) -> list[FieldChange]:
    """Return changes as the entity lists its fields: what people enter, then what follows."""
    places = {key: place for place, key in enumerate(entity.fields)}
    return sorted(changes, key=lambda change: places.get(change.field, len(places)))


def _line(
    screen: Screen, entity: Entity, change: FieldChange, *, computed: bool
) -> ChangeLine | None:
    field = entity.fields.get(change.field)
    if field is None or field.builtin and field.key not in ("owner", "department"):
        return None
    if entity.child_of is not None and field.key == entity.child_of.via:
        return None
    return ChangeLine(
        label=screen.field_label(field),
        before=_cell(screen, field, change.before),
        after=_cell(screen, field, change.after),
        computed=computed or field.formula is not None,
    )


def _cell(screen: Screen, field: Field, kept: object) -> Cell:
    if kept is None:
        return BLANK
    value = read_kept(field, kept)
    return cell(screen, field, value) if value is not None else Cell("text", str(kept))


def read_kept(field: Field, kept: Any) -> Any:
    """Return a value as history keeps it in JSON as what it was; None for what it cannot be."""
    if not isinstance(kept, str):
        return tuple(kept) if isinstance(kept, list) else kept
    try:
        match field.type:
            case "money" | "decimal" | "percent" | "progress":
                return Decimal(kept)
            case "date":
                return date.fromisoformat(kept)
            case "datetime":
                return datetime.fromisoformat(kept)
            case "time":
                return time.fromisoformat(kept)
            case _:
                return kept
    except (ValueError, InvalidOperation):
        return None
