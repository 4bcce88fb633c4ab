"""Options and stages are merged: their records move with history, and going back moves them back.

Requirement P-04.
"""

from __future__ import annotations

from typing import Any

import pytest

from engine.access.policy import Policy
from engine.doors import Edit
from engine.records.writer import Records

pytestmark = pytest.mark.usefixtures("every_size")

LIFE = """
entities:
  customer:
    fields:
      tagged: {type: multi_choice, options: {x: {label: X}, y: {label: Y}, z: {label: Z}}}
      chance: {type: percent, formula: phase.probability}
    pipelines:
      life:
        label: Life
        field: phase
        stages:
          lead: {label: Lead, probability: 10%}
          talks: {label: Talks, probability: 50%}
          client: {label: Client, ends: won, probability: 100%}
"""
MERGED = LIFE.replace("{label: Lead,", "{label: Lead, $retire: true, into: talks,")


def create(shop: Any, **values: object) -> Any:
    """Create a customer as people do; return its id."""
    return records(shop).create(shop.ctx(), "customer", [values]).ids[0]


def records(shop: Any) -> Records:
    """Return the door to writing."""
    return Records(shop.database, Policy(shop.database))


def values(shop: Any, field: str) -> dict[Any, Any]:
    """Return a field's stored values by the customers' names."""
    ctx = shop.ctx()
    table, fields = ctx.compiled.tables.of("customer"), ctx.model.entities["customer"].fields
    with shop.database.reading(ctx) as connection:
        rows = connection.execute(
            table.select().with_only_columns(
                table.c[fields["name"].column], table.c[fields[field].column]
            )
        )
        return {name: value for name, value in rows}


def asked(shop: Any, statement: str) -> list[tuple[Any, ...]]:
    """Return what a statement over the tenant's own tables answers."""
    with shop.database.owner(shop.tenant) as connection:
        text = statement.replace("{s}", shop.tenant.schema)
        return [tuple(row) for row in connection.exec_driver_sql(text)]


def test_a_merged_stage_moves_its_records_with_history_and_what_follows_from_it(shop: Any) -> None:
    shop.publish(LIFE)
    ada = create(shop, name="Ada")
    create(shop, name="Bo", phase="client")

    effects = shop.publisher.propose(shop.tenant, shop.layered(MERGED)).plan.effects
    shop.publish(MERGED)

    assert [(each.code, each.rows) for each in effects] == [("stage_moves", 1)]
    assert values(shop, "phase") == {"Ada": "talks", "Bo": "client"}
    assert {name: str(part) for name, part in values(shop, "chance").items()} == {
        "Ada": "0.500000", "Bo": "1.000000",
    }  # fmt: skip
    told = asked(
        shop,
        "SELECT c.record, c.operation, c.before, c.after, s.reference FROM {s}.sys_change c "
        "JOIN {s}.sys_change_set s ON s.id = c.change_set WHERE s.door = 'publish'",
    )
    assert told == [(ada, "move", {"phase": "lead"}, {"phase": "talks"}, "3")]
    visits = asked(
        shop,
        "SELECT stage, left_at IS NULL FROM {s}.sys_stage_visit "
        f"WHERE record = '{ada}' ORDER BY entered_at",
    )
    assert visits == [("lead", False), ("talks", True)]


def test_going_back_returns_those_whom_nobody_moved_since_and_names_the_others(shop: Any) -> None:
    shop.publish(LIFE)
    ids = {name: create(shop, name=name) for name in ("Ada", "Bo", "Cy", "Di")}
    create(shop, name="Ed", phase="talks")
    shop.publish(MERGED)
    edit(shop, ids["Bo"], phase="client")
    edit(shop, ids["Cy"], phase="client")
    edit(shop, ids["Cy"], phase="talks")
    edit(shop, ids["Di"], note="Only the note")

    effects = shop.publisher.propose(shop.tenant, shop.layered(LIFE)).plan.effects
    shop.publish(LIFE)

    found = {each.code: (each.rows, each.samples) for each in effects}
    assert found == {"stage_returns": (2, ()), "stays_moved": (2, ("Bo", "Cy"))}
    assert values(shop, "phase") == {
        "Ada": "lead", "Bo": "client", "Cy": "talks", "Di": "lead", "Ed": "talks",
    }  # fmt: skip


def test_chains_of_merges_are_undone_one_by_one(shop: Any) -> None:
    twice = MERGED.replace("{label: Talks,", "{label: Talks, $retire: true, into: client,")
    shop.publish(LIFE)
    create(shop, name="Ada")
    create(shop, name="Bo", phase="talks")

    shop.publish(MERGED)
    shop.publish(twice)
    assert set(values(shop, "phase").values()) == {"client"}
    shop.publish(LIFE)

    assert values(shop, "phase") == {"Ada": "lead", "Bo": "talks"}


def test_both_ends_of_a_chain_move_at_once(shop: Any) -> None:
    twice = MERGED.replace("{label: Talks,", "{label: Talks, $retire: true, into: client,")
    shop.publish(LIFE)
    create(shop, name="Ada")
    create(shop, name="Bo", phase="talks")

    shop.publish(twice)
    assert set(values(shop, "phase").values()) == {"client"}
    shop.publish(MERGED)

    assert values(shop, "phase") == {"Ada": "client", "Bo": "talks"}


def test_a_merged_option_of_many_leaves_each_value_once_and_comes_back_whole(shop: Any) -> None:
    merged = LIFE.replace("x: {label: X}", "x: {label: X, $retire: true, into: z}")
    shop.publish(LIFE)
    create(shop, name="Ada", tagged=["x", "y", "z"])
    create(shop, name="Bo", tagged=["y", "x"])
    create(shop, name="Cy", tagged=["y"])

    shop.publish(merged)
    assert values(shop, "tagged") == {"Ada": ["z", "y"], "Bo": ["y", "z"], "Cy": ["y"]}
    shop.publish(LIFE)

    assert values(shop, "tagged") == {"Ada": ["x", "y", "z"], "Bo": ["y", "x"], "Cy": ["y"]}


def test_publishing_on_after_a_merge_moves_nothing_again(shop: Any) -> None:
    shop.publish(LIFE)
    shop.publish(MERGED)

    layer = MERGED.replace("fields:", "fields:\n      city: {type: text}")
    plan = shop.publisher.propose(shop.tenant, shop.layered(layer)).plan

    assert [step.code for step in plan.steps] == ["add_column"]


def edit(shop: Any, record: Any, **changed: object) -> None:
    """Change a customer as people do."""
    records(shop).update(shop.ctx(), "customer", [Edit(record, changed)])
