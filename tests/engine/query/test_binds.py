"""What statements read of who asks, of the moment and of the tenant."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from engine.query.binds import binds, bound
from tests.engine.house import House


def test_a_bind_is_the_same_asked_for_alone_and_with_all_others(house: House) -> None:
    ctx = house.ctx()
    ctx = replace(ctx, actor=replace(ctx.actor, departments=(uuid4(), uuid4()), level=3))
    everything = binds(ctx)

    alone = {name: bound(ctx, (name,))[name] for name in everything}

    assert alone == everything
    assert everything["user__departments"] == list(ctx.actor.departments)
    assert {f"setting__{name}" for name in ctx.model.settings} <= set(everything)


def test_nothing_is_bound_under_an_unknown_name(house: House) -> None:
    unknown = ("user__shoe_size", "setting__unheard_of", "tomorrow")

    assert bound(house.ctx(), unknown) == dict.fromkeys(unknown)
