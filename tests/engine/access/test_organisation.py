"""Departments, positions, deputies, superiors: what they make of somebody (A-01, A-02, A-03)."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest

from engine.access.standing import NobodyAdministers
from engine.audit.log import AuditLog
from engine.backfill import Backfill
from engine.errors import Forbidden, RecordRefused
from engine.publish import Publisher
from engine.schema.revisions import Author, Document
from engine.store import ModelStore
from tests.conftest import Installation, TenantMaker
from tests.engine.access.company import APP, Company

NAMES = iter(f"n{number}" for number in range(10_000))


@pytest.fixture(scope="module")
def company(tenant_of: TenantMaker, installation: Installation) -> Company:
    company = Company(tenant_of(APP), installation.database)
    company.hire("chief", "administrator")
    return company


def department(company: Company, parent: UUID | None = None) -> UUID:
    above = {"parent": str(parent)} if parent else {}
    return company.make("department", name=next(NAMES), **above)


def owned(company: Company, owner: UUID) -> str:
    """Return the name of a new client of somebody's."""
    name = next(NAMES)
    company.make("client", name=name, owner=str(owner))
    return name


def refusal(call: Any, *arguments: Any, **values: Any) -> tuple[str, tuple[str | int, ...]]:
    with pytest.raises(RecordRefused) as refused:
        call(*arguments, **values)
    error = refused.value.errors[0]
    return error.code, error.path


@pytest.mark.parametrize("depth", [1, 6])
def test_a_tree_that_is_moved_is_seen_at_once_as_it_is(company: Company, depth: int) -> None:
    east, west = department(company), department(company)
    leaf = east
    for _ in range(depth):
        top, leaf = leaf, department(company, leaf)
    seller = company.hire(next(NAMES), "own", department=str(leaf))
    heads = [company.hire(next(NAMES), "tree", department=str(each)) for each in (east, west)]
    name = owned(company, seller)
    assert [name in company.seen(head) for head in heads] == [True, False]

    moved = leaf if depth == 1 else top
    company.change("department", moved, parent=str(west))

    assert [name in company.seen(head) for head in heads] == [False, True]


def test_scopes_reach_as_far_as_they_say(company: Company) -> None:
    top = department(company)
    here = department(company, top)
    mate, me = (
        company.hire(next(NAMES), "own", department=str(here)),
        company.hire(next(NAMES), "own", department=str(here)),
    )
    friend, under = company.hire(next(NAMES), "own"), company.hire(next(NAMES), "own")
    company.change("user", under, department=str(department(company, here)))
    company.make("team", name="T", members=[{"member": str(me)}, {"member": str(friend)}])
    names = {who: owned(company, who) for who in (me, mate, friend, under)}

    def reached(role: str) -> set[UUID]:
        return {who for who, name in names.items() if name in company.seen(me, roles=(role,))}

    assert reached("own") == {me}
    assert reached("team") == {me, friend}
    assert reached("department") == {me, mate}
    assert reached("tree") == {me, mate, under}


def test_people_without_a_department_share_none(company: Company) -> None:
    one, other = company.hire(next(NAMES), "department"), company.hire(next(NAMES), "own")
    name = owned(company, other)

    assert name not in company.seen(one)
    assert name not in company.seen(one, roles=("tree",))


def test_a_position_lends_its_roles_to_whoever_holds_it(company: Company) -> None:
    position = company.make("position", name=next(NAMES), level=3, roles=["own", "tree"])
    person = company.hire(next(NAMES), "own", position=str(position))

    actor = company.acting(person).actor

    assert (actor.roles, actor.position, actor.level) == (("own", "tree"), position, 3)
    company.writer.delete(company.ctx, "position", [position])
    assert company.acting(person).actor.roles == ("own",)


def test_superiors_are_known_from_the_nearest_up(company: Company) -> None:
    top = company.hire(next(NAMES))
    middle = company.hire(next(NAMES), manager=str(top))
    person = company.hire(next(NAMES), manager=str(middle))

    actor = company.acting(person).actor

    assert (actor.manager, actor.managers) == (middle, (middle, top))


@pytest.mark.parametrize(
    ("first", "last", "stands_in"),
    [(None, None, True), (0, 0, True), (-5, None, True), (1, None, False), (None, -1, False)],
)
def test_a_deputy_stands_in_from_the_first_day_to_the_last(
    company: Company, first: int | None, last: int | None, *, stands_in: bool
) -> None:
    away, deputy = company.hire(next(NAMES), "own"), company.hire(next(NAMES), "own")
    name, today = owned(company, away), company.ctx.moment.today
    days = {
        key: str(today + timedelta(days))
        for key, days in (("from", first), ("until", last))
        if days is not None
    }

    company.make("deputy", person=str(away), deputy=str(deputy), **days)

    assert (name in company.seen(deputy)) is stands_in


