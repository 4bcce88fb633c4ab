"""People are reminded of what their own inbox shows, once, before it is due (T-05, T-15)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

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
  meeting:
    label: Meeting
    title: name
    owned: true
    fields:
      name: {type: text, required: true}
      begins: {type: datetime}
      ends: {type: datetime}
      rule: {type: text}
      guest: {type: user}
      lead: {type: integer}
      off: {type: boolean}
    views:
      days:
        type: calendar
        start: begins
        end: ends
        repeat: rule
        mine: 'owner == user.id or guest == user.id'
        remind: 'IF(not off, lead)'
roles:
  seller:
    label: Seller
    rights:
      task: {create: all, read: own, update: own}
      meeting: {create: all, read: {where: 'owner == user.id or guest == user.id'}, update: own}
  guest:
    label: Guest
    rights:
      meeting: {read: {where: 'guest == user.id'}}
"""


@pytest.fixture(scope="module")
def diary(tenant_of: TenantMaker) -> Context:
    return tenant_of(APP)


def reminding(house: House) -> Remind:
    found = recurring(house)[REMIND]
    assert isinstance(found, Remind)
    return found


def person(house: House, ctx: Context, role: str = "seller") -> Context:
    account = house.accounts.create(
        f"{uuid4().hex[:10]}@example.com", name="Zhou Min", password="four words are enough"
    )
    enrol(house.accounts, house.writer, ctx, account, roles=(role,))
    return house.contexts.make(ctx.tenant.name, account.id, language="en", cause=Cause("form"))


def plan(house: House, ctx: Context, minutes: int, **values: object) -> UUID:
    due = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    return house.writer.create(ctx, "task", [{"name": "Call", "due": due, **values}]).ids[0]


def meet(house: House, ctx: Context, minutes: int, **values: object) -> UUID:
    """Make a meeting of an hour, to be told of a quarter of an hour before."""
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=minutes)
    times = {"begins": begins.isoformat(), "ends": (begins + timedelta(hours=1)).isoformat()}
    made = {"name": "Meeting", "lead": 15, **times, **values}
    return house.writer.create(ctx, "meeting", [made]).ids[0]


def times_told(house: House, ctx: Context) -> dict[UUID, list[datetime]]:
    """When somebody was told that meetings are, by meeting."""
    found = house.services.notices.page(ctx, Asked(kinds=("due",)))
    told: dict[UUID, list[datetime]] = {}
    for each in found:
        assert each.record is not None
        told.setdefault(each.record.id, []).append(datetime.fromisoformat(each.words["due"]))
    return told


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


def test_who_may_not_see_what_names_them_keeps_nobody_else_from_being_told(
    furnished: House, diary: Context
) -> None:
    guest, seller = person(furnished, diary, "guest"), person(furnished, diary)
    task = plan(furnished, seller, 5, owner=str(seller.actor.user), helper=str(guest.actor.user))

    reminding(furnished).remind(furnished.contexts.system(diary.tenant.name, cause=Cause("job")))

    assert reminded(furnished, seller) == [task]
    assert reminded(furnished, guest) == []


def test_what_breaks_in_one_view_keeps_no_other_from_reminding(
    furnished: House, tenant_of: TenantMaker
) -> None:
    """Requirement T-05."""
    ctx = tenant_of(APP)
    admin = furnished.contexts.system(ctx.tenant.name, cause=Cause("job"))
    seller = person(furnished, ctx)
    meeting = meet(furnished, admin, 10, owner=str(seller.actor.user))
    table = f"{ctx.tenant.schema}.{ctx.compiled.tables.of('task').name}"
    with furnished.database.owner(ctx.tenant) as connection:
        connection.execute(text(f"REVOKE SELECT ON {table} FROM {ctx.tenant.role}"))

    reminding(furnished).remind(admin)

    assert reminded(furnished, seller) == [meeting]


DAY = 24 * 60


def test_each_time_of_what_repeats_is_told_of_once_as_long_before_as_it_says(
    furnished: House, diary: Context
) -> None:
    """T-09, T-15."""
    seller = person(furnished, diary)
    weekly = meet(furnished, seller, 10 - 7 * DAY, rule="FREQ=WEEKLY")
    daily = meet(furnished, seller, 10 - 3 * DAY, rule="FREQ=DAILY", lead=DAY + 15)
    once = meet(furnished, seller, 100, lead=120)
    meet(furnished, seller, 10 - 6 * DAY, rule="FREQ=WEEKLY")
    meet(furnished, seller, 10 - 7 * DAY, rule="FREQ=WEEKLY;COUNT=1")
    meet(furnished, seller, 20)
    meet(furnished, seller, 10, off=True)
    meet(furnished, seller, 10, lead=None)
    meet(furnished, seller, -90)
    remind = reminding(furnished)

    now = datetime.now(UTC)
    for _ in range(2):
        remind.remind(furnished.contexts.system(diary.tenant.name, cause=Cause("job")))

    told = times_told(furnished, seller)
    minutes = {each: sorted(round((at - now).total_seconds() / 60) for at in ats)
               for each, ats in told.items()}  # fmt: skip
    assert minutes == {weekly: [10], daily: [10, 10 + DAY], once: [100]}


def test_all_whose_a_meeting_is_are_told_and_nobody_else(furnished: House, diary: Context) -> None:
    host, guest, other = (person(furnished, diary) for _ in range(3))

    meeting = meet(furnished, host, 10 - DAY, rule="FREQ=DAILY", guest=str(guest.actor.user))
    reminding(furnished).remind(furnished.contexts.system(diary.tenant.name, cause=Cause("job")))

    assert [list(times_told(furnished, each)) for each in (host, guest, other)] == [
        [meeting], [meeting], []
    ]  # fmt: skip


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
    names = ("not-there", "broken", diary.tenant.name)

    def system(name: str) -> Context:
        if name == "broken":
            raise ZeroDivisionError
        return whole.system(name)

    remind = Remind(whole.reader, whole.notices, lambda: names, system, whole.person)

    remind.tick(datetime.now(UTC))

    assert reminded(furnished, seller) == [task]
