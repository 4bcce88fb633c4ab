"""What links get without being told, and what may be chosen for them inside a form."""

from __future__ import annotations

from typing import Any

import pytest

from engine.access.policy import Policy
from engine.errors import RecordRefused
from engine.query.reader import Records as Reader
from engine.tenants.starters import plant
from metamodel import DefinitionInvalid, load, read_text
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: tills, label: Tills, version: "1.0"}
entities:
  unit:
    label: Unit
    title: name
    fields:
      name: {type: text}
      code: {type: text, unique: true}
      factor: {type: decimal}
  product:
    label: Product
    title: name
    fields:
      name: {type: text}
      unit: {type: link, to: unit, default: piece, copy: {factor: unit.factor}}
      factor: {type: decimal}
  customer:
    label: Customer
    title: name
    fields: {name: {type: text}}
  order:
    label: Order
    title: name
    fields: {name: {type: text}, customer: {type: link, to: customer}}
  payment:
    label: Payment
    title: name
    fields: {name: {type: text}, customer: {type: link, to: customer}}
  share:
    label: Share
    title_formula: '"share"'
    child_of: {entity: payment, collection: shares}
    fields: {order: {type: link, to: order, filter: "customer == this.payment.customer"}}
starter_records:
  unit:
    piece: {set: {name: Piece, code: pc, factor: 1}}
    dozen: {set: {name: Dozen, code: dz, factor: 12}}
"""


@pytest.fixture(scope="module")
def tills(tenant_of: TenantMaker, installation: Installation) -> Shop:
    shop = Shop.open(tenant_of(APP), installation.database)
    plant(shop.ctx, shop.records)
    return shop


def unit(shop: Shop, code: str) -> Any:
    fields = shop.ctx.model.entities["unit"].fields
    table = shop.ctx.compiled.tables.of("unit")
    with shop.database.reading(shop.ctx) as connection:
        statement = table.select().with_only_columns(table.c.id)
        return connection.execute(statement.where(table.c[fields["code"].column] == code)).scalar()


def test_a_link_that_nobody_entered_points_to_its_starter_record(tills: Shop) -> None:
    made = tills.get("product", tills.create("product", {"name": "Pump"}))
    other = tills.get("product", tills.create("product", {"unit": {"code": "dz"}}))
    none = tills.get("product", tills.create("product", {"unit": None}))

    assert (made["unit"], made["factor"]) == (unit(tills, "pc"), 1)
    assert (other["unit"], other["factor"]) == (unit(tills, "dz"), 12)
    assert none["unit"] is None


def test_a_starter_record_that_is_gone_leaves_the_link_blank(
    tenant_of: TenantMaker, installation: Installation
) -> None:
    shop = Shop.open(tenant_of(APP), installation.database)

    assert shop.get("product", shop.create("product", {"name": "Pump"}))["unit"] is None


def test_a_default_names_a_starter_record_of_the_target() -> None:
    with pytest.raises(DefinitionInvalid) as refused:
        load([read_text(APP.replace("default: piece", "default: peace"), "tills.yaml")])

    [problem] = refused.value.problems
    assert (problem.code, "piece" in problem.hint) == ("unknown_starter", True)


def test_a_line_may_choose_what_fits_the_record_around_it(
    tills: Shop, installation: Installation
) -> None:
    reader = Reader(installation.database, Policy(installation.database), "secret")
    ours, theirs = (tills.create("customer", {"name": name}) for name in ("Ours", "Theirs"))
    fitting = tills.create("order", {"name": "A", "customer": str(ours)})
    foreign = tills.create("order", {"name": "B", "customer": str(theirs)})

    def picked(**this: Any) -> set[Any]:
        named = {name.replace("__", "."): value for name, value in this.items()}
        return {hit.id for hit in reader.pick(tills.ctx, "share", "order", "", this=named)}

    assert picked(payment__customer=str(ours)) == {fitting}
    assert {fitting, foreign} <= picked(payment__customer=None)
    saved = tills.create("payment", {"customer": str(theirs)})
    assert picked(payment=str(saved)) == {foreign}
    assert picked(payment=str(saved), payment__customer=str(ours)) == {fitting}

    body = {"customer": str(ours), "shares": [{"order": str(fitting)}, {"order": str(foreign)}]}
    with pytest.raises(RecordRefused) as refused:
        tills.create("payment", body)
    assert [(each.code, each.path) for each in refused.value.errors] == [
        ("link_not_allowed", ("shares", 1, "order"))
    ]
