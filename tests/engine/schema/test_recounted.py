"""A plan says how many computed values change, and by how much, as they then do (P-04)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.schema import answers
from engine.schema.steps import Effect
from tests.engine.schema.test_large import AFTER, ROWS, large
from tests.engine.schema.test_publish import add_customer, texts

__all__ = ["large"]

LAYER = """
entities:
  customer:
    fields:
      twice: {type: money, formula: "budget * %s"}
      four: {type: money, formula: "twice * 2"}
      rich: {type: boolean, formula: "twice > 30"}
"""


def test_changed_computed_values_are_counted_summed_and_shown(shop: Any) -> None:
    shop.publish(LAYER % 2)
    for name, budget in {"Ada": 0, "Bo": 10, "Cy": 20}.items():
        stored = {"twice": 2 * budget, "four": 4 * budget, "rich": 2 * budget > 30}
        add_customer(shop, name=name, budget=budget, **stored)

    found = effects(shop, LAYER % 4)

    assert told(found["twice"]) == (2, 3, "60", "120", "0", "40")
    assert told(found["four"]) == (2, 3, "120", "240", "0", "80")
    assert {each.text for each in found["four"].records} == {
        "Bo: 40.00 → 80.00", "Cy: 80.00 → 160.00",
    }  # fmt: skip
    assert (found["rich"].code, found["rich"].rows) == ("values_differ", 1)

    before = texts(shop, "four")
    shop.publish(LAYER % 4)
    changed = {name for name, value in texts(shop, "four").items() if value != before[name]}
    assert changed == {"Bo", "Cy"}


def test_what_a_publish_changes_is_what_its_plan_counted(large: Any) -> None:
    found = effects(large, AFTER)

    # A total over lines whose own formula changes, and a look-up of a changed formula.
    assert told(found["tall"])[:2] == (100, 100)
    assert found["tall"].params["after"] == str(int(str(found["tall"].params["before"])) + 400)
    assert found["owes"].rows == 99
    assert found["twice"].rows == 12_000 - 120


def test_a_formula_that_says_the_same_changes_nothing(shop: Any) -> None:
    shop.publish(LAYER % 2)
    add_customer(shop, name="Ada", budget=1, twice=2, four=4)

    assert effects(shop, LAYER.replace("twice * 2", "twice + twice") % 2) == {}


def test_what_cannot_be_counted_in_time_is_estimated_and_says_so(
    large: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "WHOLE", 0)
    monkeypatch.setattr(answers, "LEAST", 0.001)
    layer = AFTER.replace("note: {type: decimal}", "note: {$retire: true}")

    plan = large.publisher.propose(large.tenant, large.layered(layer)).plan

    found = {str(each.params.get("field", each.code)): each for each in plan.effects}
    assert (found["note"].rows, found["note"].sampled) == (ROWS, True)
    assert found["looked_at_part"].touches == "customer"


def effects(shop: Any, layer: str) -> dict[str, Effect]:
    plan = shop.publisher.propose(shop.tenant, shop.layered(layer)).plan
    found = [each for each in plan.effects if each.code in ("values_change", "values_differ")]
    return {str(each.params["field"]): each for each in found}


def told(effect: Effect) -> tuple[object, ...]:
    named = ("of", "before", "after", "least", "most")
    return (effect.rows, *(effect.params[name] for name in named))
