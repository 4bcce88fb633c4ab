"""What can be asked of an entity's rows, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from formula.typed import Typed
from metamodel.views import FieldPath, Sort

Whose = Literal["all", "yours"]
"""Whether all records were gone through, or only those that the person may see."""


@dataclass(frozen=True, slots=True)
class LinkValue:
    """A link as it is read: the target's entity name, its id and title.

    `restricted` when the person may not read the target (then `title` is None);
    `trashed` when it lies in the trash.
    """

    entity: str
    id: UUID
    title: str | None
    restricted: bool = False
    trashed: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One whole record: readable values by field key, links as `LinkValue`, lines in order.

    A masked value is the masked text; a field the person may not read is absent.
    """

    entity: str
    id: UUID
    version: int
    title: str
    values: Mapping[str, object]
    lines: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    trashed_at: datetime | None = None


MarkKind = Literal[
    "stood", "reached", "stayed", "fell",
    "opening", "added", "brought", "grown", "shrunk", "won", "lost", "slipped", "closing",
]  # fmt: skip
"""What the memory of stages says of records: the first four of one stage, the others of a time.

`stood` in a stage at the end; of those that began in the time, `reached` a stage or one after it,
`stayed` in it, `fell` out of it; and what made the open amount of the beginning, `opening`, the
one of the end, `closing`.
"""


@dataclass(frozen=True, slots=True)
class Span:
    """A time of a pipeline, by key: from the end of the day `since` to the end of `until`.

    With `day`, the key of a date field, only what is expected until the day `by` counts as open.
    """

    pipeline: str
    until: date
    since: date | None = None
    day: str = ""
    by: date | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """The records of which the memory of stages says something, of a `stage` by its key."""

    span: Span
    kind: MarkKind
    stage: str = ""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A page of an entity's live rows. `entity` is its key; without paths: all plain fields.

    With `unconverted`, the key of a field: rows whose value did not convert to its present type;
    with `mark`: those that a mark of the memory of stages stands for. What it `asks` of each row
    is answered among its values, under the formula's text behind a `=`. With `among`: those of
    these records alone that the person may read.
    """

    entity: str
    filter: Typed | None = None
    search: str = ""
    sort: tuple[Sort, ...] = ()
    paths: tuple[FieldPath, ...] = ()
    limit: int = 50
    cursor: str | None = None
    count: Literal["none", "capped", "exact"] = "none"
    trashed: bool = False
    unconverted: str = ""
    asks: tuple[Typed, ...] = ()
    among: tuple[UUID, ...] | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class FileValue:
    """A file as records show it; `type` is its media type, `size` in bytes.

    Of a `picture` there is a small one to show.
    """

    id: UUID
    name: str
    type: str
    size: int
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a page: values by the text of the path asked for."""

    id: UUID
    version: int
    title: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, the cursor of the next page, and the count that was asked for.

    `scope` says whether the list, and its count, is over all records.
    """

    rows: tuple[Row, ...]
    next: str | None
    total: int | None = None
    capped: bool = False
    scope: Whose = "yours"


@dataclass(frozen=True, slots=True)
class AggregateQuery:
    """Groups and measures over an entity's live rows, by the names they come back under.

    `sort` orders the groups by some of these names, blank last, True for the largest first; of
    too many the first ones in that order come back. Without `explain` the statement is not
    written out, which costs more than a small figure.
    """

    entity: str
    filter: Typed | None = None
    group_by: Mapping[str, Typed] = field(default_factory=dict)
    measures: Mapping[str, Typed] = field(default_factory=dict)
    sort: tuple[tuple[str, bool], ...] = ()
    limit: int = 1000
    explain: bool = True


@dataclass(frozen=True, slots=True)
class AggregateResult:
    """One mapping per group, and the statement that was run, its binds written out.

    `sql` is "" for people without the right to see it; `everything` tells that no group is
    missing, `scope` whether figures are over all records.
    """

    rows: tuple[Mapping[str, object], ...]
    sql: str
    everything: bool
    scope: Whose = "yours"


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found by search; `detail` tells records of the same title apart."""

    entity: str
    id: UUID
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, by key: links as `LinkValue`, a masked value as its mask."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Entry:
    """What one change set did to a record or one of its lines; `computed` if nobody entered it.

    `reference` names what came through the door: an automation by its key, an import by its id.
    """

    change_set: UUID
    at: datetime
    actor: LinkValue | None
    door: str
    entity: str
    record: UUID
    operation: str
    computed: bool
    changes: tuple[FieldChange, ...]
    reference: str = ""