def test_a_deputy_keeps_to_their_own_roles(company: Company) -> None:
    here = department(company)
    away = company.hire(next(NAMES), "tree", department=str(here))
    mate = company.hire(next(NAMES), "own", department=str(here))
    own, tree = company.hire(next(NAMES), "own"), company.hire(next(NAMES), "tree")
    further = company.hire(next(NAMES), "own")
    for deputy in (own, tree):
        company.make("deputy", person=str(away), deputy=str(deputy))
    company.make("deputy", person=str(own), deputy=str(further))
    theirs, mates = owned(company, away), owned(company, mate)

    assert company.seen(own) & {theirs, mates} == {theirs}
    assert company.seen(tree) & {theirs, mates} == {theirs, mates}
    assert company.seen(further) & {theirs, mates} == set()


@pytest.mark.parametrize(("entity", "link"), [("department", "parent"), ("user", "manager")])
def test_rings_are_refused(company: Company, entity: str, link: str) -> None:
    make = department if entity == "department" else lambda company: company.hire(next(NAMES))
    first, second, third = (make(company) for _ in range(3))
    company.change(entity, second, **{link: str(first)})
    company.change(entity, third, **{link: str(second)})

    for at in (third, first):
        told = refusal(company.change, entity, first, **{link: str(at)})
        assert told == ("link_cycle", (link,))


