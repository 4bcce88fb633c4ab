"""Seats: a tenant has no more active people than its subscription has seats for (P-36)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from engine.access.standing import lock_standing
from engine.errors import RecordRefused
from engine.records.draft import Draft
from engine.records.work import Work
from engine.tenants.people import SYSTEM_USER

USER = "user"


def check_seats(work: Work, drafts: Sequence[Draft]) -> None:
    """Refuse, once all is written, that more people are active than there are seats."""
    seats = work.ctx.tenant.seats
    seated = [draft for draft in drafts if _takes_seat(draft)]
    if seats is None or not seated:
        return
    # Two who are seated at once would each count without the other.
    lock_standing(work.connection)
    table = work.ctx.compiled.tables.of(USER)
    active = table.c[work.entity(USER).fields["active"].column]
    people = select(func.count()).where(
        active, table.c.sys_trashed_at.is_(None), table.c.id != SYSTEM_USER
    )
    if work.connection.execute(people).scalar_one() > seats:
        for draft in seated:
            draft.refuse("no_seat", "active", seats=seats)
        raise RecordRefused([error for draft in seated for error in draft.errors])


def _takes_seat(draft: Draft) -> bool:
    if draft.entity.key != USER or not draft.entity.builtin or draft.operation == "delete":
        return False
    sat = not draft.is_new and draft.operation != "restore" and bool(draft.before.get("active"))
    return bool(draft.values.get("active")) and not sat
