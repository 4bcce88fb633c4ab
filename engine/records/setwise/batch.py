"""New records on their way into their table, by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from uuid import UUID

from engine.values.payload import Reference
from engine.values.sheet import ABSENT
from metamodel.model import Entity


@dataclass(frozen=True, slots=True)
class Columns:
    """What could be read of payloads, by field key: values, references, or `ABSENT`.

    `unreadable` are the rows of which something could not be read; they hold nothing useful.
    """

    values: Mapping[str, Sequence[object]]
    length: int
    unreadable: frozenset[int]


@dataclass(slots=True)
class Batch:
    """The rows of a batch that are still to be written, all columns equally long.

    `rows` says which payload each is, `values` are by field key, a link as its target's id,
    whose entity `targets` names where there are several. `given` are the fields that payloads
    name, for all rows (True) or by row. `references` are links that are not looked up yet.
    `texts` are computed texts, by field key, that records are found by or sorted by: what the
    database computes itself it cannot fold.
    """

    entity: Entity
    rows: list[int]
    ids: list[UUID]
    values: dict[str, list[object]] = field(default_factory=dict)
    targets: dict[str, list[str]] = field(default_factory=dict)
    given: dict[str, list[bool]] = field(default_factory=dict)
    references: dict[str, list[Reference | None]] = field(default_factory=dict)
    texts: dict[str, list[object]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, at: int, keys: Iterable[str]) -> dict[str, object]:
        """Return some fields of one row, by key."""
        values = self.values
        return {key: values[key][at] for key in keys if key in values}

    def targets_at(self, at: int) -> dict[str, str]:
        """Return the entities of one row's links among several."""
        return {key: column[at] for key, column in self.targets.items()}


def begin(entity: Entity, columns: Columns, ids: Sequence[UUID], refused: Iterable[int]) -> Batch:
    """Return the rows that are not refused, as they were read."""
    out = set(refused) | columns.unreadable
    keep = [index not in out for index in range(columns.length)]
    batch = Batch(
        entity,
        rows=[index for index, kept in enumerate(keep) if kept],
        ids=list(compress(ids, keep)),
    )
    for key, column in columns.values.items():
        found = list(compress(column, keep)) if out else list(column)
        given = [value is not ABSENT for value in found]
        batch.given[key] = given
        if not all(given):
            found = [None if value is ABSENT else value for value in found]
        if entity.fields[key].link is not None:
            batch.references[key] = found  # type: ignore[assignment]  # as links are read
        else:
            batch.values[key] = found
    return batch
