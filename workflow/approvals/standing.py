"""Approvals under way, as administrators see them: who is waited for, and what hinders them.

Whoever is asked may have left, or may not read such records any more: then nobody decides until
somebody else is put in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, func, select

from engine.access.policy import Policy
from engine.context import Actor, Context
from engine.database import Database
from engine.notices.tables import columns_of
from engine.query.spec import LinkValue
from workflow.approvals.boxes import records_of
from workflow.approvals.course import waiting
from workflow.approvals.keeping import APPROVAL, Case, case_in
from workflow.recipients import person_at

Hindrance = Literal["gone", "blind"]
"""Why somebody cannot decide: they do not work here any more, or may not read the record."""

BLOCK = 200
"""Approvals that one statement looks at."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One approval under way; `hindered` are those who are asked and cannot decide."""

    case: Case
    record: LinkValue
    hindered: Mapping[UUID, Hindrance]


class UnderWay:
    """The door to all approvals under way whose records the person may read."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    def page(
        self, ctx: Context, *, approval: str = "", after: UUID | None = None, limit: int = 30
    ) -> tuple[Standing, ...]:
        """Return approvals (of one kind, by key, if asked), those waiting longest first."""
        found: list[Standing] = []
        with self._database.reading(ctx) as connection:
            while len(found) < limit:
                rows = _rows(ctx, connection, approval, after)
                found += self._shown(ctx, connection, rows, limit - len(found))
                if len(rows) < BLOCK:
                    break
                after = rows[-1].id
        return tuple(found)

    def counts(self, ctx: Context) -> Mapping[str, int]:
        """Return how many approvals of each kind, by key, are under way."""
        _, column = columns_of(ctx, APPROVAL)
        counted = select(column["approval"], func.count()).where(column["state"] == "running")
        with self._database.reading(ctx) as connection:
            rows = connection.execute(counted.group_by(column["approval"])).all()
        return {row[0]: int(row[1]) for row in rows}

    def _shown(
        self, ctx: Context, connection: Connection, rows: Sequence[Row[Any]], most: int
    ) -> list[Standing]:
        cases = [case_in(ctx, row) for row in rows]
        records = records_of(ctx, self._policy, connection, cases)
        people: dict[UUID, Actor | None] = {}
        shown: list[Standing] = []
        for case in cases:
            record = records.get((case.entity, case.record))
            if record is not None and len(shown) < most:
                hindered = self._hindered(ctx, connection, case, people)
                shown.append(Standing(case, record, hindered))
        return shown

    def _hindered(
        self, ctx: Context, connection: Connection, case: Case, people: dict[UUID, Actor | None]
    ) -> Mapping[UUID, Hindrance]:
        """Return who is asked and cannot decide; `people` are those who were looked up before."""
        found: dict[UUID, Hindrance] = {}
        for each in waiting(case.course):
            if each not in people:
                people[each] = person_at(ctx, connection, each)
            actor = people[each]
            if actor is None:
                found[each] = "gone"
                continue
            theirs = replace(ctx, actor=actor)
            if not self._policy.permitted(
                theirs, connection, [case.record], entity=case.entity, action="read"
            ):
                found[each] = "blind"
        return found


def _rows(
    ctx: Context, connection: Connection, approval: str, after: UUID | None
) -> Sequence[Row[Any]]:
    table, column = columns_of(ctx, APPROVAL)
    wanted = [column["state"] == "running"]
    wanted += [column["approval"] == approval] if approval else []
    wanted += [column["id"] > after] if after is not None else []
    statement = select(table).where(*wanted).order_by(column["id"]).limit(BLOCK)
    return connection.execute(statement).all()
