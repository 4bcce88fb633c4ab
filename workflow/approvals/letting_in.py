"""Whoever is asked to decide on a record is let in to read it, where they could not before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from engine.access.policy import Policy
from engine.context import Context
from engine.notices.tables import columns_of
from engine.query.shared import SHARES
from engine.tenants.people import SYSTEM_USER
from engine.values.identity import new_id
from workflow.approvals.course import waiting
from workflow.approvals.keeping import Case, asked_of, live_of
from workflow.doing import Hands
from workflow.recipients import person_at

NOTE = "approval"
"""What stands beside a share that an approval made."""


CHUNK = 1000
"""Records that one statement asks about."""


def let_in(ctx: Context, connection: Connection, hands: Hands, case: Case) -> None:
    """Share a record with those who are asked and do not see it; never beyond their roles."""
    asked = waiting(case.course) if _is_shared(ctx, case.entity) else ()
    for each in asked:
        for record in _unseen(ctx, connection, hands.policy, each, (case.entity, [case.record])):
            _share(ctx, connection, each, case.entity, record)


def let_in_again(ctx: Context, connection: Connection, policy: Policy) -> int:
    """Share records with those who are asked and came not to see them; return how many.

    They moved to another department meanwhile, or the record did.
    """
    asked: dict[tuple[UUID, str], list[UUID]] = {}
    for _, person, entity, record in asked_of(ctx, connection):
        if _is_shared(ctx, entity):
            asked.setdefault((person, entity), []).append(record)
    outside = [
        (person, entity, record)
        for (person, entity), records in asked.items()
        for start in range(0, len(records), CHUNK)
        for record in _unseen(
            ctx, connection, policy, person, (entity, records[start : start + CHUNK])
        )
    ]
    live = live_of(ctx, connection, {(entity, record) for _, entity, record in outside})
    return sum(_share(ctx, connection, *each) for each in outside if each[1:] in live)


def _is_shared(ctx: Context, entity: str) -> bool:
    """Return whether records of an entity are shared at all: they are owned, and no lines."""
    kind = ctx.model.entities.get(entity)
    return kind is not None and not kind.retired and kind.owned and kind.child_of is None


def _unseen(
    ctx: Context, connection: Connection, policy: Policy, person: UUID,
    records: tuple[str, Sequence[UUID]],
) -> list[UUID]:  # fmt: skip
    """Return those of some records of an entity that somebody who works here does not see."""
    entity, ids = records
    actor = person_at(ctx, connection, person)
    if actor is None:
        return []
    theirs = replace(ctx, actor=actor)
    seen = policy.permitted(theirs, connection, ids, entity=entity, action="read")
    return [each for each in ids if each not in seen]


def _share(ctx: Context, connection: Connection, person: UUID, entity: str, record: UUID) -> int:
    table, column = columns_of(ctx, SHARES)
    row = {
        "id": new_id(ctx.now), "entity": entity, "record": record, "kind": "person",
        "grantee": person, "writes": False, "by": SYSTEM_USER, "at": ctx.now, "note": NOTE,
    }  # fmt: skip
    named = {column[key].name: value for key, value in row.items()}
    made = connection.execute(insert(table).values(named).on_conflict_do_nothing())
    return made.rowcount
