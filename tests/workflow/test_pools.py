"""Public pools: who sees what lies in them, claims, limits, giving back, and time."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import NullPool, create_engine, text

from engine.context import Actor, Context
from engine.doors import Edit
from engine.errors import Forbidden, NotFound, RecordRefused
from engine.leaving.order import Order, Rule, Whom
from engine.query.spec import ListQuery
from tests.conftest import Installation
from tests.workflow.conftest import Yard, Yards
from workflow.pools.returning import Returns
from workflow.pools.service import Pools

APP = """
format: 1
app: {name: club, label: Club, version: "1.0", languages: [en, zh], timezone: Asia/Shanghai}
entities:
  lead:
    label: Lead
    owned: true
    title: name
    fields:
      name: {type: text, required: true, search: true}
      phone: {type: phone}
      grade: {type: choice, default: b, options: {a: {label: A}, b: {label: B}}}
      open: {type: boolean, default: true}
      touched_on: {type: date}
roles:
  seller: {label: Seller, rights: {lead: {create: all, read: own, update: own}}}
  other: {label: Other, rights: {lead: {read: own}}}
pools:
  public:
    label: {en: Public, zh: 公海}
    entity: lead
    when: open
    members: {roles: [seller]}
"""


def pool_of(**rules: object) -> str:
    """Return the app with rules of its pool."""
    return APP + "".join(f"    {name}: {rule}\n" for name, rule in rules.items())


class Club:
    """A tenant with a pool, and people who claim from it."""

    def __init__(self, yard: Yard) -> None:
        self.yard = yard
        self.pools = Pools(yard.house.database, yard.house.reader, yard.house.runner.hands)
        self.pool = yard.ctx.model.pools["public"]

    def person(self, name: str, role: str = "seller") -> Context:
        given = {"name": name, "email": f"{name}@club.example", "roles": [role]}
        return replace(self.yard.ctx, actor=Actor(self.yard.create("user", given), name, (role,)))

    def lead(self, name: str = "Acme", **values: object) -> UUID:
        return self.yard.create("lead", {"name": name, "owner": None, **values})

    def owner(self, lead: UUID) -> UUID | None:
        owners = dict(self.yard.rows("lead", "id", "owner"))
        found = owners[lead]
        assert found is None or isinstance(found, UUID)
        return found

    def seen(self, ctx: Context) -> list[str]:
        return [row.title for row in self.yard.house.reader.find(ctx, ListQuery("lead")).rows]

    def at(self, moment: str) -> Club:
        return Club(self.yard.at(moment))

    def look(self) -> int:
        ctx, hands = self.yard.ctx, self.yard.house.runner.hands
        return Returns(self.yard.house.database, hands, lambda: (), lambda _: ctx).look(ctx)

    def acts(self, lead: UUID) -> list[str]:
        """Return what became of a lead, the oldest first."""
        return [str(each.act) for each in self.pools.past(self.yard.ctx, "lead", lead)][::-1]


def club_of(yard_with: Yards, **rules: object) -> Club:
    return Club(yard_with("", pool_of(**rules)))


def test_members_see_what_nobody_has_through_the_pool_alone(yard_with: Yards) -> None:
    """Requirements C-13, C-16."""
    club = club_of(yard_with, masked="[phone]")
    ann, eve = club.person("ann"), club.person("eve", "other")
    lead = club.lead("Acme", phone="13812345678")
    club.lead("Closed", open=False)
    club.lead("Held", owner=str(ann.actor.user))

    through = club.pools.through(ann, club.pool)

    assert club.seen(ann) == ["Held"]
    assert club.seen(through) == ["Acme"]
    assert "13812345678" not in str(club.pools.look(ann, club.pool, lead).values)
    assert [each.name for each in club.pools.offered(ann)] == ["public"]
    assert club.pools.offered(eve) == ()
    with pytest.raises(NotFound):
        club.pools.pool(eve, "public")
    with pytest.raises(Forbidden):
        club.yard.house.writer.update(through, "lead", [Edit(lead, {"name": "Mine"})])


def test_a_claimed_record_is_its_holders_and_nobody_elses(yard_with: Yards) -> None:
    """Requirements C-13, C-16, C-18."""
    club = club_of(yard_with, masked="[phone]")
    ann, bob = club.person("ann"), club.person("bob")
    lead, other = club.lead("Acme", phone="13812345678"), club.lead("Closed", open=False)

    first = club.pools.claim(ann, club.pool, [lead, other])
    second = club.pools.claim(bob, club.pool, [lead])

    assert first.got == (lead,)
    assert first.missed == {other: "elsewhere"}
    assert (second.got, second.missed) == ((), {lead: "taken"})
    (mine,) = club.yard.house.reader.get(ann, "lead", [lead])
    assert "13812345678" in str(mine.values)
    assert club.acts(lead) == ["claimed"]


def test_it_is_kept_who_had_what_somebody_who_left_passed_on(yard_with: Yards) -> None:
    """Requirements A-13, C-16."""
    club = club_of(yard_with)
    ann, bob = club.person("ann"), club.person("bob")
    lead = club.lead()
    club.pools.claim(ann, club.pool, [lead])
    handovers, order = (
        club.yard.house.services.handovers,
        Order(ann.actor.user, (Rule(Whom("people", (bob.actor.user,))),)),
    )

    handovers.run(club.yard.ctx, handovers.start(club.yard.ctx, order, job=None).id)

    assert club.owner(lead) == bob.actor.user
    assert club.acts(lead) == ["claimed", "given"]


def test_nobody_goes_past_the_limits_of_a_pool(yard_with: Yards) -> None:
    """Requirement C-17."""
    club = club_of(yard_with, hold_limit=3, daily_claims=2, exempt="'grade == \"a\"'").at(
        "2026-03-02T10:00"
    )
    ann = replace(club.person("ann"), moment=club.yard.ctx.moment)
    leads = sorted(club.lead(f"L{index}") for index in range(6))

    first = club.pools.claim(ann, club.pool, leads)
    assert first.got == tuple(leads[:2])
    assert set(first.missed.values()) == {"claimed_enough"}

    tomorrow = replace(ann, moment=club.at("2026-03-03T10:00").yard.ctx.moment)
    second = club.pools.claim(tomorrow, club.pool, 2)
    assert second.got == (leads[2],)
    assert club.pools.room(tomorrow, club.pool).reason == "holds_enough"

    club.yard.update("lead", leads[0], grade="a")
    assert club.pools.claim(tomorrow, club.pool, 5).got == (leads[3],)


def test_a_record_is_given_back_with_a_reason_and_cools_down(yard_with: Yards) -> None:
    """Requirements C-14, C-17, C-18."""
    club = club_of(yard_with, cool_down="7d").at("2026-03-02T10:00")
    now = club.yard.ctx.moment
    ann, bob = (replace(club.person(name), moment=now) for name in ("ann", "bob"))
    lead = club.lead()
    club.pools.claim(ann, club.pool, [lead])

    for wrong in (" ", "a\x00b", "x" * 201):
        with pytest.raises(RecordRefused) as refused:
            club.pools.give_back(ann, club.pool, lead, wrong)
        assert refused.value.code == "give_back_refused"
    with pytest.raises(RecordRefused) as refused:
        club.pools.claim(ann, club.pool, 0)
    assert refused.value.code == "claim_refused"
    with pytest.raises(NotFound):
        club.pools.give_back(bob, club.pool, lead, "Not mine")
    hour = replace(now, now=now.now + timedelta(hours=1))
    club.pools.give_back(replace(ann, moment=hour), club.pool, lead, "Number is wrong")

    assert club.owner(lead) is None
    assert club.pools.past(club.yard.ctx, "lead", lead)[0].note == "Number is wrong"
    soon = replace(ann, moment=replace(now, now=now.now + timedelta(hours=2)))
    assert club.pools.claim(soon, club.pool, [lead]).missed == {lead: "cooling"}
    assert club.pools.claim(soon, club.pool, 5).missed == {lead: "cooling"}
    later = replace(now, now=now.now + timedelta(days=8), today=now.today + timedelta(days=8))
    assert club.pools.claim(replace(ann, moment=later), club.pool, [lead]).got == (lead,)
    Club(club.yard.later(days=9)).yard.update("lead", lead, owner=str(bob.actor.user))
    assert club.acts(lead) == ["claimed", "returned", "claimed", "given"]


def test_whoever_clears_the_owner_by_another_door_cools_down(yard_with: Yards) -> None:
    """Requirement C-17."""
    club = club_of(yard_with, cool_down="7d")
    ann, bob = club.person("ann"), club.person("bob")
    lead = club.lead()
    club.pools.claim(ann, club.pool, [lead])
    club.yard.house.writer.update(ann, "lead", [Edit(lead, {"owner": None})])

    assert club.pools.claim(ann, club.pool, [lead]).missed == {lead: "cooling"}
    assert club.pools.claim(bob, club.pool, [lead]).got == (lead,)


CALENDAR = """
calendars:
  china:
    label: China
    week: {mon-fri: "09:00-18:00"}
    holidays: {2026-10-01/2026-10-02: Holiday}
    workdays: {2026-10-10: true}
