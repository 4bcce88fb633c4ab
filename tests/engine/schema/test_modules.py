"""P-28: modules are switched off and on again for a running tenant, and nothing is lost by it."""

from __future__ import annotations

from uuid import UUID

import pytest

from engine.access.policy import Policy
from engine.doors import Edit
from engine.errors import Forbidden, NotFound, RecordRefused
from engine.query.reader import Records as Reader
from engine.query.spec import AggregateQuery, LinkValue, ListQuery
from engine.records.writer import Records as Writer
from metamodel import DefinitionInvalid
from tests.engine.schema.conftest import MakeShop, Shop

APP = """
format: 1
app: {name: works, label: Works, version: "1.0", languages: [en]}
modules:
  sales: {label: Sales}
  service: {label: Service, requires: [sales]}
entities:
  customer:
    label: Customer
    module: sales
    fields:
      name: {type: text, required: true}
      machine: {type: link, to: machine, inverse: users}
      faults: {type: integer, formula: "COUNT(machines, broken)"}
    convert:
      to_machine: {label: Machine, steps: {machine: {create: machine, set: {name: "name"}}}}
  machine:
    label: Machine
    module: service
    fields:
      name: {type: text, required: true}
      owner_of: {type: link, to: customer, inverse: machines}
      broken: {type: boolean}
  repair:
    label: Repair
    child_of: {entity: machine, collection: repairs}
    fields: {work: {type: text}}
menu:
  all: {label: All, entries: {customers: {entity: customer}, machines: {entity: machine}}}
dashboards:
  service:
    label: Service
    module: service
    widgets: {machines: {type: metric, entity: machine, at: [0, 0, 3, 2]}}
  sales:
    label: Sales
    widgets:
      customers: {type: metric, entity: customer, at: [0, 0, 3, 2]}
      machines: {type: metric, entity: machine, at: [3, 0, 3, 2]}
"""
OFF = "modules: {service: {enabled: false}}"


@pytest.fixture
def works(make_shop: MakeShop) -> Shop:
    return make_shop(APP)


@pytest.fixture
def doors(works: Shop) -> tuple[Reader, Writer]:
    access = Policy(works.database)
    return Reader(works.database, access, "a secret of tests"), Writer(works.database, access)


def test_what_belongs_to_a_module_that_is_off_is_set_aside_and_listed(works: Shop) -> None:
    works.publish(OFF)
    model = works.ctx().model

    assert [key for key, each in model.entities.items() if each.off] == ["machine", "repair"]
    assert set(model.switched_off) == {
        ("entities", "machine"),
        ("entities", "repair"),
        ("entities", "customer", "converts", "to_machine"),
        ("dashboards", "service"),
        ("dashboards", "sales", "widgets", "machines"),
    }
    assert [e.entity for group in model.menu.entries for e in group.entries] == ["customer"]
    assert list(model.dashboards["sales"].widgets) == ["customers"]


def test_records_of_a_module_that_is_off_are_refused_and_only_named_where_others_link_to_them(
    works: Shop, doors: tuple[Reader, Writer]
) -> None:
    reader, writer = doors
    customer, machine = _made(works, writer)
    works.publish(OFF)
    ctx = works.ctx()

    assert Policy(works.database).decide(ctx, "read", entity="machine", record=None).reason == (
        "switched_off"
    )
    with pytest.raises((Forbidden, NotFound)):
        writer.create(ctx, "machine", [{"name": "Saw"}])
    with pytest.raises(NotFound):
        reader.get(ctx, "machine", [machine])
    assert not reader.find(ctx, ListQuery("machine")).rows
    record = reader.get(ctx, "customer", [customer])[0]
    assert record.values["machine"] == LinkValue("machine", machine, "Press")
    assert "faults" not in record.values
    assert "machine" not in Policy(works.database).writable(ctx, "customer")
    with pytest.raises(RecordRefused):
        writer.create(ctx, "customer", [{"name": "Bo", "machine": str(machine)}])


def test_switching_a_module_on_brings_back_its_records_and_what_is_computed_from_them(
    works: Shop, doors: tuple[Reader, Writer]
) -> None:
    reader, writer = doors
    customer, machine = _made(works, writer)
    works.publish(OFF)
    works.publish("")
    ctx = works.ctx()

    assert not ctx.model.switched_off
    assert reader.get(ctx, "machine", [machine])[0].values["name"] == "Press"
    assert reader.get(ctx, "customer", [customer])[0].values["faults"] == 1
    assert reader.aggregate(ctx, AggregateQuery("machine")).rows


@pytest.mark.parametrize(
    ("layer", "place", "hint"),
    [
        ("modules: {sales: {enabled: false}}", "modules.service", "Switch `sales` on, or"),
        (
            f"{OFF}\nentities: {{customer: {{fields: {{machine: {{required: true}}}}}}}}",
            "entities.customer.fields.machine",
            "Switch `service` on, or switch `sales` off, too.",
        ),
    ],
    ids=["by what it requires", "by a field that must be filled"],
)
def test_a_module_that_another_needs_cannot_be_switched_off_alone(
    works: Shop, layer: str, place: str, hint: str
) -> None:
    with pytest.raises(DefinitionInvalid) as refused:
        works.publish(layer)

    (problem,) = refused.value.problems
    assert (problem.code, ".".join(problem.place.path)) == ("module_needed", place)
    assert hint in problem.hint


def _made(works: Shop, writer: Writer) -> tuple[UUID, UUID]:
    """Make a customer and a broken machine that know each other."""
    ctx = works.ctx()
    customer = writer.create(ctx, "customer", [{"name": "Ada"}]).ids[0]
    pressed = {"name": "Press", "owner_of": str(customer), "broken": True}
    machine = writer.create(ctx, "machine", [pressed]).ids[0]
    writer.update(ctx, "customer", [Edit(customer, {"machine": str(machine)})])
    return customer, machine
