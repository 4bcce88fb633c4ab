"""Records that stand in the line of time of those they link to: follow-ups, calls, messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from engine.query.joined import NOWHERE
from engine.query.spec import LinkValue, ListQuery, Row
from formula.scope import FieldBinding
from formula.typed import Constant, Dependencies, Operation, Read, Typed
from formula.types import BooleanType
from metamodel import scope_of
from metamodel.model import Entity
from metamodel.views import FieldPath, Sort, ViewColumn
from ui.screen import Screen
from ui.viewmodels.cells import BLANK, path_cell, path_label
from ui.viewmodels.conditions import both, linked_to
from ui.viewmodels.events import ChangeLine, Event
from ui.viewmodels.related import list_view
from ui.viewmodels.rows import readable_columns
from ui.viewmodels.shell import may

MOST_COLUMNS = 6

CREATED = "created_at"


@dataclass(frozen=True, slots=True)
class Told:
    """Records of `member` that link to a record by the field `via`, by name."""

    member: Entity
    via: str


def told_of(screen: Screen, entity: Entity) -> Iterator[Told]:
    """Yield whose records stand in the line of time of an entity, as far as they may be read."""
    for collection in entity.collections.values():
        member = screen.ctx.model.entities[collection.entity]
        told = member.timeline and not (collection.children or member.retired or member.system)
        if told and may(screen, "read", member.key):
            yield Told(member, member.fields[collection.via].name)


def related_events(
    screen: Screen, record: UUID, stories: Sequence[Told], *, before: UUID | None, limit: int
) -> Iterator[Event]:
    """Yield records of each story that were made before an event, the latest first."""
    for each in stories:
        yield from _events(screen, record, each, before, limit)


def _events(
    screen: Screen, record: UUID, story: Told, before: UUID | None, limit: int
) -> Iterator[Event]:
    member = story.member
    made = _binding(screen, member)
    wanted: Typed | None = linked_to(screen, member.key, story.via, record)
    if before is not None:
        wanted = both(wanted, _until(made, _instant(before)))
    columns = [
        each
        for each in readable_columns(screen, member, list_view(member))
        if each.path.text.split(".")[0] != story.via
    ][:MOST_COLUMNS]
    by = FieldPath("created_by", _binding(screen, member, "created_by"))
    at = FieldPath(CREATED, made)
    page = screen.services.reader.find(
        screen.ctx,
        ListQuery(
            entity=member.key,
            filter=wanted,
            sort=(Sort(at, descending=True),),
            paths=(*(each.path for each in columns), at, by),
            limit=limit,
        ),
    )
    for row in page.rows:
        if before is None or row.id < before:
            yield _event(screen, member, columns, row)


def _event(screen: Screen, member: Entity, columns: Sequence[ViewColumn], row: Row) -> Event:
    at, by = row.values.get(CREATED), row.values.get("created_by")
    shown = (
        ChangeLine(path_label(screen, each.path, each.label), BLANK, drawn, computed=False)
        for each in columns
        if (drawn := path_cell(screen, each.path, row.values.get(each.path.text))).text
        or drawn.marks
    )
    return Event(
        id=row.id,
        kind="told",
        icon=member.icon or "file",
        actor=by.title or "" if isinstance(by, LinkValue) else "",
        sentence=screen.entity_label(member),
        at=screen.formats.instant(at) if isinstance(at, datetime) else "",
        at_iso=at.isoformat() if isinstance(at, datetime) else "",
        changes=tuple(shown),
        link=screen.record_url(member.name, row.id),
        title=row.title,
    )


def _binding(screen: Screen, member: Entity, name: str = CREATED) -> FieldBinding:
    binding = scope_of(screen.ctx.model, member.key).lookup((name,))
    if not isinstance(binding, FieldBinding):
        raise TypeError(f"every entity keeps {name}")
    return binding


def _until(made: FieldBinding, instant: datetime) -> Typed:
    """Return the condition that a record was made before an instant."""
    operands = (Read(made, made.type, NOWHERE), Constant(instant, made.type, NOWHERE))
    node = Operation("<", operands, BooleanType(), NOWHERE)
    reads = Dependencies(reads=frozenset({made.steps}))
    return Typed(node, BooleanType(), reads, made.stability, f"{CREATED} < {instant.isoformat()}")


def _instant(id_: UUID) -> datetime:
    """Return the instant after the one that an id was made at: ids begin with milliseconds."""
    milliseconds = id_.int >> 80
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds + 1)
