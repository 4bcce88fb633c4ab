"""Pipelines let records go only where they may, and remember where they were."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.errors import RecordRefused
from tests.engine.records.shop import Shop


def refusals(shop: Shop, quote: UUID, to: str, **values: Any) -> list[str]:
    with pytest.raises(RecordRefused) as refused:
        shop.records.move(shop.ctx, "quote", [quote], pipeline="sales", to=to, values=values)
    return [error.code for error in refused.value.errors]


def visits(shop: Shop, quote: UUID) -> set[tuple[str, bool]]:
    """Return the stages a quote was in, and whether it left them."""
    table = shop.ctx.compiled.tables.of("sys_stage_visit")
    fields = shop.ctx.model.entities["sys_stage_visit"].fields
    columns = {key: table.c[each.column] for key, each in fields.items() if each.column}
    statement = select(columns["stage"], columns["left_at"]).where(columns["record"] == quote)
    with shop.database.reading(shop.ctx) as connection:
        rows = connection.execute(statement).all()
    return {(row[0], row[1] is not None) for row in rows}


def test_a_move_that_the_pipeline_does_not_know_is_refused(shop: Shop) -> None:
    _, quote, _ = shop.quote_of_one("1.00")

    assert refusals(shop, quote, "won") == ["move_not_allowed"]
    assert refusals(shop, quote, "nowhere") == ["unknown_stage"]


def test_a_stage_asks_for_what_must_be_filled(shop: Shop) -> None:
    _, quote, _ = shop.quote_of_one("1.00")

    assert refusals(shop, quote, "lost") == ["must_fill"]
    shop.records.move(
        shop.ctx, "quote", [quote], pipeline="sales", to="lost", values={"reason": "Price"}
    )
    assert shop.get("quote", quote)["stage"] == "lost"


def test_a_stage_opens_only_under_its_condition(shop: Shop) -> None:
    acme = shop.create("customer", {"name": "Acme"})
    quote = shop.create("quote", {"customer": str(acme)})

    assert refusals(shop, quote, "sent") == ["enter_when"]


def test_a_record_may_be_made_in_any_stage_whose_conditions_hold(shop: Shop) -> None:
    acme, _, _ = shop.quote_of_one("1.00")

    with pytest.raises(RecordRefused) as refused:
        shop.create("quote", {"customer": str(acme), "stage": "lost"})
    quote = shop.create("quote", {"customer": str(acme), "stage": "lost", "reason": "Late"})

    assert [error.code for error in refused.value.errors] == ["must_fill"]
    assert shop.get("quote", quote)["stage"] == "lost"


def test_every_stage_that_a_record_was_in_is_remembered(shop: Shop) -> None:
    _, quote, _ = shop.quote_of_one("1.00")

    shop.records.move(shop.ctx, "quote", [quote], pipeline="sales", to="sent")
    shop.records.move(shop.ctx, "quote", [quote], pipeline="sales", to="won")

    assert visits(shop, quote) == {("open", True), ("sent", True), ("won", False)}


def test_a_rule_sees_what_the_record_was_before(shop: Shop) -> None:
    _, quote, _ = shop.quote_of_one("1.00")
    for stage in ("sent", "won"):
        shop.records.move(shop.ctx, "quote", [quote], pipeline="sales", to=stage)

    assert refusals(shop, quote, "open") == ["rule"]


def test_a_person_moves_records_only_where_a_role_allows(shop: Shop) -> None:
    _, quote, _ = shop.quote_of_one("1.00")
    seller = shop.acting(kind="person", roles=("sales",))
    shop.update("quote", quote, {"owner": str(seller.ctx.actor.user)})
    shop.records.move(seller.ctx, "quote", [quote], pipeline="sales", to="sent")

    assert refusals(seller, quote, "won") == ["move_forbidden"]
