"""Ways by which somebody might get more rights than were given to them; each is closed (A-05)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.access.shares import Gift
from engine.errors import Forbidden, RecordRefused
from tests.conftest import Installation, TenantMaker
from tests.engine.access.company import APP, Company

NAMES = iter(f"e{number}" for number in range(10_000))

MORE = """
  helper:
    label: Helper
    rights:
      deputy: {create: all, read: all, update: all}
      client: {read: own, update: own}
  self_service:
    label: Self service
    rights:
      deputy:
        create: {where: 'person == user.id'}
        read: all
        update: {where: 'person == user.id'}
  crowd: {label: Crowd, rights: {client: {read: own, update: own, delete: own, export: own}}}
"""


@pytest.fixture(scope="module")
def company(tenant_of: TenantMaker, installation: Installation) -> Company:
    company = Company(tenant_of(APP + MORE.removeprefix("\n")), installation.database)
    company.hire("chief", "administrator")
    return company


def refusal(call: Any, *arguments: Any, **values: Any) -> str:
    with pytest.raises(RecordRefused) as refused:
        call(*arguments, **values)
    return refused.value.errors[0].code


class TestRoles:
    def test_are_not_given_by_many_people_at_once(self, company: Company) -> None:
        hr = company.acting(company.hire(next(NAMES), "hr"))
        rows = [
            {"name": name, "email": f"{name}@x.example", "roles": ["administrator"]}
            for name in (next(NAMES) for _ in range(300))
        ]

        assert refusal(company.writer.create, hr, "user", rows) == "may_not_give"

    def test_do_not_come_back_with_a_position_from_the_trash(self, company: Company) -> None:
        hr = company.acting(company.hire(next(NAMES), "hr"))
        high = company.make("position", name=next(NAMES), roles=["tree"])
        holder = company.hire(next(NAMES), position=str(high))
        assert refusal(company.writer.delete, hr, "position", [high]) == "may_not_give"
        company.writer.delete(company.ctx, "position", [high])

        assert refusal(company.writer.restore, hr, "position", [high]) == "may_not_give"
        assert company.acting(holder).actor.roles == ()
        company.writer.restore(company.ctx, "position", [high])
        assert company.acting(holder).actor.roles == ("tree",)

    def test_do_not_come_back_with_a_person_from_the_trash(self, company: Company) -> None:
        hr = company.acting(company.hire(next(NAMES), "hr"))
        high, low = company.hire(next(NAMES), "tree"), company.hire(next(NAMES), "own")
        company.writer.delete(company.ctx, "user", [high, low])

        assert refusal(company.writer.restore, hr, "user", [high]) == "may_not_give"
        company.writer.restore(hr, "user", [low])

    def test_are_not_given_by_a_token_that_may_only_change_people(self, company: Company) -> None:
        chief = company.acting(company.hire(next(NAMES), "administrator"))
        narrow = replace(chief, actor=replace(chief.actor, scopes=frozenset({"user:update"})))
        person = company.hire(next(NAMES))

        told = refusal(company.change, "user", person, narrow, roles=["administrator"])

        assert told == "may_not_give"
        company.change("user", person, narrow, title="Head")


class TestDeputies:
    def test_nobody_makes_themselves_one(self, company: Company) -> None:
        helper, away = company.hire(next(NAMES), "helper"), company.hire(next(NAMES), "own")
        ctx, other = company.acting(helper), company.hire(next(NAMES), "own")

        values = {"person": str(away), "deputy": str(helper)}
        assert refusal(company.make, "deputy", ctx, **values) == "may_not_stand_in"
        made = company.make("deputy", ctx, person=str(away), deputy=str(other))
        told = refusal(company.change, "deputy", made, ctx, deputy=str(helper))
        assert told == "may_not_stand_in"
        given = company.make("deputy", person=str(away), deputy=str(helper),
                             until=str(company.ctx.moment.today))  # fmt: skip
        later = str(company.ctx.moment.today + timedelta(100))
        told = refusal(company.change, "deputy", given, ctx, until=later)
        assert told == "may_not_stand_in"

    def test_whoever_names_their_own_names_nobody_elses(self, company: Company) -> None:
        person, boss = company.hire(next(NAMES), "self_service"), company.hire(next(NAMES), "own")
        ctx, friend = company.acting(person), company.hire(next(NAMES), "own")
        made = company.make("deputy", ctx, person=str(person), deputy=str(friend))

        with pytest.raises(Forbidden):
            company.change("deputy", made, ctx, person=str(boss))


class TestShares:
    def given(self, company: Company, right: Any) -> tuple[UUID, UUID]:
        """Return a client and somebody with whom it is shared."""
        owner, other = company.hire(next(NAMES), "own"), company.hire(next(NAMES), "crowd")
        client = company.make("client", name=next(NAMES), owner=str(owner))
        company.shares.share(company.acting(owner), "client", client, Gift("person", other, right))
        return client, other

    def test_to_write_do_not_make_an_owner(self, company: Company) -> None:
        client, other = self.given(company, "write")
        ctx = company.acting(other)
        company.change("client", client, ctx, name=next(NAMES))

        told = refusal(company.change, "client", client, ctx, owner=str(other))
        assert told == "may_not_assign"
        with pytest.raises(Forbidden):
            company.writer.delete(ctx, "client", [client])

    def test_to_write_make_no_member_and_no_follower(self, company: Company) -> None:
        owner, other = company.hire(next(NAMES), "own"), company.hire(next(NAMES), "own")
        deal = company.make("deal", name=next(NAMES), owner=str(owner))
        gift, ctx = Gift("person", other, "write"), company.acting(other)
        company.shares.share(company.acting(owner), "deal", deal, gift)
        mine = company.make("client", name=next(NAMES), owner=str(other))
        member = [{"who": str(other), "access": "edit"}]

        assert refusal(company.change, "deal", deal, ctx, team=member) == "may_not_assign"
        assert refusal(company.change, "deal", deal, ctx, client=str(mine)) == "may_not_assign"
        row = {"deal": str(deal), **member[0]}
        assert refusal(company.make, "deal_member", ctx, **row) == "may_not_assign"
        company.change("deal", deal, ctx, lines=[{"text": "fine"}], size="3")
        company.change("deal", deal, company.acting(owner), team=member)

    def test_are_not_given_to_oneself(self, company: Company) -> None:
        owner, deputy = company.hire(next(NAMES), "own"), company.hire(next(NAMES), "own")
        client = company.make("client", name=next(NAMES), owner=str(owner))
        company.make("deputy", person=str(owner), deputy=str(deputy))
        ctx = company.acting(deputy)

        told = refusal(company.shares.share, ctx, "client", client, Gift("person", deputy, "write"))

        assert told == "share_with_oneself"
