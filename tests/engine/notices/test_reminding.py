"""People are reminded of what their own inbox shows, once, before it is due (T-05, T-15)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from boot.tasks import recurring
from boot.wiring import House
from engine.context import Cause, Context
from engine.notices import Asked, News
from engine.notices.reminding import REMIND, Remind
from engine.tenants.members import enrol
from tests.conftest import TenantMaker

APP = """
format: 1
app: {name: diary, label: Diary, version: "1.0", languages: [en, zh]}
entities:
  task:
    label: Task
    title: name
    owned: true
    fields:
      name: {type: text, required: true}
      due: {type: datetime}
      helper: {type: user}
      done: {type: boolean}
    views:
      mine:
        type: list
        filter: '(owner == user.id or helper == user.id) and done != true'
        columns: {name: {}, due: {}}
        sort: [due]
        options: {inbox: true}
roles:
  seller: {label: Seller, rights: {task: {create: all, read: own, update: own}}}
"""


@pytest.fixture(scope="module")
def diary(tenant_of: TenantMaker) -> Context:
    return tenant_of(APP)


def reminding(house: House) -> Remind:
    found = recurring(house)[REMIND]
    assert isinstance(found, Remind)
    return found


def person(house: House, ctx: Context) -> Context:
    account = house.accounts.create(
        f"{uuid4().hex[:10]}@example.com", name="Zhou Min", password="four words are enough"
    )
    enrol(house.accounts, house.writer, ctx, account, roles=("seller",))
    return house.contexts.make(ctx.tenant.name, account.id, language="en", cause=Cause("form"))


def plan(house: House, ctx: Context, minutes: int, **values: object) -> UUID:
    due = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    return house.writer.create(ctx, "task", [{"name": "Call", "due": due, **values}]).ids[0]


def reminded(house: House, ctx: Context) -> list[UUID | None]:
    found = house.services.notices.page(ctx, Asked(kinds=("due",)))
    return [each.record.id if each.record else None for each in found]


def test_what_comes_due_soon_is_told_once(furnished: House, diary: Context) -> None:
    seller = person(furnished, diary)
    soon = plan(furnished, seller, 10)
    plan(furnished, seller, 60)
    plan(furnished, seller, -90)
    plan(furnished, seller, 10, done=True)
    remind = reminding(furnished)

    for _ in range(2):
        remind.remind(furnished.contexts.system(diary.tenant.name, cause=Cause("job")))

    assert reminded(furnished, seller) == [soon]


def test_nobody_is_told_of_what_they_may_not_read(furnished: House, diary: Context) -> None:
    seller = person(furnished, diary)
    admin = furnished.contexts.system(diary.tenant.name, cause=Cause("job"))

    plan(furnished, person(furnished, diary), 5, helper=str(seller.actor.user))
    reminding(furnished).remind(admin)

    assert reminded(furnished, seller) == []


def test_another_time_is_another_reminder(furnished: House, diary: Context) -> None:
    seller = person(furnished, diary)
    notices = furnished.services.notices
    system = furnished.contexts.system(diary.tenant.name, cause=Cause("job"))
    task = plan(furnished, seller, 10)
    told = [News("due", "task", task, {"due": due}) for due in ("a", "b", "a")]

    assert [notices.tell_once(system, seller.actor.user, each) for each in told] == [
        True,
        True,
        False,
    ]


def test_one_tenant_that_cannot_be_reached_keeps_no_other_waiting(
    furnished: House, diary: Context
) -> None:
    seller = person(furnished, diary)
    task = plan(furnished, seller, 10)
    whole = reminding(furnished)
    names = ("not-there", diary.tenant.name)
    remind = Remind(whole.reader, whole.notices, lambda: names, whole.system, whole.person)

    remind.tick(datetime.now(UTC))

    assert reminded(furnished, seller) == [task]
