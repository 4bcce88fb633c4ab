"""Rows of a file that look like records which are there already: the same address, a near name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol
from uuid import UUID

from rapidfuzz import process
from rapidfuzz.fuzz import ratio

from engine.access.fields import may_read
from engine.context import Context
from engine.exchange.mapping import ColumnMap, folded
from engine.exchange.sources import Source
from engine.query.paths import own_path
from engine.query.spec import ListQuery, Page
from formula.scope import Step
from metamodel.model import Entity, Field

ROWS = 3_000
"""Rows of a file that are compared."""

RECORDS = 30_000
"""Records that they are compared with, the latest first."""

PAGE = 500

MOST = 300
"""Rows that are told of."""

NEAR = 88.0
"""Of a hundred, above which two names are taken for the same."""

CERTAIN = 100.0

TELLING = frozenset({"email", "phone", "url"})
"""Types whose values belong to one person or company."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A row by its line, and the record it looks like; `field` is what says so, by name."""

    line: int
    text: str
    record: UUID
    title: str
    field: str
    score: float


class Finds(Protocol):
    """Reads pages of records, under the person's rights."""

    def find(self, ctx: Context, query: ListQuery) -> Page: ...


@dataclass(slots=True)
class _Known:
    """What records hold of one field, folded: the first record of each value."""

    field: Field
    records: dict[str, tuple[UUID, str]]


def alike(ctx: Context, finds: Finds, source: Source, columns: ColumnMap) -> tuple[Alike, ...]:
    """Return the rows that look like records the person may see, in the order of the file."""
    entity = ctx.model.entities[columns.entity]
    places = dict(_places(ctx, entity, columns))
    if not places:
        return ()
    known = _known(ctx, finds, entity, [field for field in places.values()])
    found: list[Alike] = []
    for row in islice(source.rows(), ROWS):
        for at, each in zip(places, known, strict=True):
            one = _match(row.line, str(row.cells[at] or "").strip(), each, entity)
            if one is not None:
                found.append(one)
                break
        if len(found) == MOST:
            break
    return tuple(found)


def _places(ctx: Context, entity: Entity, columns: ColumnMap) -> Iterator[tuple[int, Field]]:
    """Yield the columns that tell records apart, those that are certain first."""
    read = [
        (at, target.field)
        for at, target in columns.targets
        if may_read(ctx, Step(entity.key, target.field.key)) and not target.field.encrypted
    ]
    yield from ((at, field) for at, field in read if field.type in TELLING)
    yield from ((at, field) for at, field in read if field.key == entity.title_field)


def _known(
    ctx: Context, finds: Finds, entity: Entity, fields: Sequence[Field]
) -> tuple[_Known, ...]:
    known = tuple(_Known(field, {}) for field in fields)
    paths = tuple(own_path(entity, field) for field in fields)
    cursor: str | None = None
    for _ in range(RECORDS // PAGE):
        query = ListQuery(entity=entity.key, paths=paths, limit=PAGE, cursor=cursor)
        page = finds.find(ctx, query)
        for row in page.rows:
            for path, each in zip(paths, known, strict=True):
                text = folded(str(row.values.get(path.text) or ""))
                if text:
                    each.records.setdefault(text, (row.id, row.title))
        cursor = page.next
        if cursor is None:
            break
    return known


def _match(line: int, text: str, known: _Known, entity: Entity) -> Alike | None:
    wanted = folded(text)
    if not wanted:
        return None
    name, score = wanted, CERTAIN
    if wanted not in known.records:
        if known.field.key != entity.title_field or len(wanted) < 3:
            return None
        near = process.extractOne(wanted, known.records.keys(), scorer=ratio, score_cutoff=NEAR)
        if near is None:
            return None
        name, score = near[0], near[1]
    record, title = known.records[name]
    return Alike(line, text, record, title, known.field.name, score)
