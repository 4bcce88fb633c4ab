"""What was shared with somebody who leaves, and what they shared with others."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, and_, delete, exists, update

from engine.context import Context
from engine.leaving.journal import Given
from engine.leaving.order import Order
from engine.query.shared import SHARES

PERSON = "person"


def pass_shares(connection: Connection, ctx: Context, order: Order) -> Given:
    """Give what was shared with the leaver to the taker of everything else, once to each.

    What they shared with others stays shared, in the taker's name. Without a taker it ends.
    """
    table = ctx.compiled.tables.of(SHARES)
    taker = taker_of(order)
    theirs = and_(table.c.kind == PERSON, table.c.grantee == order.person)
    given = 0
    if taker is not None:
        shared = update(table).where(table.c.by == order.person).values(by=taker)
        connection.execute(shared)
        own = table.alias()
        has = exists().where(
            own.c.entity == table.c.entity,
            own.c.record == table.c.record,
            own.c.kind == PERSON,
            own.c.grantee == taker,
        )
        moved = connection.execute(update(table).where(theirs, ~has).values(grantee=taker))
        given = moved.rowcount
    ended = connection.execute(delete(table).where(theirs)).rowcount
    return Given(SHARES, "grantee", given=given, ended=ended)


def taker_of(order: Order) -> UUID | None:
    """Return who takes what no rule of its own speaks of: the first of the widest rule."""
    rules = [rule for rule in order.rules if rule.whom.ids]
    rules.sort(key=lambda rule: (bool(rule.entity), bool(rule.field), bool(rule.filter)))
    return rules[0].whom.ids[0] if rules else None
