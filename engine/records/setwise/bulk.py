"""A bulk write as a batch of new records: what is asked, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload
from uuid import UUID

from engine.changes import Change
from engine.context import Context
from engine.doors import Bulk, BulkItem, BulkResult
from engine.errors import FieldError
from engine.records.entering import enter_new
from engine.records.hooks import Hooks
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

    def begin(
        self, numbers: Mapping[str, Sequence[int]], hooks: Sequence[Hooks] = ()
    ) -> CreateMany:
        """Return the batch ready to run; `numbers` are its own, by field key."""
        return CreateMany(self.entity, self.columns, self.ids, self.explain, numbers, hooks)

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
        turned_down = sum(bool(errors) for errors in refused.values())
        counts = {"refused": turned_down}
        counts["skipped" if change is None else "done"] = len(self.ids) - turned_down
        told = {status: count for status, count in counts.items() if count}
        return BulkResult(NewItems(self.ids, refused, written=change is not None), change, told)


@dataclass(frozen=True, slots=True)
class NewItems(Sequence[BulkItem]):
    """What became of new records, made where somebody asks: there may be very many."""

    ids: Sequence[UUID]
    refused: Refused
    written: bool

    @overload
    def __getitem__(self, index: int) -> BulkItem: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[BulkItem]: ...

    def __getitem__(self, index: int | slice) -> BulkItem | Sequence[BulkItem]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self.ids)))]
        at = range(len(self.ids))[index]
        errors = self.refused.get(at, ())
        if errors:
            return BulkItem("create", at, "refused", None, errors)
        if not self.written:
            return BulkItem("create", at, "skipped")
        return BulkItem("create", at, "done", self.ids[at])

    def __len__(self) -> int:
        return len(self.ids)


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
