"""What the demo's people share with each other, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from engine.access.shares import Gift, Kind, Right, Shares
from engine.context import Actor, Context
from engine.doors import Reader, Writer
from engine.query.parse import parse_filter, parse_sort
from engine.query.spec import ListQuery

GIVEN: tuple[tuple[Kind, str, Right, int | None, str], ...] = (
    ("person", "service@joinery.example", "read", 90, "保修期内请多关注 Under warranty"),
    ("person", "emma@joinery.example", "write", 30, "海外采购部分 Their purchases abroad"),
    ("role", "marketing", "read", None, "案例 A case to tell"),
)
"""With whom the largest customers of the account manager are shared: one each, for so many days."""


def share(
    ctx: Context, users: Mapping[str, UUID], *, reader: Reader, writer: Writer, shares: Shares
) -> None:
    """Share customers of the account manager, and name who stands in; `ctx` is the system's."""
    seller, deputy = users["sales@joinery.example"], users["emma@joinery.example"]
    today = ctx.moment.today
    standing = {
        "person": str(seller),
        "deputy": str(deputy),
        "from": str(today - timedelta(days=1)),
        "until": str(today + timedelta(days=13)),
        "note": "年假 On leave",
    }
    writer.create(ctx, "deputy", [standing])
    mine = replace(ctx, actor=Actor(seller, "", ("sales",)))
    query = ListQuery(
        "customer",
        filter=parse_filter(mine, "customer", "owner == user.id"),
        sort=parse_sort(mine, "customer", "-order_amount"),
        limit=len(GIVEN),
    )
    for row, (kind, whom, right, days, note) in zip(
        reader.find(mine, query).rows, GIVEN, strict=False
    ):
        until = None if days is None else today + timedelta(days=days)
        given = whom if kind == "role" else users[whom]
        shares.share(mine, "customer", row.id, Gift(kind, given, right, until, note))
