"""Whose time is taken when: also of what somebody may not read, of which they learn nothing else.

A calendar view that says `busy` publishes the time of its records, for which the condition
holds, to everybody who may look at people's calendars. Nothing but when is told of those.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.agenda.persons import for_person
from engine.agenda.repeats import moments
from engine.agenda.slots import Slot
from engine.context import Context
from engine.doors import Reader
from engine.query.joined import joined
from engine.query.parse import parse_filter
from engine.query.spec import LinkValue, ListQuery, Record
from engine.tenants.people import SYSTEM
from metamodel.model import Entity, Model
from metamodel.views import FieldPath, View

MOST = 500
"""Records of one person that are looked at: more nobody has in a few weeks."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A time at which a person is taken; the title and record only for who may read them."""

    slot: Slot
    entity: str
    record: UUID | None = None
    title: str = ""


def busy_views(model: Model) -> Iterator[tuple[Entity, View]]:
    """Yield the calendars whose records take people's time, one for each entity."""
    for entity in model.entities.values():
        if entity.retired or entity.off:
            continue
        found = (v for v in entity.views.values() if v.type == "calendar" and _takes_time(v))
        view = next(found, None)
        if view is not None:
            yield entity, view


def _takes_time(view: View) -> bool:
    layout = view.layout
    return None not in (layout.busy, layout.mine, layout.start, layout.end)


class BusyTimes:
    """Tells when people's time is taken."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def of(
        self, ctx: Context, people: Sequence[UUID], within: Slot, *,
        kinds: Collection[str], besides: UUID | None = None,
    ) -> Mapping[UUID, tuple[Taken, ...]]:  # fmt: skip
        """Return for each person when records of some kinds, by key, take their time, in order.

        `kinds` are those whose calendars the reader may open: of others they learn nothing.
        `besides` is a record that is left out.
        """
        return {
            person: tuple(sorted(self._of(ctx, person, within, kinds, besides), key=_begins))
            for person in dict.fromkeys(people)
        }

    def _of(
        self, ctx: Context, person: UUID, within: Slot, kinds: Collection[str],
        besides: UUID | None,
    ) -> Iterator[Taken]:  # fmt: skip
        everything = replace(ctx, actor=replace(SYSTEM, user=ctx.actor.user))
        for entity, view in busy_views(ctx.model):
            if entity.key not in kinds:
                continue
            query = _query(ctx, entity, view, person, within)
            rows = self._reader.find(everything, query).rows
            known = {row.id: row.title for row in self._reader.find(ctx, query).rows}
            for row in rows:
                readable = row.id in known
                named = (row.id if readable else None, known.get(row.id, ""))
                if row.id != besides:
                    slots = _slots(ctx, view, row.values, within)
                    yield from (Taken(slot, entity.key, *named) for slot in slots)


def _begins(taken: Taken) -> datetime:
    return taken.slot.begins


def _query(ctx: Context, entity: Entity, view: View, person: UUID, within: Slot) -> ListQuery:
    layout = view.layout
    paths = _paths(view)
    begins, ends = paths[0].text, paths[1].text
    low, high = (_text(ctx, moment) for moment in (within.begins, within.ends))
    text = f"{begins} < {high} and {ends} > {low}"
    if layout.repeat is not None:
        text = f"({text}) or ({begins} < {high} and not ISBLANK({layout.repeat.text}))"
    overlaps = parse_filter(ctx, entity.key, text)
    assert layout.mine is not None and layout.busy is not None  # noqa: S101 - `_takes_time` says so
    theirs = joined("and", for_person(layout.mine, person), layout.busy)
    whole = joined("and", theirs, overlaps)
    return ListQuery(entity.key, filter=whole, paths=paths, limit=MOST)


def _paths(view: View) -> tuple[FieldPath, ...]:
    layout = view.layout
    return tuple(path for path in (layout.start, layout.end, layout.repeat) if path is not None)


def _text(ctx: Context, moment: datetime) -> str:
    here = moment.astimezone(ZoneInfo(ctx.moment.zone))
    return f"DATETIME(DATE({here.year}, {here.month}, {here.day}), {here.hour}, {here.minute})"


def _slots(ctx: Context, view: View, values: Mapping[str, object], within: Slot) -> Iterator[Slot]:
    """Yield the times that a record takes: one, or as many as it repeats, by the tenant's clock."""
    begins, ends, *rules = (values.get(path.text) for path in _paths(view))
    if not isinstance(begins, datetime) or not isinstance(ends, datetime):
        return
    rule = next((each for each in rules if isinstance(each, str)), "")
    if not rule:
        yield Slot(begins, ends)
        return
    length, zone = ends - begins, ZoneInfo(ctx.moment.zone)
    for at in moments(rule, begins, length, zone, (within.begins, within.ends)):
        yield Slot(at, at + length)


def people_of(view: View, record: Record) -> tuple[LinkValue, ...]:
    """Return the people whose calendar a record is on: all that `mine` compares with somebody."""
    mine = view.layout.mine
    if mine is None:
        return ()
    values = [
        record.values.get(chain[0].field) for chain in mine.dependencies.reads if len(chain) == 1
    ]
    for lines in record.lines.values():
        for line in lines:
            for read in mine.dependencies.collections:
                if read.entity == line.entity:
                    values += [line.values.get(c[0].field) for c in read.reads if len(c) == 1]
    flat = [each for value in values for each in (value if isinstance(value, tuple) else (value,))]
    people = [each for each in flat if isinstance(each, LinkValue) and each.entity == "user"]
    return tuple({person.id: person for person in people}.values())
