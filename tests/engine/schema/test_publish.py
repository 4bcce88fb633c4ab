"""A tenant is reshaped while it is used: what is added, converted, refused, and taken back."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, func

from engine.access.policy import Policy
from engine.doors import Edit
from engine.errors import DataLoss, ModelChanged, PlanBlocked
from engine.records.writer import Records
from engine.schema.apply import Run
from engine.schema.live import read_live
from engine.schema.revisions import Author
from engine.schema.steps import Plan, Step
from metamodel import DefinitionInvalid

ADDS = """
entities:
  customer:
    fields:
      city: {type: text, index: true}
      about: {type: link, to: [customer, invoice]}
  visit:
    label: Visit
    title: subject
    fields:
      subject: {type: text}
      customer: {type: link, to: customer, inverse: visits}
"""


def test_a_layer_adds_fields_and_entities_to_a_tenant_with_records(shop: Any) -> None:
    add_customer(shop, name="Ada")

    revision = shop.publish(ADDS)

    assert revision == 2
    ctx = shop.ctx()
    with shop.database.owner(shop.tenant) as connection:
        live = read_live(connection, shop.tenant)
    for table in ctx.compiled.tables.by_entity.values():
        assert {c.name for c in table.columns} == set(live[table.name].columns)
        assert {i.name for i in table.indexes} == set(live[table.name].indexes)
        names = {c.name for c in table.constraints}
        assert names == {name for name, valid in live[table.name].constraints.items() if valid}
    add_customer(shop, name="Bo", city="Jena")
    assert values(shop, "city") == {"Ada": None, "Bo": "Jena"}
    shop.database.unit(ctx, lambda c: c.execute(ctx.compiled.tables.of("visit").select()))


def test_publishing_the_same_layer_again_changes_nothing(shop: Any) -> None:
    shop.publish(ADDS)

    assert shop.publish(ADDS) == 2
    assert [each.number for each in shop.publisher.revisions(shop.tenant)] == [2, 1]


def test_a_revision_tells_who_published_what_and_from_which_template(shop: Any) -> None:
    shop.publish(ADDS)

    newest = shop.publisher.revisions(shop.tenant)[0]

    assert newest.author.name == "Tester"
    assert (newest.template, newest.template_version) == ("shop", "1.0")
    added = {"code": "add_column", "entity": "customer", "table": "customer"}
    assert any(added.items() <= step.items() for step in newest.summary["steps"])


def test_writers_go_on_while_a_field_is_added_and_none_of_them_fails_otherwise(shop: Any) -> None:
    stop, started = Event(), Event()
    written: list[int] = []
    failures: list[BaseException] = []

    def write() -> None:
        while not stop.is_set():
            try:
                add_customer(shop, name=f"c{len(written)}")
                written.append(1)
                started.set()
            except ModelChanged:
                continue
            except BaseException as error:
                failures.append(error)
                started.set()
                return

    writer = Thread(target=write)
    writer.start()
    started.wait(20)
    for layer in (ADDS, "", ADDS):
        shop.publish(layer, allow_loss=True)
    stop.set()
    writer.join()

    assert failures == []
    assert len(values(shop, "name")) == len(written)
    assert shop.ctx().revision == 4


def test_an_invalid_layer_publishes_nothing(shop: Any) -> None:
    with pytest.raises(DefinitionInvalid):
        shop.publish("entities: {customer: {fields: {city: {type: nothing}}}}")

    assert shop.ctx().revision == 1


def test_of_two_publishes_over_one_revision_the_second_is_refused(shop: Any) -> None:
    first = shop.publisher.propose(shop.tenant, shop.layered(ADDS))
    second = shop.publisher.propose(
        shop.tenant, shop.layered("entities: {customer: {fields: {age: {type: integer}}}}")
    )
    shop.publisher.publish(shop.tenant, first, author=Author("Tester"))

    with pytest.raises(ModelChanged):
        shop.publisher.publish(shop.tenant, second, author=Author("Tester"))
    assert shop.ctx().revision == 2


def test_taking_a_filled_field_away_needs_a_yes_and_keeps_its_values(shop: Any) -> None:
    shop.publish(ADDS)
    add_customer(shop, name="Ada", city="Jena")
    without = shop.publisher.propose(shop.tenant, shop.layered(""))

    assert without.plan.risk == "loses"
    retired = {(each.code, each.params["field"]): each.rows for each in without.plan.effects}
    assert retired[("field_retired", "city")] == 1
    with pytest.raises(DataLoss):
        shop.publish("")

    assert shop.publish("", allow_loss=True) == 3
    assert shop.publish(ADDS) == 4
    assert values(shop, "city") == {"Ada": "Jena"}


def test_records_that_break_a_new_rule_are_counted_and_do_not_stop_it(shop: Any) -> None:
    add_customer(shop, name="Ada", budget="-1")
    add_customer(shop, name="Bo", budget="1")
    layer = """
