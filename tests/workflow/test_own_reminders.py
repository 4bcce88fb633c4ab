"""People are reminded by rules of their own, once, of what is theirs (P-13, T-05)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from boot.tasks import recurring
from boot.wiring import House
from engine.context import Cause, Context
from engine.notices import Asked
from engine.tenants.members import enrol
from tests.conftest import TenantMaker
from tests.workflow.mailing import log_of
from workflow.own_reminders import OWN_REMINDERS, OwnReminders

SITE = "https://crm.example.com"

APP = """
format: 1
app: {name: dates, label: Dates, version: "1.0", languages: [en, zh], timezone: Asia/Shanghai}
entities:
  deal:
    label: Deal
    title: name
    owned: true
    fields:
      name: {type: text, required: true}
      closes: {type: date, label: {en: Closes on, zh: 预计成交}}
      secret_on: {type: date}
    pipelines:
      way:
        field: stage
        stages: {new: {label: New}, won: {label: Won, ends: won}}
roles:
  seller:
    label: Seller
    rights: {deal: {create: all, read: all, update: own}}
    fields: {deal: {secret_on: none}}
  stranger:
    label: Stranger
    rights: {deal: {read: all}}
    fields: {deal: {stage: none}}
"""


@pytest.fixture(scope="module")
def dates(tenant_of: TenantMaker) -> Context:
    return tenant_of(APP)


def seller(
    house: House, ctx: Context, *rules: tuple[str, int, bool], role: str = "seller"
) -> Context:
    """Return somebody who is to be reminded of fields, so many days before, also by mail."""
    account = house.accounts.create(
        f"{uuid4().hex[:10]}@example.com", name="Zhou Min", password="four words are enough"
    )
    enrol(house.accounts, house.writer, ctx, account, roles=(role,))
    own = house.contexts.make(ctx.tenant.name, account.id, language="en", cause=Cause("form"))
    deal = ctx.model.entities["deal"]
    fields = {each.name: each.key for each in deal.fields.values()}
    kept = [
        {"what": f"{deal.key}.{fields[name]}", "days": days, "mail": mail}
        for name, days, mail in rules
    ]
    house.services.preferences.keep(own, "reminders", {"rules": kept})
    return own


def deal(house: House, ctx: Context, name: str, **values: object) -> UUID:
    return house.writer.create(ctx, "deal", [{"name": name, **values}]).ids[0]


def remind(house: House, ctx: Context, at: str) -> None:
    """Look at the time, as a worker does."""
    found = recurring(house)[OWN_REMINDERS]
    assert isinstance(found, OwnReminders)
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    found = replace(found, site=SITE)
    found.remind(replace(ctx, moment=replace(ctx.moment, now=now)))


def told(house: House, ctx: Context) -> set[UUID]:
    page = house.services.notices.page(ctx, Asked(kinds=("due",)))
    assert all(each.words["field"] and each.words["on"] for each in page)
    ids = [each.record.id for each in page if each.record is not None]
    assert len(ids) == len(set(ids)), "nobody is told of the same twice"
    return set(ids)


def test_own_records_are_reminded_of_once_on_the_morning_so_many_days_before(
    furnished: House, dates: Context
) -> None:
    ann = seller(furnished, dates, ("closes", 3, False))
    other = seller(furnished, dates)
    mine = deal(furnished, ann, "Pump", closes="2026-03-12")
    deal(furnished, ann, "Later", closes="2026-03-13")
    deal(furnished, ann, "Over", closes="2026-03-12", stage="won")
    deal(furnished, other, "Not mine", closes="2026-03-12")

    remind(furnished, dates, "2026-03-08 23:50")
    assert told(furnished, ann) == set(), "it is not eight in Shanghai yet"
    for minute in ("00:05", "00:15"):
        remind(furnished, dates, f"2026-03-09 {minute}")

    assert told(furnished, ann) == {mine}
    assert told(furnished, other) == set()


def test_days_on_which_no_worker_ran_are_made_up_for(furnished: House, dates: Context) -> None:
    ann = seller(furnished, dates, ("closes", 1, False))
    remind(furnished, dates, "2026-04-01 01:00")
    missed = deal(furnished, ann, "Missed", closes="2026-04-03")
    due = deal(furnished, ann, "Due", closes="2026-04-05")

    remind(furnished, dates, "2026-04-04 01:00")

    assert told(furnished, ann) == {missed, due}


def test_who_wants_it_is_written_to_in_one_mail(furnished: House, dates: Context) -> None:
    ann = seller(furnished, dates, ("closes", 0, True))
    before = {each.id for each in log_of(dates, furnished)}
    made = {name: deal(furnished, ann, name, closes="2026-05-04") for name in ("Pump", "Valve")}

    remind(furnished, dates, "2026-05-04 02:00")

    (mail,) = [each for each in log_of(dates, furnished) if each.id not in before]
    account = furnished.accounts.works_as(dates.tenant.name, ann.actor.user)
    assert account is not None
    assert mail.address == account.email
    assert sorted(mail.body.split("\n\n")) == [
        f"Deal {name} · Closes on 4 May 2026\n{SITE}/{dates.tenant.name}/records/deal/{id_}"
        for name, id_ in made.items()
    ]
    assert mail.subject.endswith("(+1)")


def test_nobody_is_reminded_of_dates_that_they_may_not_read(
    furnished: House, dates: Context
) -> None:
    ann = seller(furnished, dates, ("secret_on", 0, True))
    deal(furnished, dates, "Secret", secret_on="2026-06-01", owner=str(ann.actor.user))

    remind(furnished, dates, "2026-06-01 02:00")

    assert told(furnished, ann) == set()


def test_what_breaks_for_one_person_keeps_nobody_else_from_being_reminded(
    furnished: House, dates: Context
) -> None:
    bad, ann = seller(furnished, dates), seller(furnished, dates, ("closes", 0, False))
    broken = {"rules": [{"what": f"{dates.model.entities['deal'].key}.closes", "days": "soon"}]}
    furnished.services.preferences.keep(bad, "reminders", broken)
    mine = deal(furnished, ann, "Mine", closes="2026-07-01")

    remind(furnished, dates, "2026-07-01 02:00")

    assert told(furnished, ann) == {mine}


def test_who_may_not_read_stages_is_reminded_all_the_same(furnished: House, dates: Context) -> None:
    ann = seller(furnished, dates, ("closes", 0, False), role="stranger")
    mine = deal(furnished, dates, "Mine", closes="2026-08-03", owner=str(ann.actor.user))

    remind(furnished, dates, "2026-08-03 02:00")

    assert told(furnished, ann) == {mine}
