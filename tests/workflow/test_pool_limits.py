"""The limits of a pool hold by whatever door somebody comes."""

from __future__ import annotations

import pytest

from engine.errors import RecordRefused
from tests.workflow.conftest import Yards
from tests.workflow.test_pools import Club, pool_of


def test_nobody_goes_past_the_limit_by_way_of_the_trash(yard_with: Yards) -> None:
    """Requirement C-16."""
    app = pool_of(hold_limit=2).replace("update: own}", "update: own, delete: own}")
    club = Club(yard_with("", app))
    ann = club.person("ann")
    leads = [club.lead(name) for name in "abcd"]
    writer = club.yard.house.writer
    club.pools.claim(ann, club.pool, leads[:2])
    writer.delete(ann, "lead", leads[:2])
    club.pools.claim(ann, club.pool, leads[2:])

    with pytest.raises(RecordRefused) as refused:
        writer.restore(ann, "lead", leads[:1])
    assert [each.code for each in refused.value.errors] == ["holds_enough"]

    # Whoever looks after others gives them what they had; giving one back makes room.
    writer.restore(club.yard.ctx, "lead", leads[:1])
    assert club.owner(leads[0]) == ann.actor.user
    for each in leads[2:]:
        club.pools.give_back(ann, club.pool, each, "no time")
    writer.restore(ann, "lead", leads[1:2])
    assert club.owner(leads[1]) == ann.actor.user