entities:
  customer:
    rules:
      no_debt: {refuse_when: "budget < 0", message: No debts}
      not_yet: {refuse_when: "age < 0", message: No age}
    fields: {age: {type: integer, required: true}, name: {type: text, max_length: 2}}
"""

    proposal = shop.publisher.propose(shop.tenant, shop.layered(layer))

    found = {each.code: each.rows for each in proposal.plan.effects}
    assert found == {"breaks_rule": 1, "too_long": 1, "now_required": 2}
    assert proposal.plan.risk == "none"
    assert shop.publish(layer) == 2


def test_a_unique_rule_that_the_data_breaks_is_refused_with_the_values(shop: Any) -> None:
    add_customer(shop, name="Ada")
    add_customer(shop, name="Ada")
    layer = "entities: {customer: {unique: {by_name: [name]}}}"

    proposal = shop.publisher.propose(shop.tenant, shop.layered(layer))

    assert proposal.plan.risk == "blocked"
    [effect] = proposal.plan.effects
    assert (effect.code, effect.rows, effect.samples) == ("not_unique", 2, ("Ada",))
    with pytest.raises(PlanBlocked):
        shop.publish(layer, allow_loss=True)


def test_a_type_change_converts_counts_what_does_not_and_goes_back_exactly(shop: Any) -> None:
    spellings = {"Ada": "1,200.50", "Bo": "12 months", "Cy": None, "Di": " 7 "}
    for name, note in spellings.items():
        add_customer(shop, name=name, note=note)
    layer = "entities: {customer: {fields: {note: {type: decimal}}}}"
    proposal = shop.publisher.propose(shop.tenant, shop.layered(layer))

    effect = next(each for each in proposal.plan.effects if each.code == "not_converted")
    assert (effect.rows, effect.samples) == (1, ("12 months",))
    shop.publish(layer, allow_loss=True)
    converted = {name: value and str(value) for name, value in values(shop, "note").items()}
    assert converted == {"Ada": "1200.50", "Bo": None, "Cy": None, "Di": "7.00"}

    edit_customer(shop, "Di", note="8")
    edit_customer(shop, "Cy", note="3.25")
    shop.publish("", allow_loss=True)
    assert values(shop, "note") == {"Ada": "1,200.50", "Bo": "12 months", "Cy": "3.25", "Di": "8"}


def test_fewer_decimals_round_values_and_going_back_brings_them_back(shop: Any) -> None:
    wide = "entities: {customer: {fields: {rate: {type: decimal, scale: 4}}}}"
    narrow = "entities: {customer: {fields: {rate: {type: decimal, scale: 1}}}}"
    shop.publish(wide)
    add_customer(shop, name="Ada", rate="1.2500")
    proposal = shop.publisher.propose(shop.tenant, shop.layered(narrow))

    [effect] = proposal.plan.effects
    assert (effect.code, effect.verdict, effect.samples) == ("rounded", "loses", ("1.2500",))
    shop.publish(narrow, allow_loss=True)

    assert {name: str(rate) for name, rate in values(shop, "rate").items()} == {"Ada": "1.3"}
    shop.publish(wide)
    assert {name: str(rate) for name, rate in values(shop, "rate").items()} == {"Ada": "1.2500"}


def test_more_decimals_need_no_rewrite_and_values_stay(shop: Any) -> None:
    add_customer(shop, name="Ada", budget="1.25")
    layer = "entities: {customer: {fields: {budget: {type: money, scale: 6}}}}"

    proposal = shop.publisher.propose(shop.tenant, shop.layered(layer))

    assert [step.code for step in proposal.plan.steps] == ["widen_column"]
    shop.publish(layer)
    change_customer(shop, "Ada", budget="1.234567")
    assert {str(value) for value in values(shop, "budget").values()} == {"1.234567"}


def test_a_pipeline_put_over_records_starts_them_in_its_first_stage(shop: Any) -> None:
    add_customer(shop, name="Ada")
    layer = """
entities:
  customer:
    pipelines:
      life:
        label: Life
        field: phase
        stages: {lead: {label: Lead}, client: {label: Client, ends: won}}
