"""Options and stages are split by a condition, and going back puts their records together again.

Requirement P-04.
"""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import PlanBlocked
from engine.schema.words import words
from tests.engine.schema.test_merging import asked, create, edit, values

LIFE = """
entities:
  customer:
    fields:
      tagged: {type: multi_choice, options: {x: {label: X}, y: {label: Y}}}
    pipelines:
      life:
        label: Life
        field: phase
        stages:
          lead: {label: Lead}
          talks: {label: Talks, must_fill: [note]}
"""
LARGE = "          big: {label: Large, must_fill: [note], takes: {talks: budget > 1000}}\n"
SPLIT = LIFE + LARGE


def effects(shop: Any, layer: str) -> dict[str, int]:
    """Return how many records each effect of publishing a layer is about."""
    plan = shop.publisher.propose(shop.tenant, shop.layered(layer)).plan
    return {each.code: each.rows for each in plan.effects}


@pytest.fixture
def people(shop: Any) -> dict[str, Any]:
    """Return the ids of customers who are in talks, by name; and one who is not."""
    shop.publish(LIFE)
    budgets = {"Ada": "500", "Bo": "5000", "Cy": "7000", "Di": None}
    made = {
        name: create(shop, name=name, phase="talks", note="n", budget=budget)
        for name, budget in budgets.items()
    }
    return {**made, "Ed": create(shop, name="Ed", phase="lead", budget="9000")}


def test_a_split_stage_takes_those_for_which_the_condition_holds_with_history(
    shop: Any, people: dict[str, Any]
) -> None:
    plan = shop.publisher.propose(shop.tenant, shop.layered(SPLIT)).plan
    shop.publish(SPLIT)

    [effect] = plan.effects
    assert (effect.code, effect.rows) == ("stage_moves", 2)
    model = shop.store.compiled(shop.layered(SPLIT)).model
    assert words(effect, model, "en").endswith("move from Talks to Large (Budget > 1000).")
    assert "（Budget > 1000）。" in words(effect, model, "zh")
    assert {each.id for each in effect.records} == {people["Bo"], people["Cy"]}
    assert values(shop, "phase") == {
        "Ada": "talks", "Bo": "big", "Cy": "big", "Di": "talks", "Ed": "lead",
    }  # fmt: skip
    told = asked(
        shop,
        "SELECT c.operation, c.before, c.after FROM {s}.sys_change c "
        "JOIN {s}.sys_change_set s ON s.id = c.change_set WHERE s.door = 'publish'",
    )
    assert told == [("move", {"phase": "talks"}, {"phase": "big"})] * 2
    visits = asked(
        shop,
        "SELECT stage, left_at IS NULL FROM {s}.sys_stage_visit "
        f"WHERE record = '{people['Bo']}' ORDER BY entered_at",
    )
    assert visits == [("talks", False), ("big", True)]


def test_going_back_puts_those_together_whom_nobody_moved_and_coming_again_parts_them(
    shop: Any, people: dict[str, Any]
) -> None:
    shop.publish(SPLIT)
    edit(shop, people["Bo"], phase="lead")
    edit(shop, people["Cy"], note="Only the note")
    late = create(shop, name="Fay", phase="talks", note="n", budget="8000")

    assert effects(shop, LIFE) == {"stage_returns": 1, "stays_moved": 1}
    shop.publish(LIFE)
    back = values(shop, "phase")
    assert (back["Bo"], back["Cy"], back["Fay"]) == ("lead", "talks", "talks")

    # Whom the split left alone then, it leaves alone again.
    assert effects(shop, SPLIT) == {"stage_moves": 1}
    shop.publish(SPLIT)
    assert {name for name, phase in values(shop, "phase").items() if phase == "big"} == {"Cy"}
    assert late


def test_a_record_that_stays_in_a_stage_that_goes_is_told_of(
    shop: Any, people: dict[str, Any]
) -> None:
    shop.publish(SPLIT)
    edit(shop, people["Bo"], phase="lead")
    edit(shop, people["Bo"], phase="big")

    found = effects(shop, LIFE)

    assert found == {"stage_returns": 1, "stays_moved": 1, "stage_retired": 1}


