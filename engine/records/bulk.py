"""Many writes in one unit: all or none, or a result for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from engine.changes import Change
from engine.doors import Bulk, BulkItem, BulkResult
from engine.errors import FieldError, NotFound, RecordRefused, VersionConflict
from engine.records.draft import Draft
from engine.records.entering import enter_change, enter_new, existing
from engine.records.trash import trash_drafts
from engine.records.work import Work
from engine.values.identity import new_ids
from engine.values.payload import Loaded
from metamodel.model import Entity

MOST_ITEMS = 10_000

MOST_WITHIN = 50_000
"""Items of one bulk write inside a unit that is open already: whoever holds it has counted."""

Op = Literal["create", "update", "delete"]


def in_parts(bulk: Bulk) -> list[Bulk]:
    """Return new records in parts that can be written one by one; none where all are few enough.

    An atomic write has no parts.
    """
    if bulk.atomic or bulk.alongside is not None or len(bulk.create) <= MOST_ITEMS:
        return []
    starts = range(0, len(bulk.create), MOST_ITEMS)
    return [replace(bulk, create=bulk.create[start : start + MOST_ITEMS]) for start in starts]


def joined(results: Iterable[BulkResult]) -> BulkResult:
    """Return what became of parts as what became of the whole; the change is the last one."""
    items: list[BulkItem] = []
    counts: dict[str, int] = {}
    change = None
    for result in results:
        before = len(items)
        items += [replace(item, index=before + item.index) for item in result.items]
        for status, count in result.counts.items():
            counts[status] = counts.get(status, 0) + count
        change = result.change or change
    return BulkResult(tuple(items), change, counts)


class Again(Exception):  # noqa: N818
    """Raised inside a unit to run it anew without the items that were refused."""


@dataclass(slots=True)
class BulkWrite:
    """The items of one bulk write, and those among them that are refused."""

    entity: Entity
    bulk: Bulk
    created: Sequence[Loaded]
    updated: Sequence[Loaded]
    refused: dict[tuple[Op, int], tuple[FieldError, ...]] = field(default_factory=dict)
    ids: list[UUID] = field(default_factory=list)

    def refuse_unreadable(self) -> None:
        """Refuse what could not be read as a payload at all."""
        for op, loaded in (("create", self.created), ("update", self.updated)):
            for index, each in enumerate(loaded):
                if each.errors:
                    self.refused[op, index] = each.errors  # type: ignore[index]

    def build(self, work: Work) -> list[Draft]:
        """Return drafts of the items that are not refused."""
        self.ids = new_ids(work.ctx.now, len(self.created))
        drafts: list[Draft] = []
        for index, loaded in enumerate(self.created):
            if ("create", index) not in self.refused:
                path = ("create", index)
                drafts += enter_new(work, self.entity, loaded, path, id_=self.ids[index])
        drafts += self._updates(work)
        return drafts + self._deletes(work)

    def _updates(self, work: Work) -> Iterator[Draft]:
        edits = self.bulk.update
        work.read(self.entity.key, [edit.id for edit in edits])
        for index, (edit, loaded) in enumerate(zip(edits, self.updated, strict=True)):
            if ("update", index) in self.refused:
                continue
            path = ("update", index)
            try:
                draft = existing(work, self.entity, edit.id, path)
                yield from enter_change(work, draft, loaded, version=edit.version)
            except NotFound:
                self._refuse("update", index, FieldError("not_found", ("id",)))
            except VersionConflict as conflict:
                self._refuse("update", index, FieldError(conflict.code, (), conflict.params))

    def _deletes(self, work: Work) -> list[Draft]:
        indexes = [at for at in range(len(self.bulk.delete)) if ("delete", at) not in self.refused]
        found = work.read(self.entity.key, [self.bulk.delete[at] for at in indexes])
        ids = []
        for at in indexes:
            row = found.get(self.bulk.delete[at])
            if row is None or row["sys_trashed_at"] is not None:
                self._refuse("delete", at, FieldError("not_found", ("id",)))
            else:
                ids.append(self.bulk.delete[at])
        drafts = trash_drafts(work, self.entity, ids) if ids else []
        for draft in drafts:
            if not draft.along:
                draft.path = ("delete", self.bulk.delete.index(draft.id))
                draft.errors = [
                    FieldError(error.code, (*draft.path, *error.path[-1:]), error.params)
                    for error in draft.errors
                ]
        return drafts

    def _refuse(self, op: Op, index: int, error: FieldError) -> None:
        self.refused[op, index] = (error,)
        raise Again

    def note(self, error: RecordRefused) -> bool:
        """Note which items a refusal speaks of; False where it speaks of none."""
        found: dict[tuple[Op, int], list[FieldError]] = {}
        for each in error.errors:
            if len(each.path) >= 2 and each.path[0] in ("create", "update", "delete"):
                key = (each.path[0], int(each.path[1]))
                inner = FieldError(each.code, each.path[2:], each.params)
                found.setdefault(key, []).append(inner)  # type: ignore[arg-type]
        self.refused.update({key: tuple(errors) for key, errors in found.items()})
        return bool(found)

    def result(self, change: Change | None) -> BulkResult:
        """Return what became of each item; without a change nothing was done."""
        items = [
            *self._items("create", len(self.created), self.ids, change),
            *self._items("update", len(self.updated), [e.id for e in self.bulk.update], change),
            *self._items("delete", len(self.bulk.delete), list(self.bulk.delete), change),
        ]
        counts: dict[str, int] = {}
        for item in items:
            counts[item.status] = counts.get(item.status, 0) + 1
        return BulkResult(tuple(items), change, counts)

    def _items(
        self, op: Op, count: int, ids: Sequence[UUID], change: Change | None
    ) -> Iterator[BulkItem]:
        for index in range(count):
            errors = self.refused.get((op, index), ())
            id_ = ids[index] if index < len(ids) and (op != "create" or not errors) else None
            if errors:
                yield BulkItem(op, index, "refused", None if op == "create" else id_, errors)
            elif change is None:
                yield BulkItem(op, index, "skipped", None if op == "create" else id_)
            else:
                yield BulkItem(op, index, "done", id_)