"""

    shop.publish(layer)

    assert values(shop, "phase") == {"Ada": "lead"}


def test_an_index_of_a_large_table_is_built_beside_the_writers(shop: Any) -> None:
    proposal = shop.publisher.propose(shop.tenant, shop.layered(ADDS))
    index = next(step for step in proposal.plan.steps if step.code == "create_index")
    aside = Step(
        index.code,
        index.touches,
        sql=tuple(sql.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY") for sql in index.sql),
        alone=True,
    )
    column = next(step for step in proposal.plan.steps if step.code == "add_column")

    for _ in range(2):
        plan = Plan(shop.tenant.schema, (*_columns(proposal), aside))
        interim = shop.ctx().compiled
        Run(shop.database, shop.tenant, plan, interim, _nothing, _nothing).expand()

    assert column.cost == "instant"
    with shop.database.owner(shop.tenant) as connection:
        live = read_live(connection, shop.tenant)
    assert live["customer"].indexes[str(index.params["index"])]


def test_a_new_formula_and_all_that_follows_from_it_is_filled_for_records_there_are(
    shop: Any,
) -> None:
    add_customer(shop, name="Ada", budget="5")
    add_customer(shop, name="Bo")
    shop.publish(
        "entities: {customer: {fields: {"
        'four: {type: money, formula: "twice * 2"}, twice: {type: money, formula: "budget * 2"}}}}'
    )
    assert texts(shop, "four") == {"Ada": "20.00", "Bo": "0.00"}

    shop.publish(
        "entities: {customer: {fields: {"
        'four: {type: money, formula: "twice * 2"}, twice: {type: money, formula: "budget * 3"}}}}'
    )

    assert texts(shop, "twice") == {"Ada": "15.00", "Bo": "0.00"}
    assert texts(shop, "four") == {"Ada": "30.00", "Bo": "0.00"}


def test_a_formula_follows_a_field_whose_type_was_changed(shop: Any) -> None:
    number = 'note: {type: decimal}, more: {type: money, formula: "note + 1"}'
    text = 'note: {type: text}, more: {type: money, formula: "NUMBER(note) + 1"}'
    shop.publish("entities: {customer: {fields: {" + text + "}}}")
    add_customer(shop, name="Ada", note="1,000", more="99")

    shop.publish("entities: {customer: {fields: {" + number + "}}}")

    assert texts(shop, "more") == {"Ada": "1001.00"}


def test_what_stages_say_is_part_of_the_formulas_that_read_it(shop: Any) -> None:
    layer = """
entities:
  customer:
    fields:
      hope: {type: money, formula: "budget * life.probability"}
    pipelines:
      life: {label: Life, field: life, stages: {lead: {label: Lead, probability: %s}}}
"""
    shop.publish(layer % "10%")
    add_customer(shop, name="Ada", budget="100", life="lead", hope="10")

    shop.publish(layer % "30%")

    assert texts(shop, "hope") == {"Ada": "30.00"}


def test_a_field_that_becomes_searched_finds_the_records_there_are(shop: Any) -> None:
    add_customer(shop, name="Ada", note="液压泵")
    add_customer(shop, name="Bo")

    shop.publish("entities: {customer: {fields: {note: {type: text, search: true}}}}")

    found = search_keys(shop)
    assert "yyb" in found["Ada"]
    assert "ada" in found["Ada"]
    assert sorted(found["Bo"]) == ["bo"]


def _nothing(*_: object, **__: object) -> None:
    """Fill nothing."""


def _columns(proposal: Any) -> tuple[Step, ...]:
    return tuple(step for step in proposal.plan.steps if step.code == "add_column")


def add_customer(shop: Any, **fields: object) -> None:
    ctx = shop.ctx()
    row = {"id": uuid4(), **{column(ctx, key): value for key, value in fields.items()}}
    table = ctx.compiled.tables.of("customer")
    shop.database.unit(ctx, lambda connection: connection.execute(table.insert().values(row)))


def change_customer(shop: Any, name: str, **fields: object) -> None:
    ctx = shop.ctx()
    table = ctx.compiled.tables.of("customer")
    row = {column(ctx, key): value for key, value in fields.items()}

    def work(connection: Connection) -> None:
        named = table.c[column(ctx, "name")] == name
        connection.execute(table.update().where(named).values(row))

    shop.database.unit(ctx, work)


def edit_customer(shop: Any, name: str, **fields: object) -> None:
    """Change a customer as people do, with history."""
    ctx = shop.ctx()
    table = ctx.compiled.tables.of("customer")
    with shop.database.reading(ctx) as connection:
        named = table.select().where(table.c[column(ctx, "name")] == name)
        record = connection.execute(named).mappings().one()["id"]
    writer = Records(shop.database, Policy(shop.database))
    writer.update(ctx, "customer", [Edit(record, fields)])


def values(shop: Any, key: str) -> dict[str, object]:
    ctx = shop.ctx()
    table = ctx.compiled.tables.of("customer")
    query = table.select().with_only_columns(
        table.c[column(ctx, "name")].label("name"), table.c[column(ctx, key)].label("value")
    )
    with shop.database.reading(ctx) as connection:
        return {row.name: row.value for row in connection.execute(query)}


def texts(shop: Any, key: str) -> dict[str, str]:
    return {name: str(value) for name, value in values(shop, key).items()}


def search_keys(shop: Any) -> dict[str, list[str]]:
    ctx = shop.ctx()
    table = ctx.compiled.tables.of("customer")
    tokens = func.tsvector_to_array(table.c.sys_search).label("tokens")
    query = table.select().with_only_columns(table.c[column(ctx, "name")].label("name"), tokens)
    with shop.database.reading(ctx) as connection:
        return {row.name: row.tokens for row in connection.execute(query)}


def column(ctx: Any, key: str) -> str:
    return str(ctx.model.entities["customer"].fields[key].column)
