"""A plan warns of totals onto records that very many others point to."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection

VISITS = """
entities:
  visit:
    label: Visit
    title: subject
    fields:
      subject: {type: text}
      customer: {type: link, to: customer, inverse: visits}
"""


def test_a_total_onto_a_record_with_very_many_members_is_better_not_stored(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.schema.effects.CROWD", 3)
    shop.publish(VISITS)
    add_visits(shop, 3, customer="Ada")
    add_visits(shop, 2, customer="Bo")
    layer = VISITS + '  customer: {fields: {seen: {type: integer, formula: "COUNT(visits)"}}}\n'
    read = layer.replace('"COUNT(visits)"', '"COUNT(visits)", stored: false')

    stored, unstored = (
        shop.publisher.propose(shop.tenant, shop.layered(each)) for each in (layer, read)
    )

    found = [(each.code, each.params["field"], each.rows) for each in stored.plan.effects]
    assert found == [("crowded", "seen", 3)]
    assert unstored.plan.effects == ()


def add_visits(shop: Any, number: int, *, customer: str) -> None:
    """Add a customer with visits."""
    ctx = shop.ctx()
    visits, customers = ctx.compiled.tables.of("visit"), ctx.compiled.tables.of("customer")
    name = ctx.model.entities["customer"].fields["name"].column
    via = ctx.model.entities["visit"].fields["customer"].column
    made = uuid4()

    def work(connection: Connection) -> None:
        connection.execute(customers.insert().values({"id": made, name: customer}))
        connection.execute(visits.insert(), [{"id": uuid4(), via: made} for _ in range(number)])

    shop.database.unit(ctx, work)