def test_a_stage_that_is_replaced_by_two_gives_what_is_left_to_the_other(
    shop: Any, people: dict[str, Any]
) -> None:
    replaced = SPLIT.replace("{label: Talks,", "{label: Talks, $retire: true, into: small,")
    replaced += "          small: {label: Small}\n"

    assert effects(shop, replaced) == {"stage_moves": 2}
    plan = shop.publisher.propose(shop.tenant, shop.layered(replaced)).plan
    assert [(e.params["into"], e.rows) for e in plan.effects] == [("big", 2), ("small", 2)]
    shop.publish(replaced)
    parted = values(shop, "phase")
    assert parted == {"Ada": "small", "Bo": "big", "Cy": "big", "Di": "small", "Ed": "lead"}

    shop.publish(LIFE)
    assert set(values(shop, "phase").values()) == {"talks", "lead"}
    shop.publish(replaced)
    assert values(shop, "phase") == parted


def test_another_condition_parts_the_records_anew(shop: Any, people: dict[str, Any]) -> None:
    shop.publish(SPLIT)

    shop.publish(SPLIT.replace("budget > 1000", "budget > 6000"))
    assert {name for name, phase in values(shop, "phase").items() if phase == "big"} == {"Cy"}
    shop.publish(SPLIT)

    assert {n for n, phase in values(shop, "phase").items() if phase == "big"} == {"Bo", "Cy"}


def test_renaming_what_a_condition_reads_moves_nobody(shop: Any, people: dict[str, Any]) -> None:
    shop.publish(SPLIT)
    create(shop, name="Fay", phase="talks", note="n", budget="8000")
    renamed = SPLIT.replace("budget > 1000", "money > 1000").replace(
        "tagged:", "money: {renamed_from: budget}\n      tagged:"
    )

    assert effects(shop, renamed) == {}
    shop.publish(renamed)
    assert effects(shop, LIFE) == {"stage_returns": 2}


def test_a_condition_that_is_past_keeps_its_records_and_asks_nobody(
    shop: Any, people: dict[str, Any]
) -> None:
    shop.publish(SPLIT)
    before = values(shop, "phase")

    for layer in (
        SPLIT.replace("tagged:", "budget: {$retire: true}\n      tagged:"),
        SPLIT.replace("budget > 1000", '"false"'),
    ):
        found = effects(shop, layer)
        assert found.get("stage_returns", 0) == found.get("stage_moves", 0) == 0
        shop.publish(layer, allow_loss=True)
        assert values(shop, "phase") == before


def test_who_stays_in_a_stage_that_gives_and_goes_and_who_comes_back_is_counted_once(
    shop: Any, people: dict[str, Any]
) -> None:
    """What one step moves away, or back, is not told of by another that finds the same records."""
    retired = SPLIT.replace("{label: Talks,", "{label: Talks, $retire: true,")
    merged = retired.replace("$retire: true,", "$retire: true, into: big,")

    assert effects(shop, retired) == {"stage_moves": 2, "stage_retired": 2}
    shop.publish(merged)
    assert effects(shop, LIFE) == {"stage_returns": 4}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("note: {type: choice, options: {n: {label: N}, m: {label: M, takes: {n: vip}}}}", 5),
        ("level: {type: multi_choice, options: {b: {takes: {a: vip}}}}", 5),
        ("level: {options: {b: {takes: {a: vip}}}}", 0),
    ],
)
def test_values_that_are_converted_are_split_with_the_next_version(
    shop: Any, people: dict[str, Any], said: str, code: int
) -> None:
    """To split them at once would be to forget it: nothing of it is found yet where it will be."""
    layer = LIFE.replace("tagged:", f"{said}\n      tagged:")

    assert effects(shop, layer).get("split_unclear", 0) == code


def test_a_split_stays_done_when_what_it_asked_for_is_deleted_or_its_form_comes_back(
    shop: Any,
) -> None:
    """Nobody is parted anew, nor in the way of the publish."""
    weighed = SPLIT.replace("budget >", "weight >").replace(
        "tagged:", "weight: {type: integer}\n      tagged:"
    )
    retired = weighed.replace("  customer:", "  customer:\n    $retire: true")
    retired += "  invoice: {fields: {customer: {$retire: true}}}\n"
    purged = weighed.replace("integer}", "integer, $retire: true, purged: true}")
    shop.publish(weighed)
    create(shop, name="Ada", phase="talks", note="n", weight=5000)

    shop.publish(retired, allow_loss=True)
    assert effects(shop, weighed) == {}
    shop.publish(weighed)
    shop.publish(weighed.replace("integer}", "integer, $retire: true}"), allow_loss=True)
    shop.publish(purged, allow_loss=True)
    assert values(shop, "phase") == {"Ada": "talks"}


