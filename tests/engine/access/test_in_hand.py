"""Decisions on records in hand agree with those of the database, and mostly need none."""

from __future__ import annotations

from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from sqlalchemy import Connection

from engine.access.policy import Policy
from engine.access.shares import Gift
from engine.context import Context
from engine.query.spec import ListQuery
from tests.conftest import Installation, TenantMaker
from tests.engine.access.company import APP, Company

ROLES = (
    ("own",), ("team",), ("department",), ("tree",), ("own", "tree", "no_keys"), ("reader",),
    ("listed", "careful"), ("administrator",),
)  # fmt: skip
ACTIONS = ("read", "update", "delete", "export")


class NoDatabase:
    """A database that nobody may ask."""

    def reading(self, ctx: Context) -> AbstractContextManager[Connection]:
        """Raise: the decision should not need it."""
        raise AssertionError("the database was asked")


@pytest.fixture(scope="module")
def company(tenant_of: TenantMaker, installation: Installation) -> Company:
    return Company(tenant_of(APP), installation.database)


@pytest.fixture(scope="module")
def me(company: Company) -> UUID:
    """Somebody of a department with colleagues, below and beside, a share and a membership."""
    top = company.make("department", name="Top")
    below = company.make("department", name="Below", parent=str(top))
    me = company.hire("me", department=str(top))
    others = [company.hire(f"o{at}", department=str(d)) for at, d in enumerate((top, below))]
    others.append(company.hire("far"))
    company.make("team", name="T", members=[{"member": str(me)}, {"member": str(others[2])}])
    for at, owner in enumerate((me, *others)):
        for level in ("key", "plain"):
            client = company.make("client", name=f"c{at}{level}", owner=str(owner), level=level)
            team = [{"who": str(me), "access": "edit"}] if at == 1 else []
            name = f"d{at}{level}"
            company.make("deal", name=name, owner=str(owner), client=str(client), team=team)
            if at == 2 and level == "plain":
                gift = Gift("person", me, "write")
                company.shares.share(company.ctx, "client", client, gift)
    return me


@pytest.mark.parametrize("roles", ROLES, ids="+".join)
def test_what_is_decided_in_hand_is_what_the_database_decides(
    company: Company, me: UUID, roles: tuple[str, ...]
) -> None:
    ctx, reader = company.acting(me, roles=roles), company.reader()
    compared = 0
    for entity in ("client", "deal"):
        rows = reader.find(ctx, ListQuery(entity, limit=100)).rows
        for record in reader.get(ctx, entity, [row.id for row in rows]):
            for action in ACTIONS:
                found = company.policy.judge(ctx, action, record)
                asked = company.policy.decide(ctx, action, entity=entity, record=record.id)
                assert (found.allowed, action) == (asked.allowed, action)
                compared += 1
    assert compared >= len(ACTIONS) or roles == ("reader",)


def test_ones_own_record_is_decided_without_the_database(company: Company, me: UUID) -> None:
    ctx = company.acting(me, roles=("own",))
    mine = company.make("client", ctx, name="mine")
    [record] = company.reader().get(ctx, "client", [mine])
    alone = Policy(NoDatabase())

    assert alone.judge(ctx, "update", record).allowed
    assert alone.judge(ctx, "export", record).allowed
    for scopes, allowed in ((frozenset({"read"}), False), (frozenset({"client:update"}), True)):
        narrowed = company.acting(me, roles=("own",), scopes=scopes)
        assert alone.judge(narrowed, "update", record).allowed is allowed
