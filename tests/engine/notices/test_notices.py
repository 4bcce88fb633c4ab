"""People are told of what concerns them, in the unit that does it (T-13, T-19, P-16)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from boot.wiring import House
from engine.access.shares import Gift
from engine.context import Cause, Context
from engine.doors import Edit
from engine.errors import RecordRefused
from engine.notices import Asked, News
from engine.tenants.members import enrol
from tests.conftest import TenantMaker

APP = """
format: 1
app: {name: desk, label: Desk, version: "1.0", languages: [en, zh]}
entities:
  customer:
    label: Customer
    title: name
    owned: true
    fields:
      name: {type: text, required: true, search: true}
      checker: {type: user, label: Checker}
    rules:
      named: {refuse_when: 'name == "bad"', message: A name}
roles:
  seller: {label: Seller, rights: {customer: {create: all, read: own, update: own}}}
  boss: {label: Boss, rights: {customer: {create: all, read: all, update: all}}}
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at work, and what they were told."""

    house: House
    tenant: str
    account: UUID

    @property
    def ctx(self) -> Context:
        """Who and when: each act is later than the one before."""
        make = self.house.contexts.make
        return make(self.tenant, self.account, language="en", cause=Cause("form"))

    @property
    def user(self) -> UUID:
        return self.ctx.actor.user

    def told(self) -> list[tuple[str, str | None]]:
        found = self.house.services.notices.page(self.ctx, Asked())
        return [(each.kind, each.record.title if each.record else None) for each in found]

    def unseen(self) -> int:
        found = self.house.services.notices.unseen(self.ctx)
        assert found is not None
        return found.count

    def create(self, **values: object) -> UUID:
        return self.house.writer.create(self.ctx, "customer", [values]).ids[0]


@dataclass(frozen=True, slots=True)
class Desk:
    """A tenant into which people come."""

    house: House
    ctx: Context

    def person(self, role: str) -> Person:
        account = self.house.accounts.create(
            f"{uuid4().hex[:10]}@example.com", name="Zhou Min", password="four words are enough"
        )
        enrol(self.house.accounts, self.house.writer, self.ctx, account, roles=(role,))
        return Person(self.house, self.ctx.tenant.name, account.id)


@pytest.fixture(scope="module")
def desk(furnished: House, tenant_of: TenantMaker) -> Desk:
    return Desk(furnished, tenant_of(APP))


def test_whom_a_comment_speaks_to_is_told_and_so_is_the_owner(desk: Desk) -> None:
    boss, seller, colleague = desk.person("boss"), desk.person("seller"), desk.person("boss")
    record = seller.create(name="Northern Pumps")

    desk.house.services.talk.say(boss.ctx, "customer", record, "Call them", [colleague.user])

    assert colleague.told() == [("mention", "Northern Pumps")]
    assert seller.told() == [("comment", "Northern Pumps")]
    assert boss.told() == []
    notice = desk.house.services.notices.page(seller.ctx, Asked())[0]
    assert (notice.said, notice.by.id if notice.by else None) == ("Call them", boss.user)


def test_a_notice_of_what_may_not_be_read_is_not_there(desk: Desk) -> None:
    boss, seller = desk.person("boss"), desk.person("seller")
    record = boss.create(name="Hidden Works")

    desk.house.services.talk.say(boss.ctx, "customer", record, "Look", [seller.user])
    before = (seller.told(), seller.unseen())
    gift = Gift("person", seller.user)
    desk.house.services.shares.share(boss.ctx, "customer", record, gift)

    assert before == ([], 0)
    assert seller.told() == [("shared", "Hidden Works"), ("mention", "Hidden Works")]
    assert seller.unseen() == 2


def test_who_is_named_by_somebody_else_is_told_once(desk: Desk) -> None:
    boss, seller = desk.person("boss"), desk.person("seller")
    record = boss.create(name="Western Valves", checker=str(seller.user))
    write = desk.house.writer

    write.update(boss.ctx, "customer", [Edit(record, {"owner": str(seller.user)})])
    write.update(boss.ctx, "customer", [Edit(record, {"name": "Western Valves Ltd"})])

    told = desk.house.services.notices.page(seller.ctx, Asked())
    assert [(each.kind, each.words) for each in told] == [
        ("assigned", {"field": "owner"}),
        ("assigned", {"field": "checker"}),
    ]
    assert boss.told() == []


def test_many_records_at_once_are_told_as_a_number(desk: Desk) -> None:
    boss, seller = desk.person("boss"), desk.person("seller")
    payloads = [{"name": f"C{n}", "owner": str(seller.user)} for n in range(9)]

    desk.house.writer.create(boss.ctx, "customer", payloads)

    told = desk.house.services.notices.page(seller.ctx, Asked())
    assert [each.words for each in told] == [{"count": 9, "entity": "customer"}]


def test_what_is_refused_tells_nobody(desk: Desk) -> None:
    boss, seller = desk.person("boss"), desk.person("seller")

    with pytest.raises(RecordRefused):
        boss.create(name="bad", owner=str(seller.user))

    assert seller.told() == []


def test_a_kind_that_is_turned_off_is_not_told(desk: Desk) -> None:
    boss, seller = desk.person("boss"), desk.person("seller")
    desk.house.services.preferences.keep(seller.ctx, "notices", {"off": ["assigned"]})

    record = boss.create(name="Quiet", owner=str(seller.user))
    desk.house.services.talk.say(boss.ctx, "customer", record, "Hello", [seller.user])

    assert seller.told() == [("mention", "Quiet")]


def test_notices_are_read_taken_back_and_done(desk: Desk) -> None:
    boss, seller = desk.person("boss"), desk.person("seller")
    notices = desk.house.services.notices
    for name in ("One", "Two"):
        boss.create(name=name, owner=str(seller.user))
    two, one = notices.page(seller.ctx, Asked())

    notices.mark(seller.ctx, [one.id], "done")
    notices.mark(seller.ctx, None, "open")
    notices.mark(seller.ctx, [two.id], "unread")

    assert [each.id for each in notices.page(seller.ctx, Asked())] == [two.id]
    assert [each.id for each in notices.page(seller.ctx, Asked(state="done"))] == [one.id]
    assert seller.unseen() == 1


def test_nobody_marks_the_notices_of_another(desk: Desk) -> None:
    boss, seller = desk.person("boss"), desk.person("seller")
    boss.create(name="Mine", owner=str(seller.user))
    notice = desk.house.services.notices.page(seller.ctx, Asked())[0]

    desk.house.services.notices.mark(boss.ctx, [notice.id], "done")

    assert seller.unseen() == 1


def test_what_did_not_change_is_not_read_again(desk: Desk) -> None:
    boss, seller = desk.person("boss"), desk.person("seller")
    notices = desk.house.services.notices
    first = notices.unseen(seller.ctx)
    assert first is not None

    unchanged = notices.unseen(seller.ctx, first.mark)
    notices.tell(boss.ctx, [seller.user], News("finished", words={"what": "import"}))
    changed = notices.unseen(seller.ctx, first.mark)

    assert unchanged is None
    assert changed is not None
    assert (changed.count, changed.latest[0].words) == (1, {"what": "import"})


def test_notices_are_given_out_page_by_page(desk: Desk) -> None:
    boss, seller = desk.person("boss"), desk.person("seller")
    for name in ("A", "B", "C"):
        boss.create(name=name, owner=str(seller.user))
    notices = desk.house.services.notices

    first = notices.page(seller.ctx, Asked(limit=2))
    rest = notices.page(seller.ctx, Asked(limit=2, before=first[-1].id))

    titles = [each.record.title for each in (*first, *rest) if each.record]
    assert titles == ["C", "B", "A"]


def test_looking_at_a_record_reads_what_was_told_of_it(desk: Desk) -> None:
    boss, seller = desk.person("boss"), desk.person("seller")
    record = boss.create(name="Seen", owner=str(seller.user))
    boss.create(name="Unseen", owner=str(seller.user))

    desk.house.services.notices.see(seller.ctx, "customer", record)

    assert seller.unseen() == 1
