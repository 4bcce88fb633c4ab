"""Link tables come, go, return and follow names as the fields do that they belong to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.access.policy import Policy
from engine.doors import Edit
from engine.errors import NotFound, RecordRefused
from engine.query.reader import Records as Reading
from engine.records.writer import Records
from metamodel.linking.pairs import pair_key
from tests.engine.schema.conftest import APP

LINKED = """
entities:
  invoice:
    fields:
      friends: {type: links, to: customer, inverse: bills}
      count: {type: integer, formula: "COUNT(friends)"}
"""
BASE = APP.replace(
    "      code: {type: text, unique: true}\n",
    "      code: {type: text, unique: true}\n"
    "      friends: {type: links, to: customer, inverse: bills}\n"
    '      count: {type: integer, formula: "COUNT(friends)"}\n',
)
RENAMED = "entities: {invoice: {fields: {mates: {renamed_from: friends}}}}"
RETIRED = "entities: {invoice: {fields: {friends: {$retire: true}, count: {$retire: true}}}}"


def fill(shop: Any) -> tuple[UUID, UUID]:
    """Make an invoice that names a customer; return both."""
    writer, ctx = Records(shop.database, Policy(shop.database)), shop.ctx()
    customer = writer.create(ctx, "customer", [{"name": "Ada"}]).ids[0]
    invoice = writer.create(ctx, "invoice", [{"code": "1", "friends": [str(customer)]}]).ids[0]
    return invoice, customer


def values(shop: Any, invoice: UUID) -> Any:
    reader = Reading(shop.database, Policy(shop.database), "secret")
    return reader.get(shop.ctx(), "invoice", [invoice])[0].values


def test_a_field_that_is_added_gets_its_table_with_keys_and_an_index_each(
    shop: Any,
) -> None:
    shop.publish(LINKED)
    invoice, customer = fill(shop)

    table = shop.ctx().compiled.tables.of(pair_key("invoice", "friends"))

    assert [each.id for each in values(shop, invoice)["friends"]] == [customer]
    assert values(shop, invoice)["count"] == 1
    assert {each.ondelete for each in table.foreign_key_constraints} == {"CASCADE"}
    unique = next(each for each in table.indexes if each.unique)
    assert [column.name for column in unique.columns] == ["holder", "member"]
    assert shop.publisher.propose(shop.tenant, shop.layered(LINKED)).plan.steps == ()


def test_a_rename_keeps_the_table(make_shop: Any) -> None:
    shop = make_shop(BASE)
    invoice, customer = fill(shop)

    proposal = shop.publisher.propose(shop.tenant, shop.layered(RENAMED))
    shop.publish(RENAMED)

    assert [each.code for each in proposal.plan.steps] == []
    assert [each.id for each in values(shop, invoice)["friends"]] == [customer]
    assert shop.ctx().model.entities["invoice"].fields["friends"].name == "mates"


def test_a_retired_field_is_gone_and_comes_back_with_what_it_named(make_shop: Any) -> None:
    shop = make_shop(BASE)
    invoice, customer = fill(shop)
    writer = Records(shop.database, Policy(shop.database))

    effects = shop.publisher.propose(shop.tenant, shop.layered(RETIRED)).plan.effects
    shop.publish(RETIRED, allow_loss=True)
    gone = values(shop, invoice)
    with pytest.raises(RecordRefused):
        writer.update(shop.ctx(), "invoice", [Edit(invoice, {"friends": []})])
    shop.publish("")

    assert ("field_retired", "loses", 1) in {(e.code, e.verdict, e.rows) for e in effects}
    assert "friends" not in gone
    assert [each.id for each in values(shop, invoice)["friends"]] == [customer]
    assert "bills" in shop.ctx().model.entities["customer"].collections


def test_nobody_writes_a_link_table_by_itself(make_shop: Any) -> None:
    shop = make_shop(BASE)
    key = pair_key("invoice", "friends")
    writer = Records(shop.database, Policy(shop.database))

    with pytest.raises(NotFound):
        writer.create(shop.ctx(), key, [{}])
