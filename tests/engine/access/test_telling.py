"""What is refused, copied or filled in tells nobody what they do not read."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from engine.doors import Bulk
from engine.errors import NotFound, RecordRefused
from engine.query.stages import FlowQuery, StageMemory
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: cellar, label: Cellar, version: "1.0", languages: [en]}
entities:
  cask:
    label: Cask
    owned: true
    title: name
    fields:
      name: {type: text, required: true}
      number: {type: text, unique: true}
      cost: {type: money}
      price: {type: money}
    unique: {once: [name, cost]}
    pipelines:
      life: {field: stage, stages: {new: {label: New}, old: {label: Old}}}
  bottle:
    label: Bottle
    owned: true
    title: name
    fields:
      name: {type: text}
      cask:
        type: link
        to: cask
        inverse: bottles
        copy: {paid: cask.cost, asked: cask.price, hidden: cask.cost}
      paid: {type: money}
      asked: {type: money}
      hidden: {type: money}
      guess: {type: money, default_formula: "cask.cost"}
roles:
  cellarer:
    label: Cellarer
    rights:
      cask: {create: all, read: own, update: own, delete: own}
      bottle: {create: all, read: all, update: all}
  porter:
    label: Porter
    rights:
      cask: {create: all, read: all, update: all, delete: all}
      bottle: {create: all, read: all}
    fields: {cask: {cost: none, stage: none, name: none}, bottle: {hidden: none}}
"""


@pytest.fixture(scope="module")
def cellar(tenant_of: TenantMaker, installation: Installation) -> Shop:
    return Shop.open(tenant_of(APP), installation.database)


def acting(cellar: Shop, role: str) -> Shop:
    return cellar.acting(kind="person", roles=(role,))


@pytest.fixture(scope="module")
def somebody(cellar: Shop, installation: Installation) -> str:
    """Somebody else's id, put there as accounts are."""
    fields, id_ = cellar.ctx.model.entities["user"].fields, uuid4()
    values = {fields["name"].column: "Other", fields["email"].column: "other@x.org"}
    with installation.database.owner(cellar.ctx.tenant) as connection:
        table = cellar.ctx.compiled.tables.of("user")
        connection.execute(table.insert().values({"id": id_, **values}))
    return str(id_)


def params(cellar: Shop, entity: str, payload: dict[str, str]) -> dict[str, object]:
    with pytest.raises(RecordRefused) as refused:
        cellar.records.create(cellar.ctx, entity, [payload, {"name": "Another"}])
    [error] = refused.value.errors
    return dict(error.params)


def test_a_taken_value_names_its_holder_to_who_sees_it(cellar: Shop, somebody: str) -> None:
    held = cellar.create("cask", {"name": "First", "number": "N-1", "owner": somebody})
    payload = {"name": "Mine", "number": "N-1"}

    told = params(cellar, "cask", payload)
    silent = params(acting(cellar, "cellarer"), "cask", payload)

    assert told["other"] == str(held)
    assert "other" not in silent
    assert silent["value"] == "N-1"


def test_so_it_does_where_many_are_made_at_once(cellar: Shop, somebody: str) -> None:
    cellar.create("cask", {"name": "Third", "number": "N-3", "owner": somebody})
    many = [{"name": f"M{at}", "number": "N-3"} for at in range(300)]
    cellarer = acting(cellar, "cellarer")

    result = cellarer.records.bulk(cellarer.ctx, "cask", Bulk(create=many, atomic=False))

    refused = [item for item in result.items if item.status == "refused"]
    assert len(refused) == 300
    assert not any("other" in error.params for item in refused for error in item.errors)


def test_a_refusal_quotes_no_hidden_value_of_the_record_itself(cellar: Shop) -> None:
    cellar.create("cask", {"name": "Twin", "cost": "7"})
    other = cellar.create("cask", {"name": "Other", "cost": "7"})
    porter = acting(cellar, "porter")

    bottle = cellar.create("bottle", {"name": "B", "cask": str(other)})
    with pytest.raises(RecordRefused) as refused:
        porter.records.delete(porter.ctx, "cask", [other])

    [error] = refused.value.errors
    assert error.params["title"] == "Cask"
    assert error.params["record"] == str(bottle)


@pytest.mark.parametrize("many", [1, 300])
def test_what_is_hidden_is_not_copied_to_where_it_is_read(cellar: Shop, many: int) -> None:
    cask = cellar.create("cask", {"name": f"Old {many}", "cost": "5", "price": "9"})
    porter = acting(cellar, "porter")
    payloads = [{"name": f"B{at}", "cask": str(cask)} for at in range(many)]

    result = porter.records.bulk(porter.ctx, "bottle", Bulk(create=payloads))

    made = cellar.get("bottle", next(item.id for item in result.items if item.id))
    assert (made["paid"], made["guess"]) == (None, None)
    assert (str(made["asked"]), str(made["hidden"])) == ("9.00", "5.00")


def test_the_memory_of_a_hidden_stage_is_hidden(cellar: Shop) -> None:
    cask = cellar.create("cask", {"name": "Moved"})
    cellar.update("cask", cask, {"stage": "old"})
    memory = StageMemory(cellar.database, cellar.records._policy)
    porter, now = acting(cellar, "porter").ctx, cellar.ctx.now

    assert len(memory.visits(cellar.ctx, "cask", cask)) == 2
    assert memory.visits(porter, "cask", cask) == ()
    with pytest.raises(NotFound):
        memory.flow(porter, FlowQuery("cask", "life", now - timedelta(1), now + timedelta(1)))
