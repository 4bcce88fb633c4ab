"""What approvals somebody has to do with: to decide, of their own, copies, decided before.

One whose record the person may not read, or that lies in the trash, is not there for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from engine.access.policy import Policy
from engine.context import Context
from engine.database import Database
from engine.notices.tables import columns_of
from engine.query.spec import LinkValue
from engine.query.titles import titles_of
from workflow.approvals.course import Course, State, waiting
from workflow.approvals.keeping import APPROVAL, TASK
from workflow.approvals.wire import course_of

Box = Literal["waiting", "mine", "copies", "decided"]

MOST_COUNTED = 100
"""A count says 99+ from here on."""

MOST_LOOKED_AT = 1000
"""Approvals that one statement looks at."""


@dataclass(frozen=True, slots=True)
class Line:
    """One approval as a list shows it; `of` is the row that the next page begins after.

    `instead_of` is whose deputy the person is who is asked; `waits_for` who is asked now.
    """

    of: UUID
    case: UUID
    approval: str
    record: LinkValue
    author: LinkValue | None
    state: State
    stage: Mapping[str, str]
    since: datetime
    waits_for: tuple[LinkValue, ...]
    instead_of: LinkValue | None = None
    seen: bool = True


class Boxes:
    """The door to the approvals of the person who acts."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    def page(
        self, ctx: Context, box: Box, *, before: UUID | None = None, limit: int = 30
    ) -> tuple[Line, ...]:
        """Return approvals: those to decide the oldest first, others the latest first.

        Fewer than `limit` says that there are no more.
        """
        found: list[Line] = []
        size = limit
        with self._database.reading(ctx) as connection:
            while len(found) < limit:
                rows = connection.execute(_statement(ctx, box, before).limit(size)).all()
                found += self._shown(ctx, connection, box, rows)
                if len(rows) < size:
                    break
                # Where much is not theirs to see, more is looked at in one go.
                before, size = rows[-1].of, min(size * 4, MOST_LOOKED_AT)
        return tuple(found[:limit])

    def count(self, ctx: Context) -> int:
        """Return how many approvals wait for the person's decision, up to a hundred."""
        if not ctx.model.approvals:
            return 0
        seen = 0
        with self._database.reading(ctx) as connection:
            # Mostly the first ones are theirs to see, and more than a few are not counted.
            for size in (MOST_COUNTED, MOST_LOOKED_AT):
                rows = connection.execute(_asked(ctx).limit(size)).all()
                known = records_of(ctx, self._policy, connection, rows)
                seen = sum((row.entity, row.record) in known for row in rows
                           if not _own(ctx, row))  # fmt: skip
                if seen >= MOST_COUNTED or len(rows) < size:
                    break
        return min(seen, MOST_COUNTED)

    def people(self, ctx: Context, ids: Collection[UUID]) -> Mapping[UUID, LinkValue]:
        """Return people as a link shows them: whom an approval names is known by name."""
        return self.links(ctx, "user", ids)

    def links(self, ctx: Context, entity: str, ids: Collection[UUID]) -> Mapping[UUID, LinkValue]:
        """Return records as links show them, as far as the person may read them."""
        with self._database.reading(ctx) as connection:
            return titles_of(ctx, self._policy, connection, entity, ids)

    def _shown(
        self, ctx: Context, connection: Connection, box: Box, rows: Sequence[Row[Any]]
    ) -> Iterator[Line]:
        records = records_of(ctx, self._policy, connection, rows)
        rows = [row for row in rows if (row.entity, row.record) in records]
        courses = {row.id: course_of(row.course) for row in rows}
        people = titles_of(ctx, self._policy, connection, "user", _people(courses.values(), rows))
        for row in rows:
            record, course = records[row.entity, row.record], courses[row.id]
            if box == "waiting" and _own(ctx, row):
                continue
            stage = course.open
            yield Line(
                of=row.of, case=row.id, approval=row.approval, record=record,
                author=people.get(row.author), state=course.state,
                stage=stage.label if stage is not None else {}, since=row.since,
                waits_for=tuple(people[each] for each in waiting(course) if each in people),
                instead_of=people.get(row.whose) if row.whose not in (None, ctx.actor.user)
                else None,
                seen=box != "copies" or row.done_at is not None,
            )  # fmt: skip


