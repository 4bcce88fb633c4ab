"""What the cells of a file name that is not known: options and records, with what comes near."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

from rapidfuzz.fuzz import WRatio
from sqlalchemy import Connection

from engine.context import Context
from engine.doors import Access, Payload
from engine.exchange.cells import ID, CellInvalid, read_cell
from engine.exchange.mapping import ColumnMap, Target, folded
from engine.exchange.matching import existing_by_key, key_field
from engine.exchange.missing import makes_itself
from engine.exchange.sources import Source
from engine.query.spec import Hit
from metamodel.model import Entity

LOOKED_AT = 20_000
"""Rows of a file whose cells are looked at."""

MOST_VALUES = 100
"""Unknown values of one column that are asked about; the others are refused row by row."""

MOST_NEAR = 3

NEAR = 70.0
"""Of a hundred, above which a name is offered for another."""

SURE = 90.0
"""Above which it is chosen unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """What a value may mean: as a map file writes it, and as people read it."""

    value: str
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that names nothing known, in how many rows, and what comes near it."""

    value: str
    rows: int
    near: tuple[Nearby, ...]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The unknown values of one column. `options` are all that a choice may be; `makes` tells
    that records may be made of the names; `more` that there are more than are listed.
    """

    column: str
    target: Target
    values: tuple[Unknown, ...]
    options: tuple[Nearby, ...] = ()
    makes: bool = False
    more: bool = False


class Finds(Protocol):
    """Finds what may be chosen for a link, under the person's rights."""

    def pick(
        self, ctx: Context, entity: str, field: str, text: str, *, this: Payload, limit: int = 20
    ) -> tuple[Hit, ...]: ...


@dataclass(frozen=True, slots=True)
class Values:
    """Looks for unknown values in the columns of a file that name options or records."""

    ctx: Context
    access: Access
    connection: Connection
    finds: Finds

    def unmatched(self, source: Source, columns: ColumnMap) -> tuple[Unmatched, ...]:
        """Return the columns that hold unknown values, in the order of the file."""
        if source.typed:
            return ()
        # A list of names is read as one cell: there is nothing in a map file to say of its parts.
        asked = [
            (at, target)
            for at, target in columns.targets
            if not target.many and (target.field.link is not None or target.field.type == "choice")
        ]
        cells = _counted(source, [at for at, _ in asked])
        found = []
        for at, target in asked:
            said = columns.rules.values.get(target.field.name, {})
            fresh = Counter({text: n for text, n in cells[at].items() if text not in said})
            linked = target.field.link is not None
            made = self._links(target, fresh) if linked else self._choices(target, fresh, columns)
            if made.values:
                found.append(replace(made, column=source.header[at]))
        return tuple(found)

    def _choices(self, target: Target, cells: Mapping[str, int], columns: ColumnMap) -> Unmatched:
        options = tuple(
            Nearby(each.name, each.label.text(self.ctx.language) or each.name, 0)
            for each in target.field.options.values()
        )
        unknown = []
        for text, rows in cells.items():
            try:
                read_cell(text, target, columns.rules)
            except CellInvalid:
                unknown.append(Unknown(text, rows, _near(text, options)))
        unknown.sort(key=lambda each: -each.rows)
        more = len(unknown) > MOST_VALUES
        return Unmatched("", target, tuple(unknown[:MOST_VALUES]), options=options, more=more)

    def _links(self, target: Target, cells: Mapping[str, int]) -> Unmatched:
        link = target.field.link
        if link is None or len(link.to) != 1:
            return Unmatched("", target, ())
        entity = self.ctx.model.entities[link.to[0]]
        texts = [text for text in cells if not ID.fullmatch(text)]
        if target.by:
            by = key_field(self.ctx, self.access, entity, target.by)
            known = existing_by_key(self.ctx, self.connection, self.access, by, texts)
            texts = [text for text, one in zip(texts, known, strict=True) if one is None]
        few, more = texts[:MOST_VALUES], len(texts) > MOST_VALUES
        unknown = tuple(
            Unknown(text, cells[text], self._records(target, entity, text)) for text in few
        )
        return Unmatched("", target, unknown, makes=makes_itself(entity, target.by), more=more)

    def _records(self, target: Target, entity: Entity, text: str) -> tuple[Nearby, ...]:
        """Return records whose titles come near a text, the nearest first."""
        field = target.field
        titled = target.by and entity.title_field in entity.fields
        by_title = titled and entity.fields[entity.title_field].name == target.by
        if target.by and not by_title:
            return ()
        hits = {
            hit.id: hit
            for words in dict.fromkeys((text, text[:2]))
            for hit in self.finds.pick(self.ctx, field.entity, field.name, words, this={})
        }
        options = [
            Nearby(hit.title if target.by else str(hit.id), hit.title, 0) for hit in hits.values()
        ]
        return _near(text, options)


def _counted(source: Source, places: Sequence[int]) -> dict[int, Counter[str]]:
    """Return how often each text stands in each column."""
    found: dict[int, Counter[str]] = {at: Counter() for at in places}
    for row in islice(source.rows(), LOOKED_AT) if places else ():
        for at in places:
            text = str(row.cells[at] or "").strip()
            if text:
                found[at][text] += 1
    return found


def _near(text: str, options: Sequence[Nearby]) -> tuple[Nearby, ...]:
    wanted = folded(text)
    scored = [replace(each, score=WRatio(wanted, folded(each.label))) for each in options]
    near = sorted((each for each in scored if each.score >= NEAR), key=lambda each: -each.score)
    return tuple(near[:MOST_NEAR])
