"""The only doors to rows: what reading and writing look like from outside the engine.

Entities are named by key. Payloads are on-the-wire values by field *name*
(docs/reference/api.md): numbers as text or int, ISO dates, ids or unique keys for links,
child collections as lists or as create/update/delete. Every writer is one unit of work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy import Connection

from engine.changes import Change
from engine.context import Context
from engine.errors import FieldError
from engine.query.spec import (
    AggregateQuery,
    AggregateResult,
    Entry,
    Hit,
    ListQuery,
    Page,
    Record,
)
from formula.typed import Typed

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """New values for one record; with `version`, only if nobody saved it meanwhile."""

    id: UUID
    values: Payload
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    """Many writes to one entity: all or none when `atomic`, else a result per item.

    `alongside` runs inside the same transaction, after the writes, with what became of each
    item: an import keeps its progress there, so that neither commits without the other. It may
    run again with the unit.
    """

    create: Sequence[Payload] = ()
    update: Sequence[Edit] = ()
    delete: Sequence[UUID] = ()
    atomic: bool = True
    alongside: Callable[[Connection, BulkResult], None] | None = None


@dataclass(frozen=True, slots=True)
class BulkItem:
    """What became of one item of a bulk write; `index` counts within its list."""

    op: Literal["create", "update", "delete"]
    index: int
    status: Literal["done", "refused", "skipped"]
    id: UUID | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class BulkResult:
    """Results in the order sent, and the change set if anything was done."""

    items: Sequence[BulkItem]
    change: Change | None
    counts: Mapping[str, int] = field(default_factory=dict)


class Reader(Protocol):
    """Reading rows, under the person's rights."""

    def get(
        self, ctx: Context, entity: str, ids: Sequence[UUID], *, trashed: bool = False
    ) -> tuple[Record, ...]:
        """Return whole records in the order asked, with `trashed` also those in the trash.

        Raises `NotFound` for any that the person may not read.
        """
        ...

    def find(self, ctx: Context, query: ListQuery) -> Page:
        """Return one page of rows."""
        ...

    def aggregate(self, ctx: Context, query: AggregateQuery) -> AggregateResult:
        """Return groups and measures over the rows the person may see."""
        ...

    def search(
        self, ctx: Context, text: str, *, entities: Sequence[str] = (), limit: int = 20
    ) -> tuple[Hit, ...]:
        """Return records whose search fields contain `text`, pinyin and its initials included."""
        ...

    def pick(
        self, ctx: Context, entity: str, field: str, text: str, *, this: Payload, limit: int = 20
    ) -> tuple[Hit, ...]:
        """Return what may be chosen for a link field, its `filter` applied to the form's values."""
        ...

    def history(
        self,
        ctx: Context,
        entity: str,
        record: UUID,
        *,
        limit: int = 50,
        before: UUID | None = None,
    ) -> tuple[Entry, ...]:
        """Return what became of a record and its lines, the latest change set first.

        `limit` counts change sets, `before` is the last one of the page before.
        """
        ...


class Records(Protocol):
    """Whole records, wherever they are read from: a `Reader`, or inside a unit of work."""

    def get(
        self, ctx: Context, entity: str, ids: Sequence[UUID], *, trashed: bool = False
    ) -> tuple[Record, ...]:
        """Return whole records in the order asked; raise `NotFound` for any not readable."""
        ...


class Writer(Protocol):
    """Writing rows, under the person's rights and the app's rules."""

    def create(self, ctx: Context, entity: str, payloads: Sequence[Payload]) -> Change:
        """Create records with their lines; `Change.ids` are theirs, in order."""
        ...

    def update(self, ctx: Context, entity: str, edits: Sequence[Edit]) -> Change:
        """Change what the edits name and nothing else."""
        ...

    def recalculate(self, ctx: Context, entity: str, ids: Sequence[UUID]) -> Change:
        """Take the exchange rates of records anew, which else stay as they were first taken."""
        ...

    def delete(self, ctx: Context, entity: str, ids: Sequence[UUID]) -> Change:
        """Move records, and what goes with them, to the trash."""
        ...

    def restore(self, ctx: Context, entity: str, ids: Sequence[UUID]) -> Change:
        """Take records back from the trash, with exactly what went with them."""
        ...

    def move(
        self, ctx: Context, entity: str, ids: Sequence[UUID], *, pipeline: str, to: str,
        values: Payload | None = None,
    ) -> Change:  # fmt: skip
        """Move records to a stage, filling `values` on the way."""
        ...

    def bulk(self, ctx: Context, entity: str, bulk: Bulk) -> BulkResult:
        """Do many writes at once."""
        ...

    def convert(self, ctx: Context, entity: str, record: UUID, name: str) -> Change:
        """Make other records from one, once."""
        ...


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether somebody may do something, and which rule says so."""

    allowed: bool
    reason: str
    rule: str = ""


class Access(Protocol):
    """What the person may do, decided in one place for every door."""

    def row_filter(self, ctx: Context, entity: str, action: str) -> Typed | None:
        """Return the condition rows must meet; None: no restriction; literal false: none."""
        ...

    def readable(self, ctx: Context, entity: str) -> frozenset[str]:
        """Return the keys of the fields that the person may read, masked ones included."""
        ...

    def writable(self, ctx: Context, entity: str) -> frozenset[str]:
        """Return the keys of the fields that the person may change."""
        ...

    def masked(self, ctx: Context, entity: str) -> frozenset[str]:
        """Return the keys of the fields of which the person sees only a mask."""
        ...

    def decide(self, ctx: Context, action: str, *, entity: str, record: UUID | None) -> Decision:
        """Return whether the person may do this, with the reason."""
        ...

    def judge(self, ctx: Context, action: str, record: Record) -> Decision:
        """Decide on a record that was read under the person's rights: mostly without a query."""
        ...
