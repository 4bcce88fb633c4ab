"""The rows of one chunk, from what the file says to what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from engine.context import Context
from engine.doors import Access, Bulk, BulkResult, Edit
from engine.errors import FieldError
from engine.exchange.cells import read_column
from engine.exchange.journal import Mode, Rejected, first_lines
from engine.exchange.mapping import ColumnMap
from engine.exchange.matching import existing_by_key, key_field
from engine.exchange.sources.rows import SourceRow
from engine.records.held import Held
from engine.records.setwise.fitting import why_not
from engine.records.writer import Records
from engine.values.sheet import ABSENT, Sheet
from metamodel.model import Entity

CHUNK = 10_000
"""Rows in one transaction where they are written set-wise."""

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


def size_of(ctx: Context, entity: Entity, mode: Mode) -> int:
    """Return how many rows of an entity are taken in at once."""
    return SMALL_CHUNK if mode == "update" or why_not(ctx.compiled, entity) else CHUNK


def take_in(
    ctx: Context, held: Held, writer: Records, access: Access, chunk: Chunk
) -> tuple[dict[str, int], tuple[Rejected, ...]]:
    """Write the rows of a chunk in an open unit; return counts and the rows it rejected."""
    reading = _read(chunk)
    entity = ctx.model.entities[chunk.columns.entity]
    good = [at for at in range(len(chunk.rows)) if at not in reading.errors]
    if chunk.mode == "insert":
        _create(ctx, writer, entity, reading, good)
    else:
        for round_ in _rounds(reading, entity, chunk.key, good):
            _match(ctx, held, writer, access, entity, chunk, reading, round_)
    rejected = [
        Rejected(chunk.rows[at].line, chunk.rows[at].cells, tuple(errors))
        for at, errors in reading.errors.items()
    ]
    reading.counts["rejected"] = len(rejected)
    return reading.counts, first_lines(rejected)


def _read(chunk: Chunk) -> _Reading:
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
    for name, default in columns.rules.defaults.items():
        given = read.get(name, [None] * len(rows))
        read[name] = [default if value is None or value is ABSENT else value for value in given]
    return _Reading(Sheet(read, len(rows)), errors)


def _create(
    ctx: Context, writer: Records, entity: Entity, reading: _Reading, places: Sequence[int]
) -> None:
    if not places:
        return
    payloads = _without_id(_rows(reading.sheet, places))
    _note(reading, places, writer.bulk(ctx, entity.key, Bulk(payloads, atomic=False)), "created")


def _rows(sheet: Sheet, places: Sequence[int]) -> Sheet:
    if len(places) == len(sheet):
        return sheet
    columns = {name: [column[at] for at in places] for name, column in sheet.columns.items()}
    return Sheet(columns, len(places))


def _without_id(sheet: Sheet) -> Sheet:
    return Sheet({name: each for name, each in sheet.columns.items() if name != "id"}, len(sheet))


def _rounds(reading: _Reading, entity: Entity, key: str, places: Sequence[int]) -> list[list[int]]:
    """Return rows so that no key is twice in one round: the first creates, the second changes."""
    column = reading.sheet.columns.get(key)
    seen: dict[object, int] = {}
    rounds: list[list[int]] = []
    for at in places:
        value = str(column[at]) if column is not None and column[at] not in (None, "") else None
        turn = 0 if value is None else seen.get(value, 0)
        seen[value] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(at)
    return rounds


def _match(  # noqa: PLR0913 - what a chunk needs, all of it different
    ctx: Context, held: Held, writer: Records, access: Access, entity: Entity, chunk: Chunk,
    reading: _Reading, places: Sequence[int],
) -> None:  # fmt: skip
    """Change the records that rows name by their key; make the others, or refuse them."""
    field_ = key_field(entity, chunk.key)
    column = reading.sheet.columns.get(chunk.key, [None] * len(chunk.rows))
    keys = [None if column[at] is ABSENT else column[at] for at in places]
    found = existing_by_key(ctx, held.connection, access, field_, keys)
    new = [at for at, id_ in zip(places, found, strict=True) if id_ is None]
    if chunk.mode == "update":
        for at in new:
            error = FieldError("no_match", (chunk.key,), {"value": column[at]})
            reading.errors.setdefault(at, []).append(error)
    else:
        _create(ctx, writer, entity, reading, new)
    known = [(at, id_) for at, id_ in zip(places, found, strict=True) if id_ is not None]
    for start in range(0, len(known), SMALL_CHUNK):
        _update(ctx, writer, entity, reading, known[start : start + SMALL_CHUNK])


def _update(
    ctx: Context,
    writer: Records,
    entity: Entity,
    reading: _Reading,
    known: Sequence[tuple[int, UUID]],
) -> None:
    edits = [
        Edit(id_, {name: value for name, value in reading.sheet[at].items() if name != "id"})
        for at, id_ in known
    ]
    result = writer.bulk(ctx, entity.key, Bulk(update=edits, atomic=False))
    _note(reading, [at for at, _ in known], result, "updated")


def _note(reading: _Reading, places: Sequence[int], result: BulkResult, done: str) -> None:
    """Keep what became of each row."""
    for item in result.items:
        if item.status != "done":
            reading.errors.setdefault(places[item.index], []).extend(item.errors)
    written = sum(item.status == "done" for item in result.items)
    reading.counts[done] = reading.counts.get(done, 0) + written