def test_two_who_move_departments_at_once_make_no_ring(company: Company) -> None:
    one, other = department(company), department(company)
    start, refused = Barrier(2), []

    def move(below: UUID, above: UUID) -> None:
        start.wait()
        try:
            company.change("department", below, parent=str(above))
        except RecordRefused as error:
            refused.append(error.errors[0].code)

    threads = [Thread(target=move, args=each) for each in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == ["link_cycle"]


class TestGiving:
    def test_a_role_hands_out_what_it_lists_and_nothing_else(self, company: Company) -> None:
        hr = company.acting(company.hire(next(NAMES), "hr"))
        person = company.hire(next(NAMES))

        company.change("user", person, hr, roles=["own"])

        for roles in (["own", "tree"], ["administrator"], ["own", "boss"]):
            told = refusal(company.change, "user", person, hr, roles=roles)
            assert told == ("may_not_give", ("roles",))
        chief = company.hire(next(NAMES), "tree")
        assert refusal(company.change, "user", chief, hr, roles=[])[0] == "may_not_give"

    def test_nobody_gets_by_a_position_what_could_not_be_given(self, company: Company) -> None:
        hr = company.acting(company.hire(next(NAMES), "hr"))
        high = company.make("position", name=next(NAMES), roles=["tree"])
        low = company.make("position", hr, name=next(NAMES), roles=["own"])
        person = company.hire(next(NAMES))

        company.change("user", person, hr, position=str(low))

        told = refusal(company.change, "user", person, hr, position=str(high))
        assert told == ("may_not_give", ("position",))
        told = refusal(company.change, "position", low, hr, roles=["own", "tree"])
        assert told == ("may_not_give", ("roles",))

    def test_nobody_wakes_somebody_with_more_rights(self, company: Company) -> None:
        hr = company.acting(company.hire(next(NAMES), "hr"))
        asleep = company.hire(next(NAMES), "tree", active=False)

        assert refusal(company.change, "user", asleep, hr, active=True)[0] == "may_not_give"
        company.change("user", asleep, hr, title="Away")

    def test_roles_must_exist(self, company: Company) -> None:
        person = company.hire(next(NAMES))

        assert refusal(company.change, "user", person, roles=["king"])[0] == "unknown_role"

    def test_who_may_not_change_people_gives_nothing(self, company: Company) -> None:
        person = company.hire(next(NAMES), "own")

        with pytest.raises(Forbidden):
            company.change("user", person, company.acting(person), roles=["hr"])


class TestTheLastAdministrator:
    @pytest.fixture
    def house(self, tenant_of: TenantMaker, installation: Installation) -> Company:
        return Company(tenant_of(APP), installation.database)

    def test_cannot_be_taken_away(self, house: Company) -> None:
        last = house.hire("last", "administrator")

        for values in ({"roles": []}, {"active": False}):
            assert refusal(house.change, "user", last, **values)[0] == "nobody_administers"
        told = refusal(house.writer.delete, house.ctx, "user", [last])
        assert told[0] == "nobody_administers"
        house.hire("next", "boss")
        house.change("user", last, roles=[])

    def test_by_a_position_counts_as_well(self, house: Company) -> None:
        position = house.make("position", name="Head", roles=["administrator"])
        last = house.hire("last", position=str(position))

        assert refusal(house.change, "position", position, roles=[])[0] == "nobody_administers"
        assert refusal(house.change, "user", last, position=None)[0] == "nobody_administers"
        told = refusal(house.writer.delete, house.ctx, "position", [position])
        assert told[0] == "nobody_administers"

    def test_of_two_who_step_down_at_once_one_stays(self, house: Company) -> None:
        both = [house.hire(name, "administrator") for name in ("one", "two")]
        start, refused = Barrier(2), []

        def step_down(person: UUID) -> None:
            start.wait()
            try:
                house.change("user", person, roles=["own"])
            except RecordRefused as error:
                refused.append(error.errors[0].code)

        threads = [Thread(target=step_down, args=(person,)) for person in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert refused == ["nobody_administers"]

    def test_is_not_unmade_by_a_publish(self, house: Company, installation: Installation) -> None:
        house.hire("head", "boss")
        store, log = ModelStore(installation.database), AuditLog(installation.database)
        publisher = Publisher(installation.database, store, Backfill(), log)
        documents = publisher.documents(house.ctx.tenant)
        layer = "roles: {boss: {all_rights: false}}"
        changed = [*documents[:-1], Document("tenant", layer)]
        proposal = publisher.propose(house.ctx.tenant, changed)

        with pytest.raises(NobodyAdministers):
            publisher.publish(house.ctx.tenant, proposal, author=Author("test"))

        assert publisher.documents(house.ctx.tenant) == documents
        house.hire("other", "administrator")
        proposal = publisher.propose(house.ctx.tenant, changed)
        publisher.publish(house.ctx.tenant, proposal, author=Author("test"))


class TestMembersAndLists:
    def test_members_read_and_write_as_their_row_says(self, company: Company) -> None:
        owner = company.hire(next(NAMES), "own")
        viewer, editor, gone = (company.hire(next(NAMES), "own") for _ in range(3))
        rows = [
            {"who": str(viewer), "access": "view"},
            {"who": str(editor), "access": "edit"},
            {"who": str(gone), "access": "edit", "gone": True},
        ]
        name = next(NAMES)
        deal = company.make("deal", name=name, owner=str(owner), team=rows)

        assert [name in company.seen(who, "deal") for who in (viewer, editor, gone)] == [
            True, True, False,
        ]  # fmt: skip
        company.change("deal", deal, company.acting(editor), size="5")
        with pytest.raises(Forbidden):
            company.change("deal", deal, company.acting(viewer), size="6")

    def test_what_is_followed_is_read_and_changed_as_the_other_is(self, company: Company) -> None:
        here = department(company)
        mate = company.hire(next(NAMES), "own", department=str(here))
        head = company.hire(next(NAMES), "own", "tree", department=str(here))
        client = company.make("client", name=next(NAMES), owner=str(mate))
        name = next(NAMES)
        deal = company.make("deal", name=name, client=str(client))
        stray = next(NAMES)
        company.make("deal", name=stray)

        assert company.seen(head, "deal") & {name, stray} == {name}
        company.change("deal", deal, company.acting(head), size="7")
        company.change("deal", deal, client=None)
        assert name not in company.seen(head, "deal")

    def test_a_denial_closes_a_field_and_a_stage_whatever_else_is_granted(
        self, company: Company
    ) -> None:
        person = company.hire(next(NAMES), "own", "opens", "careful")
        ctx = company.acting(person)
        deal = company.make("deal", ctx, name=next(NAMES), stage="open")

        told = refusal(company.change, "deal", deal, ctx, stage="won")

        assert told == ("move_forbidden", ("stage",))
        assert "limit" not in company.policy.readable(ctx, "client")
        company.change("deal", deal, ctx, stage="lost")

    def test_a_conversion_that_no_role_lists_is_refused(self, company: Company) -> None:
        person = company.hire(next(NAMES), "listed")
        deal = company.make("deal", name=next(NAMES))

        with pytest.raises(Forbidden):
            company.writer.convert(company.acting(person), "deal", deal, "again")
        both = company.acting(person, roles=("listed", "opens"))
        company.writer.convert(both, "deal", deal, "again")
