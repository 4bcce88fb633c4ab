"""A bulk write as a batch of new records: what is asked, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from engine.changes import Change
from engine.context import Context
from engine.doors import Bulk, BulkItem, BulkResult
from engine.errors import FieldError
from engine.records.entering import enter_new
from engine.records.save import prepared
from engine.records.setwise.batch import Columns
from engine.records.setwise.create import CreateMany
from engine.records.setwise.fitting import NotSetwise, columns_why_not, why_not
from engine.records.setwise.reading import read_sheet
from engine.records.work import Work
from engine.values.identity import new_ids
from engine.values.payload import Loaded, load_payload
from engine.values.sheet import Sheet
from metamodel.model import Entity

SETWISE_FROM = 100
"""New records from which on a batch is worth its staging table."""

Refused = Mapping[int, tuple[FieldError, ...]]


@dataclass(frozen=True, slots=True)
class NewBatch:
    """New records as they were asked for and read."""

    ctx: Context
    entity: Entity
    sheet: Sheet
    columns: Columns
    ids: Sequence[UUID]

    @property
    def readable(self) -> int:
        """How many payloads could be read."""
        return self.columns.length - len(self.columns.unreadable)

    def begin(self, numbers: Mapping[str, Sequence[int]]) -> CreateMany:
        """Return the batch ready to run; `numbers` are its own, by field key."""
        return CreateMany(self.entity, self.columns, self.ids, self.explain, numbers)

    def explain(self, work: Work, rows: Sequence[int]) -> Refused:
        """Return what the one-by-one form says is wrong with payloads; nothing is written."""
        loaded = {
            row: load_payload(self.ctx.compiled, self.entity, self.sheet[row]) for row in rows
        }
        said = {row: each.errors for row, each in loaded.items() if each.errors}
        rest = {row: each for row, each in loaded.items() if not each.errors}
        if rest:
            said |= self._judged(work, rest)
        return said

    def _judged(self, work: Work, rows: Mapping[int, Loaded]) -> dict[int, tuple[FieldError, ...]]:
        drafts, _ = prepared(
            work,
            lambda work: [
                draft
                for row, loaded in rows.items()
                for draft in enter_new(
                    work, self.entity, loaded, ("create", row), id_=self.ids[row]
                )
            ],
        )
        said: dict[int, list[FieldError]] = {}
        for draft in drafts:
            for error in draft.errors:
                inner = FieldError(error.code, error.path[2:], error.params)
                said.setdefault(int(error.path[1]), []).append(inner)
        return {row: tuple(errors) for row, errors in said.items()}

    def result(self, refused: Refused, change: Change | None) -> BulkResult:
        """Return what became of each payload; without a change nothing was done."""
        items = tuple(self._items(refused, change))
        counts: dict[str, int] = {}
        for item in items:
            counts[item.status] = counts.get(item.status, 0) + 1
        return BulkResult(items, change, counts)

    def _items(self, refused: Refused, change: Change | None) -> Iterator[BulkItem]:
        for index, id_ in enumerate(self.ids):
            errors = refused.get(index, ())
            if errors:
                yield BulkItem("create", index, "refused", None, errors)
            elif change is None:
                yield BulkItem("create", index, "skipped")
            else:
                yield BulkItem("create", index, "done", id_)


def batch_of(ctx: Context, entity: Entity, bulk: Bulk) -> NewBatch:
    """Return a bulk write that only makes records, read; raise `NotSetwise` for any other."""
    if bulk.update or bulk.delete:
        raise NotSetwise("records are changed as well")
    sheet = Sheet.of(bulk.create)
    reason = why_not(ctx.compiled, entity) or columns_why_not(entity, sheet)
    if reason:
        raise NotSetwise(reason)
    columns = read_sheet(ctx.compiled, entity, sheet)
    return NewBatch(ctx, entity, sheet, columns, new_ids(ctx.now, len(sheet)))
