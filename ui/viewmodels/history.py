"""What became of a record: who did what, said what, attached what, when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from engine.history.comments import Comment, Happening
from engine.query.spec import Entry, FieldChange
from engine.values.wire import file_to_wire
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.cells import BLANK, Cell, cell, file_part
from ui.widgets import CellKind

MOST_EVENTS = 200

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
    "publish": "by a change of the app",
}


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One field before and after."""

    label: str
    before: Cell
    after: Cell
    computed: bool


@dataclass(frozen=True, slots=True)
class Event:
    """What one change set did to the record or a line of it."""

    kind: str
    icon: str
    actor: str
    sentence: str
    at: str
    at_iso: str
    changes: tuple[ChangeLine, ...] = ()
    words: str = ""
    files: Cell = BLANK


@dataclass(frozen=True, slots=True)
class HistoryView:
    """The latest events, newest first, and where something is added to them."""

    events: tuple[Event, ...]
    url: str
    say_url: str
    attach_url: str


def history_view(screen: Screen, entity: Entity, record: UUID) -> HistoryView:
    """Return what became of a record; what merely followed by itself is left out."""
    found = screen.services.talk.timeline(
        screen.ctx, entity.key, record, limit=MOST_EVENTS, before=None
    )
    changeable = screen.services.access.decide(
        screen.ctx, "update", entity=entity.key, record=record
    ).allowed
    at = ("records", entity.name, str(record))
    return HistoryView(
        events=tuple(e for each in found if (e := _happening(screen, entity, each)) is not None),
        url=screen.record_url(entity.name, record, "history"),
        say_url=screen.api_url(*at, "comments"),
        attach_url=screen.api_url(*at, "files") if changeable else "",
    )


def _happening(screen: Screen, entity: Entity, happening: Happening) -> Event | None:
    words, formats = screen.words, screen.formats
    if isinstance(happening.of, Entry):
        return _event(screen, entity, happening.of)
    who = happening.by.title if happening.by is not None and happening.by.title else ""
    at = (formats.instant(happening.at), happening.at.isoformat())
    if isinstance(happening.of, Comment):
        said = words.say("said")
        return Event("comment", "message", who, said, *at, words=happening.of.body)
    part = file_part(screen, file_to_wire(happening.of))
    kind: CellKind = "images" if part.picture else "files"
    attached = words.say("attached a file")
    return Event(
        "file", "paperclip", who, attached, *at, files=Cell(kind, part.text, parts=(part,))
    )


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
    door = words.say(DOORS[entry.door]) if entry.door in DOORS else ""
    who = entry.actor.title if entry.actor is not None and entry.actor.title else ""
    return Event(
        kind=entry.operation,
        icon="calculator" if entry.computed else ICONS.get(entry.operation, "pencil"),
        actor="" if entry.computed else who or words.say("The system"),
        sentence=f"{done} {door}".strip(),
        at=screen.formats.instant(entry.at),
        at_iso=entry.at.isoformat(),
        changes=lines,
    )


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
