"""Everything of somebody who leaves goes to others by rules, with a complete list (A-13, A-26)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from boot.wiring import House
from engine.access.shares import Gift
from engine.context import Cause, Context
from engine.doors import Edit
from engine.errors import Forbidden, NotFound, RecordRefused
from engine.leaving.order import Order, Rule, Whom
from engine.tenants.members import enrol
from tests.conftest import TenantMaker

OFFICE = (Path(__file__).parent / "office.yaml").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Office:
    """A tenant with people, in which somebody leaves."""

    house: House
    ctx: Context

    def person(self, name: str, *roles: str, **values: object) -> UUID:
        """Enter somebody with an account; return their row."""
        email = f"{name}-{uuid4().hex[:8]}@example.com"
        account = self.house.accounts.create(email, name=name, password=None, language="")
        made = enrol(self.house.accounts, self.house.writer, self.ctx, account, roles=roles)
        if values:
            self.house.writer.update(self.ctx, "user", [Edit(made, values)])
        return made

    def make(self, entity: str, **values: Any) -> UUID:
        return self.house.writer.create(self.ctx, entity, [values]).ids[0]

    def holder(self, entity: str, record: UUID, field: str) -> Any:
        [found] = self.house.reader.get(self.ctx, entity, [record], trashed=True)
        value = found.values[field]
        if isinstance(value, tuple):
            return tuple(each.id for each in value)
        return None if value is None else value.id

    def hand_over(self, leaver: UUID, *rules: Rule) -> Any:
        state = self.house.services.handovers.start(self.ctx, Order(leaver, rules), job=None)
        return self.house.services.handovers.run(self.ctx, state.id)


@pytest.fixture(scope="module")
def office(furnished: House, tenant_of: TenantMaker) -> Office:
    return Office(furnished, tenant_of(OFFICE))


@pytest.fixture
def leaver(office: Office) -> UUID:
    return office.person("Lin")


@pytest.fixture
def heir(office: Office) -> UUID:
    return office.person("Wang")


def to(*people: UUID, entity: str = "", field: str = "", where: str = "") -> Rule:
    return Rule(Whom("people", people), entity, field, where)


def stays(entity: str, where: str) -> Rule:
    return Rule(Whom("stays"), entity, "", where)


def test_every_link_to_the_person_leads_to_the_successor(
    office: Office, leaver: UUID, heir: UUID
) -> None:
    other = office.person("Zhao")
    customer = office.make(
        "customer", name="A", owner=str(leaver), helpers=[str(leaver), str(other)]
    )
    deal = office.make("deal", name="D", customer=str(customer), seller=str(leaver))
    task = office.make("task", name="T", doer=str(leaver))

    done = office.hand_over(leaver, to(heir))

    assert done.state == "done"
    assert office.holder("customer", customer, "owner") == heir
    assert office.holder("customer", customer, "helpers") == (other, heir)
    assert office.holder("deal", deal, "seller") == heir
    assert office.holder("task", task, "doer") == heir
    [found] = office.house.reader.get(office.ctx, "deal", [deal])
    assert found.values["seller_name"] == "Wang"


def test_rules_decide_in_order_and_what_is_closed_may_stay(
    office: Office, leaver: UUID, heir: UUID
) -> None:
    other = office.person("Zhao")
    closed = office.make("customer", name="C", stage="closed", owner=str(leaver))
    big = office.make("customer", name="Big", owner=str(leaver))
    small = office.make("customer", name="Small", owner=str(leaver))

    done = office.hand_over(
        leaver,
        stays("customer", 'stage == "closed"'),
        to(other, entity="customer", where='name == "Big"'),
        to(heir),
    )

    owners = [office.holder("customer", each, "owner") for each in (closed, big, small)]
    assert owners == [leaver, other, heir]
    assert done.state == "done"
    assert [(each.given, each.stayed) for each in done.given if each.entity == "customer"
            and each.field == "owner"] == [(2, 1)]  # fmt: skip


def test_several_people_take_turns(office: Office, leaver: UUID) -> None:
    heirs = [office.person(name) for name in ("Yi", "Er", "San")]
    tasks = [office.make("task", name=str(n), doer=str(leaver)) for n in range(7)]

    office.hand_over(leaver, to(*heirs))

    doers = [office.holder("task", each, "doer") for each in tasks]
    assert sorted(doers.count(each) for each in heirs) == [2, 2, 3]


def test_a_team_takes_turns_without_the_one_who_leaves(office: Office, leaver: UUID) -> None:
    mates = [office.person(name) for name in ("Yi", "Er")]
    members = [{"member": str(each)} for each in (*mates, leaver)]
    team = office.make("team", name="East", members=members)
    tasks = [office.make("task", name=str(n), doer=str(leaver)) for n in range(4)]

    done = office.hand_over(leaver, Rule(Whom("team", (team,))))

    doers = [office.holder("task", each, "doer") for each in tasks]
    assert sorted(doers.count(each) for each in mates) == [2, 2]
    assert [each.ended for each in done.given if each.entity == "team_member"] == [1]


def test_reports_go_to_the_successor_who_takes_over_the_leavers_own_place(
    office: Office,
) -> None:
    boss = office.person("Boss")
    leaver = office.person("Lin", manager=str(boss))
    heir = office.person("Wang", manager=str(leaver))
    report = office.person("Zhou", manager=str(leaver))

    office.hand_over(leaver, to(heir))

    assert office.holder("user", report, "manager") == heir
    assert office.holder("user", heir, "manager") == boss


def test_what_no_rule_speaks_of_is_refused_and_nothing_is_done(
    office: Office, leaver: UUID, heir: UUID
) -> None:
    task = office.make("task", name="T", doer=str(leaver))
    office.make("customer", name="A", owner=str(leaver))

    with pytest.raises(RecordRefused) as refused:
        office.hand_over(leaver, to(heir, entity="customer"))

    [error] = refused.value.errors
    assert (error.code, error.params) == (
        "handover_no_rule", {"entity": "task", "field": "doer", "count": 1},
    )  # fmt: skip
    assert office.holder("task", task, "doer") == leaver


def test_a_plan_counts_by_field_and_rule_and_writes_nothing(
    office: Office, leaver: UUID, heir: UUID
) -> None:
    task = office.make("task", name="Call them", doer=str(leaver))

    plan = office.house.services.handovers.plan(office.ctx, Order(leaver, (to(heir),)))

    parts = [(part.holding.entity.name, part.rule, part.records, part.examples[0].title)
             for part in plan.parts]  # fmt: skip
    assert parts == [("task", 0, 1, "Call them")]
    assert office.holder("task", task, "doer") == leaver


def test_access_ends_at_once_and_elsewhere_goes_on(
    office: Office, tenant_of: TenantMaker, heir: UUID
) -> None:
    email = f"both-{uuid4().hex[:6]}@example.com"
    elsewhere = tenant_of(OFFICE)
    account = office.house.accounts.create(email, name="Both", password=None, language="")
    leaver = enrol(office.house.accounts, office.house.writer, office.ctx, account, roles=())
    enrol(office.house.accounts, office.house.writer, elsewhere, account, roles=())

    office.house.services.handovers.start(office.ctx, Order(leaver, (to(heir),)), job=None)

    make, here = office.house.contexts.make, office.ctx.tenant.name
    with pytest.raises(NotFound):
        make(here, account.id, language="en", cause=Cause("form"))
    assert make(elsewhere.tenant.name, account.id, language="en", cause=Cause("form"))


def test_who_holds_nothing_more_anywhere_cannot_sign_in(office: Office, heir: UUID) -> None:
    email, word = f"only-{uuid4().hex[:6]}@example.com", "four words are enough"
    account = office.house.accounts.create(email, name="Only", password=word, language="")
    leaver = enrol(office.house.accounts, office.house.writer, office.ctx, account, roles=())
    before = office.house.accounts.sign_in(email, word, address="127.0.0.1")

    office.hand_over(leaver, to(heir))

    assert before is not None
    assert office.house.accounts.session(before.secret) is None
    assert office.house.accounts.sign_in(email, word, address="127.0.0.1") is None


def test_records_in_the_trash_go_along(office: Office, leaver: UUID, heir: UUID) -> None:
    task = office.make("task", name="Gone", doer=str(leaver))
    office.house.writer.delete(office.ctx, "task", [task])

    office.hand_over(leaver, to(heir))
    office.house.writer.restore(office.ctx, "task", [task])

    assert office.holder("task", task, "doer") == heir


def test_a_seat_that_the_successor_has_already_ends(
    office: Office, leaver: UUID, heir: UUID
) -> None:
    seats = [{"member": str(each)} for each in (leaver, heir)]
    customer = office.make("customer", name="A", seats=seats)

    done = office.hand_over(leaver, to(heir))

    [found] = office.house.reader.get(office.ctx, "customer", [customer])
    assert [each.values["member"].id for each in found.lines["seats"]] == [heir]
    assert done.state == "done"


def test_nothing_new_is_given_to_who_has_left(office: Office, leaver: UUID, heir: UUID) -> None:
    stayed = office.make("customer", name="S", stage="closed", owner=str(leaver))
    [row] = office.house.reader.get(office.ctx, "user", [leaver])
    office.hand_over(leaver, stays("customer", 'stage == "closed"'), to(heir))

    for named in (str(leaver), {"email": row.values["email"]}):
        with pytest.raises(RecordRefused) as refused:
            office.make("task", name="New", doer=named)
        assert [each.code for each in refused.value.errors] == ["link_missing"]

    office.house.writer.update(office.ctx, "customer", [Edit(stayed, {"name": "Still theirs"})])
    office.house.writer.update(office.ctx, "user", [Edit(leaver, {"active": True})])
    assert office.make("task", name="Back again", doer=str(leaver))


def test_deputyships_end_on_both_sides(office: Office, leaver: UUID, heir: UUID) -> None:
    office.make("deputy", person=str(leaver), deputy=str(heir))
    office.make("deputy", person=str(heir), deputy=str(leaver))

    done = office.hand_over(leaver, to(heir))

    ended = {each.field: each.ended for each in done.given if each.entity == "deputy"}
    assert ended == {"person": 1, "deputy": 1}
    assert done.state == "done"


def test_facts_stay_facts(office: Office, leaver: UUID, heir: UUID) -> None:
    deal = office.make("deal", name="D", seller=str(leaver), signed_by=str(leaver))

    done = office.hand_over(leaver, to(heir))

    assert office.holder("deal", deal, "signed_by") == leaver
    assert office.holder("deal", deal, "seller") == heir
    assert done.state == "done"


def test_what_the_app_refuses_is_left_with_its_reason_and_told(
    office: Office, leaver: UUID
) -> None:
    deal = office.make("deal", name="D", seller=str(leaver))
    trainee = office.person("Wang", title="Trainee")

    done = office.hand_over(leaver, to(trainee))

    assert done.state == "incomplete"
    assert [(each.record, each.reason) for each in done.refused] == [
        (deal, "Trainees do not sell.")
    ]
    assert [each.left for each in done.given if each.field == "seller"] == [1]


def test_the_history_says_that_it_was_handed_over_and_the_report_lists_all(
    office: Office, leaver: UUID, heir: UUID
) -> None:
    task = office.make("task", name="Call them", doer=str(leaver))
    customer = office.make("customer", name="A", owner=str(leaver), helpers=[str(leaver)])

    done = office.hand_over(leaver, to(heir))

    [latest, *_] = office.house.reader.history(office.ctx, "task", task)
    assert latest.door == "handover"
    report = b"".join(office.house.services.handovers.report(office.ctx, done.id, "csv")).decode(
        "utf-8-sig"
    )
    rows = {
        (row["entity"], row["id"], row["field"]): row for row in csv.DictReader(report.splitlines())
    }
    assert rows["task", str(task), "doer"]["to"] == "Wang"
    assert rows["task", str(task), "doer"]["record"] == "Call them"
    assert {("customer", str(customer), "owner"), ("customer", str(customer), "helpers")} <= set(
        rows
    )


def test_what_was_shared_with_them_is_shared_with_the_successor(
    office: Office, leaver: UUID, heir: UUID
) -> None:
    customer = office.make("customer", name="A")
    office.house.services.shares.share(
        office.ctx, "customer", customer, Gift("person", leaver, "write")
    )

    office.hand_over(leaver, to(heir))

    shares = office.house.services.shares.shares_of(office.ctx, "customer", customer)
    assert [each.whom.id for each in shares if each.whom] == [heir]


def test_only_administrators_hand_over(office: Office, leaver: UUID, heir: UUID) -> None:
    clerk = replace(
        office.ctx, actor=replace(office.ctx.actor, user=heir, roles=("clerk",), kind="person")
    )

    with pytest.raises(Forbidden):
        office.house.services.handovers.plan(clerk, Order(leaver, (to(heir),)))


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (lambda heir, leaver: [to(leaver)], "handover_nobody"),
        (lambda heir, leaver: [to(UUID(int=5))], "handover_nobody"),
        (lambda heir, leaver: [Rule(Whom("manager"))], "handover_nobody"),
        (lambda heir, leaver: [to(heir, entity="nothing")], "unknown_choice"),
        (lambda heir, leaver: [to(heir, entity="task", field="name")], "unknown_choice"),
    ],
    ids=["the leaver", "nobody", "no manager", "no entity", "no person's field"],
)
def test_rules_that_lead_nowhere_are_refused(
    office: Office, leaver: UUID, heir: UUID, rules: Callable[..., list[Rule]], code: str
) -> None:
    with pytest.raises(RecordRefused) as refused:
        office.house.services.handovers.plan(office.ctx, Order(leaver, tuple(rules(heir, leaver))))

    assert [each.code for each in refused.value.errors] == [code]
