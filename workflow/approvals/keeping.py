"""Approvals as they are kept: a row for each, and a row for everybody who is to look at it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.context import Context
from engine.notices.tables import columns_of
from engine.values.identity import new_ids
from workflow.approvals.course import Course, waiting
from workflow.approvals.wire import course_of, course_to_wire

APPROVAL = "sys_approval"

TASK = "sys_approval_task"

Kind = Literal["decide", "copy"]


@dataclass(frozen=True, slots=True)
class Case:
    """One approval of one record; `approval` and `entity` are keys.

    `changes` are values (as sent, by field key) that are written when all have agreed, None where
    the record is approved as it is. `snapshot` is what it held when that was decided: `values` as
    they are read, `page` the document of it; of a change `before` and `after`, by field key, as
    history keeps them. `run` is that of an automation that waits for the outcome.
    """

    id: UUID
    approval: str
    revision: int
    entity: str
    record: UUID
    at: datetime
    course: Course
    decided_at: datetime | None = None
    changes: Mapping[str, Any] | None = None
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    run: UUID | None = None


def insert_case(ctx: Context, connection: Connection, case: Case) -> None:
    """Keep a new approval, and ask whoever decides first."""
    table, column = columns_of(ctx, APPROVAL)
    connection.execute(
        insert(table).values({column[key].name: value for key, value in _row(case).items()})
    )
    _ask(ctx, connection, case, frozenset(), frozenset(waiting(case.course)))


def change_case(ctx: Context, connection: Connection, before: Case, after: Case) -> None:
    """Keep what became of an approval: who has decided is asked no more, who is next, is."""
    table, column = columns_of(ctx, APPROVAL)
    row = {column[key].name: value for key, value in _row(after).items() if key != "id"}
    connection.execute(update(table).where(column["id"] == after.id).values(row))
    asked, wanted = frozenset(waiting(before.course)), frozenset(waiting(after.course))
    _ask(ctx, connection, after, asked, wanted)


def copy_case(
    ctx: Context, connection: Connection, case: Case, people: Collection[UUID]
) -> tuple[UUID, ...]:
    """Put an approval among the copies of people; return those who did not have it yet."""
    known = _holding(ctx, connection, case, "copy")
    fresh = tuple(each for each in dict.fromkeys(people) if each not in known)
    _put(ctx, connection, case, fresh, "copy")
    return fresh


def see_copy(ctx: Context, connection: Connection, case: UUID) -> None:
    """Note that the person has looked at what they got a copy of."""
    table, column = columns_of(ctx, TASK)
    connection.execute(
        update(table)
        .where(
            column["approval"] == case,
            column["person"] == ctx.actor.user,
            column["kind"] == "copy",
            column["done_at"].is_(None),
        )
        .values({column["done_at"].name: ctx.now})
    )


def take_case(ctx: Context, connection: Connection, id_: UUID) -> Case | None:
    """Return an approval, held until the transaction ends: others wait for what becomes of it."""
    table, column = columns_of(ctx, APPROVAL)
    row = connection.execute(
        select(table).where(column["id"] == id_).with_for_update()
    ).one_or_none()
    return None if row is None else case_in(ctx, row)


def case_of(ctx: Context, connection: Connection, id_: UUID) -> Case | None:
    """Return an approval as it is now."""
    table, column = columns_of(ctx, APPROVAL)
    row = connection.execute(select(table).where(column["id"] == id_)).one_or_none()
    return None if row is None else case_in(ctx, row)


def cases_of(
    ctx: Context, connection: Connection, entity: str, records: Sequence[UUID],
    *, running: bool = False,
) -> list[Case]:  # fmt: skip
    """Return the approvals of records, the latest first; `running`: those that are under way."""
    table, column = columns_of(ctx, APPROVAL)
    where = [column["entity"] == entity, column["record"].in_(list(records))]
    where += [column["state"] == "running"] if running else []
    order = (column["at"].desc(), column["decided_at"].desc().nulls_first(), column["id"].desc())
    rows = connection.execute(select(table).where(*where).order_by(*order))
    return [case_in(ctx, row) for row in rows]


def late_cases(ctx: Context, connection: Connection) -> list[UUID]:
    """Return the approvals at a step whose time is up; those of records in the trash rest."""
    _, column = columns_of(ctx, APPROVAL)
    due = (column["due"] <= ctx.now, column["state"] == "running")
    about = (column[key] for key in ("id", "entity", "record"))
    rows = connection.execute(select(*about).where(*due)).all()
    live = live_of(ctx, connection, {(row[1], row[2]) for row in rows})
    return [row[0] for row in rows if (row[1], row[2]) in live]


def left_over(ctx: Context, connection: Connection) -> frozenset[str]:
    """Return the entities, by key, of approvals under way that the app does not have any more."""
    _, column = columns_of(ctx, APPROVAL)
    known = list(ctx.model.approvals)
    old = (column["state"] == "running", column["approval"].not_in(known))
    rows = connection.execute(select(column["entity"]).where(*old).distinct())
    return frozenset(row[0] for row in rows)


def vacated(ctx: Context, connection: Connection) -> list[tuple[UUID, UUID]]:
    """Return the approvals that wait for people who do not work here any more, with those.

    Those of records in the trash rest.
    """
    _, column = columns_of(ctx, TASK)
    _, case = columns_of(ctx, APPROVAL)
    user, known = columns_of(ctx, "user")
    gone = known["active"].is_not(True) | user.c.sys_trashed_at.is_not(None)
    about = (column["approval"], column["person"], case["entity"], case["record"])
    rows = connection.execute(
        select(*about)
        .join(user, known["id"] == column["person"])
        .join(case["id"].table, case["id"] == column["approval"])
        .where(gone, column["kind"] == "decide", column["done_at"].is_(None))
    ).all()
    live = live_of(ctx, connection, {(row[2], row[3]) for row in rows})
    return [(row[0], row[1]) for row in rows if (row[2], row[3]) in live]


def asked_of(ctx: Context, connection: Connection) -> Iterator[tuple[UUID, UUID, str, UUID]]:
    """Yield who is asked about which record: approval, person, entity by key and record."""
    _, column = columns_of(ctx, TASK)
    _, case = columns_of(ctx, APPROVAL)
    about = (column["approval"], column["person"], case["entity"], case["record"])
    rows = connection.execute(
        select(*about)
        .join(case["id"].table, case["id"] == column["approval"])
        .where(column["kind"] == "decide", column["done_at"].is_(None))
        .order_by(column["person"], case["entity"])
    )
    yield from ((row[0], row[1], row[2], row[3]) for row in rows)


def live_of(
    ctx: Context, connection: Connection, places: Collection[tuple[str, UUID]]
) -> frozenset[tuple[str, UUID]]:
    """Return those of some records, by entity and id, that do not lie in the trash."""
    ids: dict[str, list[UUID]] = {}
    for entity, record in places:
        if entity in ctx.model.entities:
            ids.setdefault(entity, []).append(record)
    found: set[tuple[str, UUID]] = set()
    for entity, wanted in ids.items():
        table = ctx.compiled.tables.of(entity)
        live = select(table.c.id).where(table.c.id.in_(wanted), table.c.sys_trashed_at.is_(None))
        found |= {(entity, row[0]) for row in connection.execute(live)}
    return frozenset(found)


def _ask(
    ctx: Context,
    connection: Connection,
    case: Case,
    asked: frozenset[UUID],
    wanted: frozenset[UUID],
) -> None:
    table, column = columns_of(ctx, TASK)
    over = asked - wanted
    if over:
        log = case.course.log
        voted = {each for entry in log for each in (entry.by, entry.instead_of) if each is not None}
        mine = (column["approval"] == case.id, column["kind"] == "decide",
                column["done_at"].is_(None))  # fmt: skip
        done = update(table).where(*mine, column["person"].in_(list(over & voted)))
        connection.execute(done.values({column["done_at"].name: ctx.now}))
        # Whoever was asked and did not decide has nothing to look back at.
        connection.execute(delete(table).where(*mine, column["person"].in_(list(over - voted))))
        deputies = {entry.by for entry in log if entry.instead_of in over and entry.by is not None}
        known = _holding(ctx, connection, case, "decide")
        _put(ctx, connection, case, sorted(deputies - known - wanted), "decide", ctx.now)
    _put(ctx, connection, case, sorted(wanted - asked), "decide")


def _holding(ctx: Context, connection: Connection, case: Case, kind: Kind) -> frozenset[UUID]:
    """Return who has an approval among those of a kind, be they done with it."""
    _, column = columns_of(ctx, TASK)
    there = select(column["person"]).where(
        column["approval"] == case.id, column["kind"] == kind,
    )  # fmt: skip
    return frozenset(row[0] for row in connection.execute(there))


def _put(
    ctx: Context, connection: Connection, case: Case, people: Sequence[UUID], kind: Kind,
    done_at: datetime | None = None,
) -> None:  # fmt: skip
    if not people:
        return
    table, column = columns_of(ctx, TASK)
    rows = [
        {
            "id": id_,
            "approval": case.id,
            "person": person,
            "kind": kind,
            "at": ctx.now,
            "done_at": done_at,
        }
        for id_, person in zip(new_ids(ctx.now, len(people)), people, strict=True)
    ]
    named = [{column[key].name: value for key, value in row.items()} for row in rows]
    connection.execute(insert(table), named)


def _row(case: Case) -> dict[str, object]:
    course = case.course
    return {
        "id": case.id,
        "approval": case.approval,
        "revision": case.revision,
        "entity": case.entity,
        "record": case.record,
        "author": course.author,
        "state": course.state,
        "at": case.at,
        "decided_at": case.decided_at,
        "due": course.open.due if course.open is not None else None,
        "course": course_to_wire(course),
        "changes": None if case.changes is None else dict(case.changes),
        "snapshot": dict(case.snapshot),
        "run": case.run,
    }


def case_in(ctx: Context, row: Row[Any]) -> Case:
    """Return the approval that a row of its table holds."""
    _, column = columns_of(ctx, APPROVAL)
    held = {key: row._mapping[each.name] for key, each in column.items()}
    return Case(
        id=held["id"],
        approval=held["approval"],
        revision=int(held["revision"]),
        entity=held["entity"],
        record=held["record"],
        at=held["at"],
        course=course_of(held["course"]),
        decided_at=held["decided_at"],
        changes=held["changes"],
        snapshot=held["snapshot"] or {},
        run=held["run"],
    )


def decided(case: Case, course: Course, now: datetime) -> Case:
    """Return an approval on its new course, with when it ended."""
    return replace(case, course=course, decided_at=None if course.state == "running" else now)
