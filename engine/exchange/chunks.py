"""The rows of one chunk, from what the file says to what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.context import Context
from engine.doors import Access, Bulk, Edit
from engine.errors import FieldError
from engine.exchange.cells import read_column
from engine.exchange.journal import Mode, Rejected, first_lines
from engine.exchange.mapping import CREATE, SKIP, ColumnMap, entered_line
from engine.exchange.matching import existing_by_key, key_field
from engine.exchange.missing import make_missing
from engine.exchange.sources.rows import SourceRow
from engine.query.masks import masked
from engine.records.held import Held
from engine.records.setwise.fitting import why_not
from engine.records.writer import Records
from engine.values.sealed import MARK
from engine.values.sheet import ABSENT, Sheet
from metamodel.model import Entity, Field, Model

CHUNK = 10_000
"""Rows in one transaction where they are written set-wise, near the start of a file."""

LARGEST_CHUNK = 50_000
"""Rows in one transaction of a long file: totals above are worked out once for each of them."""

FIRST_CHUNK = 1_000
"""Rows of the first chunk: it tells soon whether a file is taken at all."""

SMALL_CHUNK = 500
"""Rows in one transaction where they are written one by one: few enough to wait for."""

LARGEST_REHEARSED = 10_000
"""Rejected rows that a rehearsal tells of."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a file and how they are to be taken in; `typed` where cells are values already."""

    columns: ColumnMap
    mode: Mode
    key: str
    typed: bool
    rows: Sequence[SourceRow]


