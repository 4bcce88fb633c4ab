"""Cursors: they answer the question they were given for, and outlive what is none of it."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from engine.context import Context
from engine.errors import CursorStale
from engine.query.parse import parse_filter, parse_sort
from engine.query.spec import ListQuery
from tests.engine.house import House


def stale_cases(house: House, ctx: Context) -> dict[str, tuple[Context, ListQuery]]:
    query = ListQuery("customer", sort=parse_sort(ctx, "customer", "name"), limit=3)
    cursor = house.reader.find(ctx, query).next
    assert cursor is not None
    query = replace(query, cursor=cursor)
    flipped = ("B" if cursor[0] == "A" else "A") + cursor[1:]
    other = parse_sort(ctx, "customer", "-name")
    return {
        "another sort": (ctx, replace(query, sort=other)),
        "another filter": (
            ctx,
            replace(query, filter=parse_filter(ctx, "customer", "vip")),
        ),
        "another entity": (ctx, replace(query, entity="contact", sort=())),
        "another search": (ctx, replace(query, search="x")),
        "another person": (house.ctx(), query),
        "other rights": (replace(ctx, actor=replace(ctx.actor, roles=("everything",))), query),
        "another revision": (replace(ctx, revision=ctx.revision + 1), query),
        "a changed cursor": (ctx, replace(query, cursor=flipped)),
        "no cursor at all": (ctx, replace(query, cursor="käse")),
        "a shortened cursor": (ctx, replace(query, cursor=cursor[:10])),
    }


def test_a_cursor_answers_its_own_question_only(house: House) -> None:
    ctx = house.ctx()

    for name, (who, query) in stale_cases(house, ctx).items():
        with pytest.raises(CursorStale):
            pytest.fail(f"{name}: {house.reader.find(who, query)}")


def test_a_cursor_goes_on_when_departments_are_moved(house: House) -> None:
    """What is theirs now is read for each page (A-02)."""
    ctx = house.ctx()
    first = house.reader.find(ctx, ListQuery("customer", limit=3))
    moved = replace(ctx, actor=replace(ctx.actor, departments=(uuid4(),)))

    following = house.reader.find(moved, ListQuery("customer", limit=3, cursor=first.next))

    assert following.rows
    assert not {row.id for row in first.rows} & {row.id for row in following.rows}
