"""Numbers such as `Q-202603-0007`: unique and increasing, from a range taken beforehand.

A range is taken in a transaction of its own, so that writers do not wait for each other: a
number that was taken and not used leaves a gap. Where a field is `gapless` the counter's row
is the last lock of the unit that uses the number.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from engine.context import Context
from engine.records.checks import row_values
from engine.records.draft import Draft
from engine.records.entering import nested
from engine.records.fill import compute
from engine.records.held import Units
from engine.records.plans import plan_of
from engine.records.work import Work
from engine.values.identity import new_id
from engine.values.local import evaluate
from engine.values.payload import Loaded
from metamodel.model import Entity, Field

PART = re.compile(r"\{(YYYY|YY|MM|DD|0+)\}")
BURST_SECONDS = 1.0
LARGEST_RANGE = 256


Counts = Mapping[tuple[str, str], int]
"""How many numbers of which field, by entity and field key."""


@dataclass(slots=True)
class _Range:
    """Numbers that this process holds of one counter."""

    next: int = 1
    last: int = 0
    size: int = 1
    taken_at: float = 0.0


@dataclass(slots=True)
class Numbers:
    """Ranges of counters held by this process, by schema, counter and period."""

    database: Units
    ranges: dict[tuple[str, str, str], _Range] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def take(self, ctx: Context, each: Field, count: int) -> list[int]:
        """Return numbers that nobody else gets; asks the database when the range is used up."""
        if count == 0:
            return []
        place = (ctx.tenant.schema, f"{each.entity}.{each.key}", period_of(ctx, each))
        with self.lock:
            held = self.ranges.setdefault(place, _Range())
            found: list[int] = []
            while len(found) < count:
                if held.next > held.last:
                    self._refill(ctx, place, held, count - len(found))
                upto = min(held.last, held.next + count - len(found) - 1)
                found += range(held.next, upto + 1)
                held.next = upto + 1
            return found

    def _refill(self, ctx: Context, place: tuple[str, str, str], held: _Range, least: int) -> None:
        """Take the next range: twice as many as last time in a burst, one by one otherwise."""
        now = time.monotonic()
        burst = now - held.taken_at < BURST_SECONDS
        held.size = min(held.size * 2, LARGEST_RANGE) if burst else 1
        held.taken_at = now
        size = max(held.size, least)
        held.last = self.database.unit(
            ctx, lambda connection: advance(ctx, connection, place[1:], size)
        )
        held.next = held.last - size + 1


def advance(ctx: Context, connection: Connection, counter: tuple[str, str], by: int) -> int:
    """Move a counter (name, period) on and return its value; its row stays locked."""
    table = ctx.compiled.tables.of("sys_counter")
    fields = ctx.model.entities["sys_counter"].fields
    value = table.c[fields["value"].column]
    statement = insert(table).values(
        {
            table.c.id: new_id(ctx.now),
            table.c[fields["name"].column]: counter[0],
            table.c[fields["period"].column]: counter[1],
            value: by,
        }
    )
    names = [fields["name"].column, fields["period"].column]
    moved = statement.on_conflict_do_update(index_elements=names, set_={value: value + by})
    return int(connection.execute(moved.returning(value)).scalar_one())


def note_due(work: Work, drafts: Iterable[Draft]) -> None:
    """Note which numbers drafts are to get: what follows from them is locked with the rest."""
    for draft in drafts:
        draft.due = {
            each.key
            for each in plan_of(work.ctx.compiled, draft.entity).numbers
            if draft.values.get(each.key) is None and _is_due(work, draft, each)
        }


def assign_numbers(work: Work, drafts: Sequence[Draft]) -> None:
    """Give drafts the numbers they are due: those taken beforehand, or from the counter's own row.

    That row is the last that a unit locks, and stays locked until it commits: no number is
    ever used by two, and none is missing where the unit fails.
    """
    waiting: dict[tuple[int, str], list[Draft]] = {}
    for draft in drafts:
        for key in draft.due:
            number = next(work.numbers.get((draft.entity.key, key), iter(())), None)
            if number is None:
                waiting.setdefault((draft.entity.rank, key), []).append(draft)
            else:
                draft.values[key] = written(work.ctx, draft.entity.fields[key], number)
    for _, key in sorted(waiting):
        group = waiting[_, key]
        each = group[0].entity.fields[key]
        counter = (f"{each.entity}.{each.key}", period_of(work.ctx, each))
        first = advance(work.ctx, work.connection, counter, len(group)) - len(group) + 1
        for number, draft in enumerate(group, start=first):
            draft.values[key] = written(work.ctx, each, number)
    for draft in drafts:
        if any(work.ctx.compiled.graph.own.get((draft.entity.key, key)) for key in draft.due):
            plan = plan_of(work.ctx.compiled, draft.entity)
            compute(work, draft, plan, alone=bool(draft.settled))


def is_ahead(each: Field) -> bool:
    """Return whether a field's numbers may be taken before its record is written."""
    numbering = each.numbering
    return numbering is not None and not numbering.gapless and numbering.assign_when is None


def _is_due(work: Work, draft: Draft, each: Field) -> bool:
    due = each.numbering.assign_when if each.numbering else None
    if due is None:
        return draft.is_new
    return bool(evaluate(due, row_values(work, draft)))


def written(ctx: Context, each: Field, number: int) -> str:
    """Return a number as its pattern writes it."""
    parts = _dates(ctx)

    def part(match: re.Match[str]) -> str:
        name = match.group(1)
        return parts[name] if name in parts else str(number).zfill(len(name))

    return PART.sub(part, each.numbering.pattern if each.numbering else "")


def period_of(ctx: Context, each: Field) -> str:
    """Return the part of the calendar in which a field's numbers start again."""
    parts = _dates(ctx)
    named = PART.findall(each.numbering.pattern if each.numbering else "")
    return "".join(parts[name] for name in named if name in parts)


def _dates(ctx: Context) -> Mapping[str, str]:
    here: datetime = ctx.now.astimezone(ZoneInfo(ctx.moment.zone))
    year = f"{here.year:04d}"
    return {"YYYY": year, "YY": year[2:], "MM": f"{here.month:02d}", "DD": f"{here.day:02d}"}


def counted(
    ctx: Context, entity: Entity, payloads: Sequence[Loaded], *, new: bool = True
) -> Counts:
    """Return how many numbers of which field (by entity and field key) payloads will use."""
    counts: dict[tuple[str, str], int] = {}
    waiting = [(entity, each, new) for each in payloads if not each.errors]
    while waiting:
        kind, loaded, is_new = waiting.pop()
        for each in plan_of(ctx.compiled, kind).numbers if is_new else ():
            if is_ahead(each):
                counts[kind.key, each.key] = counts.get((kind.key, each.key), 0) + 1
        for name, edit in loaded.lines.items():
            child = ctx.model.entities[kind.collections[name].entity]
            waiting += [(child, nested(line), line.id is None) for line in edit.lines]
    return counts