@dataclass(slots=True)
class _Reading:
    """The rows of a chunk by column, and what is wrong with them, by their place in it."""

    sheet: Sheet
    errors: dict[int, list[FieldError]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many rows are taken in at once: `first` of a file, `size` then, `largest` of a long one.

    A chunk is never more than what is done already, above `size`.
    """

    first: int
    size: int
    largest: int

    def after(self, done: int) -> int:
        """Return the rows of the chunk that follows rows that are done."""
        return min(self.largest, max(self.size, done)) if done else min(self.size, self.first)


def pace_of(ctx: Context, entity: Entity, mode: Mode) -> Pace:
    """Return how many rows of an entity are taken in at once."""
    if mode == "update" or why_not(ctx.compiled, entity):
        return Pace(FIRST_CHUNK, SMALL_CHUNK, SMALL_CHUNK)
    return Pace(FIRST_CHUNK, CHUNK, LARGEST_CHUNK if mode == "insert" else CHUNK)


def take_in(
    ctx: Context, held: Held, writer: Records, access: Access, chunk: Chunk
) -> tuple[dict[str, int], tuple[Rejected, ...]]:
    """Write the rows of a chunk in an open unit; return counts and the rows it rejected."""
    reading = _read(ctx, chunk)
    entity = ctx.model.entities[chunk.columns.entity]
    taking = _Taking(ctx, held, writer, access, entity, chunk, reading)
    good = taking.decided([at for at in range(len(chunk.rows)) if at not in reading.errors])
    make_missing(ctx, held, writer, access, (chunk.columns, reading.sheet, good))
    if chunk.mode == "insert":
        taking.create(good)
    else:
        for round_ in _rounds(reading, chunk.key, good):
            taking.match(round_)
    hidden = _hidden(ctx.model, chunk.columns)
    rejected = [
        Rejected(chunk.rows[at].line, _told(chunk.rows[at].cells, hidden), tuple(errors))
        for at, errors in reading.errors.items()
    ]
    reading.counts["rejected"] = len(rejected)
    return reading.counts, first_lines(rejected)


def _hidden(model: Model, columns: ColumnMap) -> dict[int, Field | None]:
    """Return the columns whose cells are not told again, with the field that masks them."""
    found: dict[int, Field | None] = {}
    for at, target in columns.targets:
        link = target.field.link
        named = [model.entities[key].field_named(target.by) for key in (link.to if link else ())]
        if target.field.encrypted:
            found[at] = target.field
        elif target.by and any(each is not None and each.encrypted for each in named):
            found[at] = None
    for at, collection in columns.lines.items():
        below = model.entities[collection.entity]
        if any(each.encrypted for each in below.fields.values()):
            found[at] = None
    return found


def _told(cells: tuple[Any, ...], hidden: Mapping[int, Field | None]) -> tuple[Any, ...]:
    """Return the cells of a row that is kept: encrypted ones as their masks."""
    if not hidden:
        return cells
    return tuple(
        cell
        if at not in hidden or cell in (None, "") or cell is ABSENT
        else MARK
        if (field := hidden[at]) is None
        else masked(str(cell), field)
        for at, cell in enumerate(cells)
    )


def _read(ctx: Context, chunk: Chunk) -> _Reading:
    """Return the payloads of a chunk, column by column."""
    rows, columns = chunk.rows, chunk.columns
    errors: dict[int, list[FieldError]] = {
        at: [FieldError("ragged_row", (), {"found": row.problem, "line": row.line})]
        for at, row in enumerate(rows)
        if row.problem
    }
    cells = list(zip(*(row.cells for row in rows), strict=True))
    read: dict[str, Sequence[object]] = {}
    for index, target in columns.targets:
        column = cells[index]
        found: Mapping[int, FieldError] = {}
        if not chunk.typed:
            column, found = read_column(column, target, columns.rules)  # type: ignore[assignment]
        for at, error in found.items():
            if not rows[at].problem:
                errors.setdefault(at, []).append(error)
        read[target.field.name] = column
    for index, collection in columns.lines.items():
        below = ctx.model.entities[collection.entity]
        read[collection.name] = [
            [entered_line(ctx.model, below, line) for line in cell]
            if isinstance(cell, list)
            else cell
            for cell in cells[index]
        ]
    for name, default in columns.rules.defaults.items():
        given = read.get(name, [None] * len(rows))
        read[name] = [default if value is None or value is ABSENT else value for value in given]
    return _Reading(Sheet(read, len(rows)), errors)


def _rows(sheet: Sheet, places: Sequence[int]) -> Sheet:
    """Return some payloads; ids are the engine's to give."""
    columns = {name: each for name, each in sheet.columns.items() if name != "id"}
    if len(places) < len(sheet):
        columns = {name: [column[at] for at in places] for name, column in columns.items()}
    return Sheet(columns, len(places))


def _rounds(reading: _Reading, key: str, places: Sequence[int]) -> list[list[int]]:
    """Return rows so that no key is twice in one round: the first creates, the second changes."""
    column = reading.sheet.columns.get(key)
    seen: dict[object, int] = {}
    rounds: list[list[int]] = []
    for at in places:
        value = None if column is None or column[at] in (None, "", ABSENT) else str(column[at])
        turn = 0 if value is None else seen.get(value, 0)
        seen[value] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(at)
    return rounds


@dataclass(frozen=True, slots=True)
class _Taking:
    """One chunk on its way in: who writes it where, and what was read of it."""

    ctx: Context
    held: Held
    writer: Records
    access: Access
    entity: Entity
    chunk: Chunk
    reading: _Reading

    def decided(self, places: Sequence[int]) -> list[int]:
        """Do what somebody decided of single rows; return the places of all others."""
        said = self.chunk.columns.rules.rows
        if not said:
            return list(places)
        named = {at: said.get(self.chunk.rows[at].line) for at in places}
        self._update([(at, what) for at, what in named.items() if isinstance(what, UUID)])
        fresh = [at for at, what in named.items() if what == CREATE]
        self.create(fresh)
        self.reading.counts["skipped"] = sum(what == SKIP for what in named.values())
        return [at for at, what in named.items() if what is None]

    def create(self, places: Sequence[int]) -> None:
        """Make records of rows."""
        if places:
            payloads = _rows(self.reading.sheet, places)
            self._bulk(places, Bulk(payloads, atomic=False), "created")

    def match(self, places: Sequence[int]) -> None:
        """Change the records that rows name by their key; make the others, or refuse them."""
        key, sheet = self.chunk.key, self.reading.sheet
        column = sheet.columns.get(key, [None] * len(sheet))
        keys = [None if column[at] is ABSENT else column[at] for at in places]
        named = key_field(self.ctx, self.access, self.entity, key)
        found = existing_by_key(self.ctx, self.held.connection, self.access, named, keys)
        new = [at for at, id_ in zip(places, found, strict=True) if id_ is None]
        if self.chunk.mode == "upsert":
            self.create(new)
        else:
            for at in new:
                told = MARK if named.encrypted else column[at]
                error = FieldError("no_match", (key,), {"value": told})
                self.reading.errors.setdefault(at, []).append(error)
        known = [(at, id_) for at, id_ in zip(places, found, strict=True) if id_ is not None]
        for start in range(0, len(known), SMALL_CHUNK):
            self._update(known[start : start + SMALL_CHUNK])

    def _update(self, known: Sequence[tuple[int, UUID]]) -> None:
        rows = self.reading.sheet
        edits = [
            Edit(id_, {name: value for name, value in rows[at].items() if name != "id"})
            for at, id_ in known
        ]
        self._bulk([at for at, _ in known], Bulk(update=edits, atomic=False), "updated")

    def _bulk(self, places: Sequence[int], bulk: Bulk, done: str) -> None:
        """Write rows, and keep what became of each."""
        result = self.writer.bulk(self.ctx, self.entity.key, bulk)
        written = result.counts.get("done", 0)
        for item in result.items if written < len(places) else ():
            if item.status != "done":
                self.reading.errors.setdefault(places[item.index], []).extend(item.errors)
        self.reading.counts[done] = self.reading.counts.get(done, 0) + written