"""


def test_warnings_count_holidays_and_make_up_days_of_the_pools_calendar(yard_with: Yards) -> None:
    """Requirement C-15."""
    rules = pool_of(returns="{old: 'touched_on < TODAY()'}", warn_before="1wd", calendar="china")
    club = Club(yard_with(CALENDAR, rules))
    ann = club.person("ann")
    club.lead("Acme", owner=str(ann.actor.user), touched_on="2020-01-01")

    # The day before the holiday warns: only Monday the 5th counts as a whole day.
    looked = [club.at(f"2026-{day}T09:00").look() for day in ("09-30", "10-01", "10-02", "10-04")]
    assert looked == [0, 0, 0, 0]
    assert club.at("2026-10-05T09:00").look() == 1

    club.lead("Later", owner=str(ann.actor.user), touched_on="2020-01-01")
    # Friday warns, and Saturday makes up for a holiday.
    assert [club.at(f"2026-10-{day}T09:00").look() for day in ("09", "10")] == [0, 1]


def test_time_takes_back_what_its_holder_was_warned_of(yard_with: Yards) -> None:
    """Requirements C-15, L-13."""
    rules = {"silent": "WORKDAYS(touched_on, TODAY()) > 3"}
    club = club_of(yard_with, returns=f"{{silent: '{rules['silent']}'}}", warn_before="1wd")
    ann = club.person("ann")
    held = {"owner": str(ann.actor.user), "touched_on": "2026-03-02"}
    lead, saved = club.lead("Acme", **held), club.lead("Saved", **held)

    # Monday; on Thursday the fourth working day begins, so Wednesday warns.
    assert [club.at(f"2026-03-{day:02}T09:00").look() for day in (2, 3)] == [0, 0]
    wednesday = club.at("2026-03-04T09:00")
    assert wednesday.look() == 0
    assert wednesday.look() == 0
    warning = wednesday.pools.warning(club.yard.ctx, "lead", lead)
    assert warning is not None and warning.reason == "silent"
    club.yard.update("lead", saved, touched_on="2026-03-05")

    assert club.at("2026-03-05T08:00").look() == 0
    assert club.at("2026-03-05T09:30").look() == 1

    assert club.owner(lead) is None
    assert club.owner(saved) == ann.actor.user
    told = Counter((words["what"], words["pool"]) for person, words in club.yard.told())
    assert told == {("warned", "public"): 2, ("withdrawn", "public"): 1}
    assert club.pools.warning(club.yard.ctx, "lead", saved) is None


def test_what_takes_a_record_back_has_a_label_of_its_own(yard_with: Yards) -> None:
    """Requirement C-15."""
    label = "label: {en: nothing was heard, zh: 没有跟进}"
    club = club_of(yard_with, returns=f"{{old: {{{label}, when: 'touched_on < TODAY()'}}}}")
    ann = club.person("ann")
    lead = club.lead("Acme", owner=str(ann.actor.user), touched_on="2020-01-01")

    assert club.at("2026-03-02T09:00").look() == 1

    (entry, *_) = club.pools.past(club.yard.ctx, "lead", lead)
    found = club.pool.returns[entry.reason].label
    assert (found.text("en"), found.text("zh")) == ("nothing was heard", "没有跟进")


def test_nothing_is_taken_back_that_nobody_was_warned_of(yard_with: Yards) -> None:
    """Requirement C-15."""
    club = club_of(yard_with, returns="{old: 'touched_on < TODAY()'}", warn_before="2d")
    ann = club.person("ann")
    lead = club.lead("Acme", owner=str(ann.actor.user), touched_on="2020-01-01")

    assert [club.at(f"2026-03-{day:02}T09:00").look() for day in (1, 2)] == [0, 0]
    club.yard.update("lead", lead, owner=str(club.person("bob").actor.user))
    # The new holder is warned anew.
    assert [club.at(f"2026-03-{day:02}T09:00").look() for day in (3, 4, 5)] == [0, 0, 1]


BESIDE = """  beside:
    label: {en: Beside, zh: 旁边}
    entity: deal
    members: {roles: [seller]}
    returns: {always: 'title != ""'}