class About(Protocol):
    """Something that is about a record."""

    @property
    def entity(self) -> str: ...

    @property
    def record(self) -> UUID: ...


def records_of(
    ctx: Context, policy: Policy, connection: Connection, rows: Iterable[Row[Any] | About]
) -> Mapping[tuple[str, UUID], LinkValue]:
    """Return the records that rows are about and the person may read, by entity and id."""
    about: dict[str, set[UUID]] = {}
    for row in rows:
        if row.entity in ctx.model.entities:
            about.setdefault(row.entity, set()).add(row.record)
    return {
        (entity, id_): link
        for entity, ids in about.items()
        for id_, link in titles_of(ctx, policy, connection, entity, ids).items()
        if not link.restricted and not link.trashed
    }


def _own(ctx: Context, row: Row[Any]) -> bool:
    """Return whether the person stands in for somebody who is asked about their own request."""
    return bool(row.author == ctx.actor.user and row.whose != row.author)


def _asked(ctx: Context) -> Select[Any]:
    """Return the statement of what waits for the person, without its steps."""
    _, case = columns_of(ctx, APPROVAL)
    _, task = columns_of(ctx, TASK)
    told = [case[key].label(key) for key in ("entity", "record", "author")]
    return (
        select(*told, task["person"].label("whose"))
        .join_from(task["id"].table, case["id"].table, task["approval"] == case["id"])
        .where(
            task["kind"] == "decide",
            task["person"].in_(ctx.actor.acting_for),
            task["done_at"].is_(None),
        )
    )


def _people(courses: Collection[Course], rows: Sequence[Row[Any]]) -> set[UUID]:
    asked = {person for course in courses for person in waiting(course)}
    return {*asked, *(row.author for row in rows), *(row.whose for row in rows if row.whose)}


def _statement(ctx: Context, box: Box, before: UUID | None) -> Select[Any]:
    """Return the statement of a box, page by page. Any: columns of every type."""
    _, case = columns_of(ctx, APPROVAL)
    _, task = columns_of(ctx, TASK)
    held = [case[key].label(key) for key in ("id", "approval", "entity", "record", "author")]
    held += [case["course"].label("course")]
    if box == "mine":
        blank = [case["author"].label("whose"), case["decided_at"].label("done_at")]
        statement = select(
            *held, *blank, case["id"].label("of"), case["at"].label("since")
        ).where(case["author"] == ctx.actor.user)  # fmt: skip
        return _paged(statement, case["id"], before, latest=True)
    asked = [task["person"].label("whose"), task["done_at"].label("done_at")]
    statement = select(*held, *asked, task["id"].label("of"), task["at"].label("since")).join_from(
        task["id"].table, case["id"].table, task["approval"] == case["id"]
    )
    wanted: list[ColumnElement[bool]] = [task["kind"] == ("copy" if box == "copies" else "decide")]
    if box == "waiting":
        people = ctx.actor.acting_for
        wanted += [task["person"].in_(people), task["done_at"].is_(None)]
    else:
        wanted += [task["person"] == ctx.actor.user]
        wanted += [task["done_at"].is_not(None)] if box == "decided" else []
    return _paged(statement.where(*wanted), task["id"], before, latest=box != "waiting")


def _paged(
    statement: Select[Any], id_: ColumnElement[Any], before: UUID | None, *, latest: bool
) -> Select[Any]:
    """Return the part after a row, in order of ids, which is that of time."""
    if before is not None:
        statement = statement.where(id_ < before if latest else id_ > before)
    return statement.order_by(id_.desc() if latest else id_)
