"""Records shared with people, departments, teams and roles, for a time (A-05)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from engine.access.shares import Gift
from engine.errors import Forbidden, NotFound, RecordRefused
from tests.conftest import Installation, TenantMaker
from tests.engine.access.company import APP, Company

NAMES = iter(f"n{number}" for number in range(10_000))


@pytest.fixture(scope="module")
def company(tenant_of: TenantMaker, installation: Installation) -> Company:
    return Company(tenant_of(APP), installation.database)


@dataclass(frozen=True, slots=True)
class Desk:
    """Ann, who owns a client, and Bob below her department, who sees nothing of it."""

    company: Company
    ann: UUID
    bob: UUID
    client: UUID
    name: str
    above: UUID
    department: UUID

    def share(self, **gift: Any) -> UUID:
        """Share the client as Ann; by default with Bob, to read."""
        given = Gift(**{"kind": "person", "whom": self.bob, **gift})
        return self.company.shares.share(self.ann_ctx, "client", self.client, given).id

    @property
    def ann_ctx(self) -> Any:
        return self.company.acting(self.ann)

    def bob_sees(self, **changes: Any) -> bool:
        return self.name in self.company.seen(self.bob, **changes)

    def bob_writes(self) -> None:
        self.company.change("client", self.client, self.company.acting(self.bob), level="key")


@pytest.fixture
def desk(company: Company) -> Desk:
    above = company.make("department", name=next(NAMES))
    below = company.make("department", name=next(NAMES), parent=str(above))
    ann = company.hire(next(NAMES), "own")
    bob = company.hire(next(NAMES), "own", department=str(below))
    name = next(NAMES)
    client = company.make("client", company.acting(ann), name=name)
    return Desk(company, ann, bob, client, name, above, below)


def test_what_is_shared_with_a_person_is_seen_and_no_more(desk: Desk) -> None:
    assert not desk.bob_sees()

    desk.share()

    assert desk.bob_sees()
    with pytest.raises(Forbidden):
        desk.bob_writes()


def test_a_share_to_write_lets_somebody_change_and_not_delete_export_or_share_on(
    desk: Desk,
) -> None:
    desk.share(right="write")
    bob = desk.company.acting(desk.bob)

    desk.bob_writes()

    with pytest.raises(Forbidden):
        desk.company.writer.delete(bob, "client", [desk.client])
    with pytest.raises(Forbidden):
        desk.company.shares.share(bob, "client", desk.client, Gift("person", desk.ann))
    export = desk.company.policy.decide(bob, "export", entity="client", record=desk.client)
    assert (export.allowed, export.reason) == (False, "out_of_scope")


WITH: dict[str, Callable[[Desk], dict[str, Any]]] = {
    "own department": lambda desk: {"kind": "department", "whom": desk.department},
    "department above": lambda desk: {"kind": "department", "whom": desk.above},
    "team": lambda desk: {
        "kind": "team",
        "whom": desk.company.make("team", name="T", members=[{"member": str(desk.bob)}]),
    },
    "role": lambda desk: {"kind": "role", "whom": "own"},
}


@pytest.mark.parametrize("whom", WITH)
def test_whoever_belongs_to_what_it_is_shared_with_sees_it(desk: Desk, whom: str) -> None:
    desk.share(**WITH[whom](desk))

    assert desk.bob_sees()


def test_others_see_nothing_of_a_share(desk: Desk) -> None:
    other = desk.company.hire(next(NAMES), "own", department=str(desk.above))
    desk.share(kind="department", whom=desk.department)

    assert desk.name not in desk.company.seen(other)


def test_a_share_counts_no_more_from_the_moment_that_it_ends(desk: Desk) -> None:
    now = desk.company.ctx.now
    until = now + timedelta(hours=1)
    desk.share(until=until)
    bob = desk.company.acting(desk.bob)

    late = replace(bob, moment=replace(bob.moment, now=until))
    read = desk.company.policy.decide(late, "read", entity="client", record=desk.client)

    assert desk.bob_sees()
    assert not read.allowed
    [kept] = desk.company.shares.shares_of(desk.ann_ctx, "client", desk.client)
    assert (kept.until, kept.ended) == (until, False)


def test_a_day_counts_to_its_end_in_the_tenants_zone(desk: Desk) -> None:
    desk.share(until=date(2999, 1, 31))

    [kept] = desk.company.shares.shares_of(desk.ann_ctx, "client", desk.client)

    assert kept.until == datetime(2999, 1, 31, 16, tzinfo=UTC)


def test_sharing_again_replaces_what_was_given(desk: Desk) -> None:
    first = desk.share(right="write")
    second = desk.share(right="read", note="look")

    shares = desk.company.shares.shares_of(desk.ann_ctx, "client", desk.client)

    assert [(each.id, each.right, each.note) for each in shares] == [(second, "read", "look")]
    assert first == second


def test_a_share_that_is_taken_back_ends_at_once(desk: Desk) -> None:
    share = desk.share()

    desk.company.shares.unshare(desk.ann_ctx, "client", desk.client, share)

    assert not desk.bob_sees()
    with pytest.raises(NotFound):
        desk.company.shares.unshare(desk.ann_ctx, "client", desk.client, share)


def test_nobody_takes_back_what_another_shared_without_the_right_to_share(desk: Desk) -> None:
    share = desk.share(right="write")

    with pytest.raises(Forbidden):
        desk.company.shares.unshare(desk.company.acting(desk.bob), "client", desk.client, share)


def test_a_share_gives_nothing_that_no_role_grants_at_all(desk: Desk) -> None:
    stranger = desk.company.hire(next(NAMES), "stranger")
    reader = desk.company.hire(next(NAMES), "reader")
    for person in (stranger, reader):
        desk.share(whom=person, right="write")

    assert desk.company.seen(stranger) == set()
    assert desk.name in desk.company.seen(reader)
    with pytest.raises(Forbidden):
        desk.company.change("client", desk.client, desk.company.acting(reader), level="key")


def test_a_denial_wins_over_a_share(desk: Desk) -> None:
    careful = desk.company.hire(next(NAMES), "own", "no_keys")
    desk.share(whom=careful)
    assert desk.name in desk.company.seen(careful)

    desk.company.change("client", desk.client, level="key")

    assert desk.name not in desk.company.seen(careful)


def test_lines_and_what_follows_are_seen_along(desk: Desk) -> None:
    company = desk.company
    name = next(NAMES)
    values = {"client": str(desk.client), "lines": [{"text": "a"}]}
    deal = company.make("deal", company.acting(desk.ann), name=name, **values)

    desk.share()

    assert name in company.seen(desk.bob, "deal")
    [record] = company.reader().get(company.acting(desk.bob), "deal", [deal])
    assert [line.values["text"] for line in record.lines["lines"]] == ["a"]
    with pytest.raises(Forbidden):
        company.change("deal", deal, company.acting(desk.bob), lines=[{"text": "b"}])
    desk.share(right="write")
    company.change("deal", deal, company.acting(desk.bob), size="5")


def test_a_record_in_the_trash_is_not_shared_and_keeps_its_shares(desk: Desk) -> None:
    desk.share()
    desk.company.writer.delete(desk.ann_ctx, "client", [desk.client])

    assert not desk.bob_sees()
    with pytest.raises(NotFound):
        desk.share(kind="role", whom="own")

    desk.company.writer.restore(desk.ann_ctx, "client", [desk.client])
    assert desk.bob_sees()


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a person who is not there": ({"whom": uuid4()}, "link_missing"),
    "a role that is not there": ({"kind": "role", "whom": "king"}, "unknown_role"),
    "a day that is past": ({"until": date(2020, 1, 1)}, "in_the_past"),
    "a note too long": ({"note": "x" * 501}, "too_long"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_shared_is_refused_with_its_reason(desk: Desk, case: str) -> None:
    gift, code = REFUSED[case]

    with pytest.raises(RecordRefused) as refused:
        desk.share(**gift)

    assert [error.code for error in refused.value.errors] == [code]


def test_a_hidden_record_says_nothing_of_its_shares(desk: Desk) -> None:
    shares, bob = desk.company.shares, desk.company.acting(desk.bob)

    with pytest.raises(NotFound):
        shares.shares_of(bob, "client", desk.client)
    with pytest.raises(NotFound):
        shares.share(bob, "client", desk.client, Gift("person", desk.bob, "write"))
    with pytest.raises(NotFound):
        shares.share(desk.ann_ctx, "deal_line", desk.client, Gift("person", desk.bob))


def test_a_deputy_sees_what_is_shared_with_the_person_stood_in_for(desk: Desk) -> None:
    cat = desk.company.hire(next(NAMES), "own")
    desk.company.make("deputy", person=str(desk.bob), deputy=str(cat))
    desk.share()

    assert desk.name in desk.company.seen(cat)


def test_many_records_are_shared_at_once_told_of_once_and_taken_back(desk: Desk) -> None:
    """P-18: those that may not be shared are named; what was shared before keeps its share."""
    company, ann = desk.company, desk.ann_ctx
    second = company.make("client", ann, name=next(NAMES))
    theirs = company.make("client", company.acting(company.hire(next(NAMES), "own")), name="x")
    desk.share()
    records = [desk.client, second, theirs]
    gift = Gift("person", desk.bob, "write")

    tried = company.shares.share_many(ann, "client", records, gift, rehearsed=True)
    assert len(company.shares.shares_of(ann, "client", second)) == 0
    given = company.shares.share_many(ann, "client", records, gift)

    assert tried.done == given.done == (desk.client, second)
    assert given.refused == {theirs: "not_found"}
    [told] = company.shares.shares_of(ann, "client", second)
    assert (told.right, given.made) == ("write", (told.id,))
    desk.bob_writes()
    with pytest.raises(RecordRefused):
        company.shares.share_many(ann, "client", records, replace(gift, whom=uuid4()))
    assert company.shares.unshare_many(company.acting(desk.bob), "client", given.made) == 0
    assert company.shares.unshare_many(ann, "client", given.made) == 1
    assert company.shares.shares_of(ann, "client", second) == ()
    assert desk.bob_sees(), "what was there before stays"