def test_a_pipeline_that_all_records_begin_is_split_with_the_next_version(shop: Any) -> None:
    create(shop, name="Ada", budget="5000")

    assert effects(shop, LIFE + LARGE.replace("talks:", "lead:")) == {"split_unclear": 1}


@pytest.mark.parametrize("begun", [LIFE + LARGE.replace("talks:", "lead:"), SPLIT])
def test_a_split_that_began_with_nobody_parts_nobody_when_its_pipeline_comes_back(
    shop: Any, begun: str
) -> None:
    shop.publish(begun)
    create(shop, name="Ada", phase="lead", budget="5000")
    create(shop, name="Bo", phase="talks", note="n", budget="5000")
    shop.publish("", allow_loss=True)
    create(shop, name="Cy", budget="5000")

    assert "split_unclear" not in effects(shop, begun)
    shop.publish(begun)

    assert values(shop, "phase") == {"Ada": "lead", "Bo": "talks", "Cy": "lead"}


def test_one_value_of_many_is_split_and_comes_back_in_its_place(shop: Any) -> None:
    split = LIFE.replace("y: {label: Y}", 'y: {label: Y}, z: {label: Z, takes: {x: "vip"}}')
    shop.publish(LIFE)
    create(shop, name="Ada", vip=True, tagged=["x", "y"])
    create(shop, name="Bo", vip=False, tagged=["y", "x"])
    create(shop, name="Cy", vip=True, tagged=["y"])

    shop.publish(split)
    assert values(shop, "tagged") == {"Ada": ["z", "y"], "Bo": ["y", "x"], "Cy": ["y"]}
    shop.publish(LIFE)
    assert values(shop, "tagged") == {"Ada": ["x", "y"], "Bo": ["y", "x"], "Cy": ["y"]}


def test_a_condition_over_what_changes_as_well_waits_for_the_next_version(
    shop: Any, people: dict[str, Any]
) -> None:
    added = SPLIT.replace("budget > 1000", "weight > 1000").replace(
        "tagged:", "weight: {type: integer}\n      tagged:"
    )

    assert effects(shop, added) == {"split_unclear": 4}
    with pytest.raises(PlanBlocked):
        shop.publish(added)


def test_whoever_waits_in_the_trash_is_parted_too_and_a_link_is_looked_through(shop: Any) -> None:
    shop.publish(LIFE)
    ada = create(shop, name="Ada", phase="talks", note="n")
    create(shop, name="Bo", phase="talks", note="n")
    layer = LIFE + "          big: {label: Large, takes: {talks: COUNT(invoices) == 0}}\n"
    invoiced = shop.ctx()
    from tests.engine.schema.test_merging import records

    records(shop).create(invoiced, "invoice", [{"code": "1", "customer": str(ada)}])

    shop.publish(layer)

    assert values(shop, "phase") == {"Ada": "talks", "Bo": "big"}


GONE = SPLIT.replace("takes:", "$retire: true, into: %s, takes:")
INTO_BIG = SPLIT.replace("{label: Lead}", "{label: Lead, $retire: true, into: big}")
ALL = '          all: {label: All, takes: {big: "true"}}\n'
LATE = "          late: {label: Late, takes: {lead: budget > 8000}}\n"
LAYERS = {
    "split otherwise, merged, and split off from again": (
        SPLIT,
        SPLIT.replace("> 1000", "> 6000"),
        GONE.replace("> 1000", "> 6000") % "lead",
        GONE.replace("> 1000", "> 6000") % "lead" + LATE,
    ),
    "split off from after others were merged into it, twice": (
        SPLIT, INTO_BIG, INTO_BIG + ALL, INTO_BIG, INTO_BIG + ALL,
    ),
    "merged into another stage than then": (GONE % "talks", SPLIT, GONE % "lead"),
}  # fmt: skip
"""Layers published after each other, the first of which is gone back to at once."""


@pytest.mark.usefixtures("either_size")
@pytest.mark.parametrize("way", LAYERS)
def test_going_back_over_many_moves_finds_everybody_where_they_were(
    shop: Any, people: dict[str, Any], way: str
) -> None:
    shop.publish(SPLIT)
    first, *others = LAYERS[way]
    if first != SPLIT:
        shop.publish(first)
    late = create(shop, name="Fay", phase="talks", note="n", budget="9500")
    then = values(shop, "phase")
    for layer in others:
        shop.publish(layer)
    assert values(shop, "phase") != then
    edit(shop, late, note="Only the note")

    shop.publish(first)

    assert values(shop, "phase") == then