"""

DEAL = "  deal: {label: Deal, owned: true, title: title, fields: {title: {type: text}}}\nroles:"


def test_what_breaks_in_a_pool_or_at_a_record_holds_no_other_up(
    yard_with: Yards, installation: Installation
) -> None:
    app = pool_of(returns="{old: 'touched_on < TODAY()'}").replace("roles:", DEAL, 1) + BESIDE
    club = Club(yard_with("", app))
    held = {"owner": str(club.person("ann").actor.user)}
    stuck, good = (club.lead(name, **held, touched_on="2020-01-01") for name in ("Bad", "Good"))
    club.yard.create("deal", {"title": "One", **held})
    table = str(club.yard.ctx.compiled.tables.of("lead").name)
    where = f"{club.yard.ctx.tenant.schema}.{table}"
    refusing = f"ALTER TABLE {where} ADD CHECK (owner IS NOT NULL OR id <> '{stuck}') NOT VALID"
    column = club.yard.ctx.model.entities["lead"].fields["owner"].column
    admin = create_engine(installation.admin_url, poolclass=NullPool)

    with admin.begin() as connection:
        connection.execute(text(refusing.replace("owner", column)))
    assert club.look() == 2
    assert (club.owner(stuck) is None, club.owner(good)) == (False, None)

    with admin.begin() as connection:
        connection.execute(text(f"REVOKE SELECT ON {where} FROM {club.yard.ctx.tenant.role}"))
    club.yard.create("deal", {"title": "Two", **held})
    assert club.look() == 1


def test_nobody_loses_at_once_what_they_have_just_claimed(yard_with: Yards) -> None:
    """Requirement C-17."""
    club = club_of(yard_with, returns="{old: 'touched_on < TODAY()'}", protected="3d")
    ann = replace(club.person("ann"), moment=club.at("2026-03-02T09:00").yard.ctx.moment)
    lead = club.lead("Acme", touched_on="2020-01-01")
    club.pools.claim(ann, club.pool, [lead])

    assert [club.at(f"2026-03-{day:02}T09:30").look() for day in (2, 4, 5)] == [0, 0, 1]
    assert club.owner(lead) is None


def test_looking_counts_against_the_days_limit(yard_with: Yards) -> None:
    """Requirement C-17."""
    club = club_of(yard_with, daily_views=2)
    ann = club.person("ann")
    leads = [club.lead(f"L{index}") for index in range(3)]

    for each in (*leads[:2], leads[0]):
        club.pools.look(ann, club.pool, each)

    with pytest.raises(Forbidden):
        club.pools.look(ann, club.pool, leads[2])


def test_looks_at_the_same_instant_do_not_pass_the_days_limit(yard_with: Yards) -> None:
    """Requirement C-17."""
    club = club_of(yard_with, daily_views=3)
    ann = club.person("ann")
    leads = [club.lead(f"L{index}") for index in range(8)]
    ready = threading.Barrier(len(leads) * 2)
    seen: list[UUID] = []

    def act(lead: UUID) -> None:
        ready.wait()
        with suppress(Forbidden):
            club.pools.look(ann, club.pool, lead)
            seen.append(lead)

    threads = [threading.Thread(target=act, args=(each,)) for each in (*leads, *leads)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    # Whoever looks at the same twice at once has looked at it once.
    assert len(set(seen)) == 3
    assert len(seen) == 6


def test_many_people_claim_at_once_and_each_record_goes_to_one(yard_with: Yards) -> None:
    """Requirement C-16."""
    club = club_of(yard_with)
    people = [club.person(f"p{index}") for index in range(12)]
    leads = [club.lead(f"L{index}") for index in range(30)]
    ready = threading.Barrier(len(people))
    got: list[UUID] = []

    def act(ctx: Context) -> None:
        ready.wait()
        for wanted in (3, leads[:3], 2):
            got.extend(club.pools.claim(ctx, club.pool, wanted).got)

    threads = [threading.Thread(target=act, args=(each,)) for each in people]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(got) == len(set(got)) == 30
    owners = [club.owner(lead) for lead in leads]
    assert None not in owners
