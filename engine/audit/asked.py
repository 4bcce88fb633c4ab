"""What somebody asks of the audit log, and how each of its two logs is asked for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    String,
    Table,
    and_,
    cast,
    false,
    func,
    literal,
    or_,
    tuple_,
)

from engine.errors import CursorStale


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the log ended: the next one begins with what is older."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"

    @classmethod
    def read(cls, text: str) -> Place:
        """Return the place that a cursor names; raise `CursorStale` for what is none."""
        try:
            at, id_ = text.split("~")
            return cls(datetime.fromisoformat(at), UUID(id_))
        except ValueError as error:
            raise CursorStale from error


@dataclass(frozen=True, slots=True)
class Question:
    """Which events are asked for: all conditions hold together, and those left out do not count.

    `since` is included and `until` is not. `person` is a row of `user`, `entity` a key. `text`
    is looked for in names, programs and details, however its letters are cased.
    """

    since: datetime | None = None
    until: datetime | None = None
    person: UUID | None = None
    kinds: tuple[str, ...] = ()
    entity: str = ""
    record: UUID | None = None
    address: str = ""
    text: str = ""


def of_tenant(table: Table, asked: Question) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions on a tenant's own log."""
    yield from _common(table, asked, ("name", "agent", "reference", "before", "after", "detail"))
    if asked.person is not None:
        # What others did to a person is asked for, too: both are what became of them.
        about = and_(table.c.entity == "user", table.c.record == asked.person)
        yield or_(table.c.actor == asked.person, about)
    if asked.entity:
        yield table.c.entity == asked.entity
    if asked.record is not None:
        yield table.c.record == asked.record


def of_installation(
    table: Table, asked: Question, tenant: str, members: Mapping[UUID, tuple[UUID, str]]
) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions on the installation's log: the tenant's part, its members' doors.

    `members` maps accounts to rows of `user` and addresses.
    """
    yield from _common(table, asked, ("email", "agent", "detail"))
    if asked.entity or asked.record is not None:
        yield false()
    chosen = {
        account: email for account, (user, email) in members.items() if asked.person in (None, user)
    }
    theirs = and_(table.c.tenant.in_(("", tenant)), _is_of(table, chosen.keys(), chosen.values()))
    yield theirs if asked.person is not None else or_(table.c.tenant == tenant, theirs)


def older(table: Table, place: Place) -> ColumnElement[bool]:
    """Return the condition that an event comes after a page's end, the latest first."""
    # The plain comparison is the one that an index over the time alone begins with.
    behind = tuple_(table.c.at, table.c.id) < tuple_(literal(place.at), literal(place.id))
    return and_(table.c.at <= place.at, behind)


def _common(table: Table, asked: Question, words: tuple[str, ...]) -> Iterator[ColumnElement[bool]]:
    if asked.since is not None:
        yield table.c.at >= asked.since
    if asked.until is not None:
        yield table.c.at < asked.until
    if asked.kinds:
        yield table.c.kind.in_(asked.kinds)
    if asked.address:
        yield table.c.address == asked.address
    if asked.text:
        text = asked.text.lower()
        yield or_(
            *(func.strpos(func.lower(cast(table.c[name], String)), text) > 0 for name in words)
        )


def _is_of(
    table: Table, accounts: Collection[UUID], emails: Collection[str]
) -> ColumnElement[bool]:
    # A wrong password is told by the address that was given.
    addresses = [each.lower() for each in emails]
    return or_(table.c.account.in_(accounts), func.lower(table.c.email).in_(addresses))
