"""Differences in words: of what an app does by itself, the steps that come, change and go."""

from __future__ import annotations

import pytest

from metamodel import diff, load, read_text
from metamodel.wording import told

APP = """
format: 1
app: {name: shop, label: Shop, version: "1", languages: [en], currency: CNY}
entities: {deal: {label: Deal, owned: true, title: name, fields: {name: {type: text}}}}
automations:
  greet:
    label: Greet
    trigger: {on: created, entity: deal}
    steps: {one: {set: {name: '"a"'}}, two: {set: {name: '"b"'}}}
approvals: {check: {label: Check, entity: deal, steps: {boss: {manager: 1}, top: {manager: 2}}}}
pools: {open: {label: Open, entity: deal, hold_limit: 5}}
service_levels: {soon: {label: Soon, entity: deal, targets: {first: {within: 2h}}}}
"""

OTHER = """
automations:
  greet: {steps: {one: {set: {name: '"c"'}}, two: {$retire: true}}}
  thank: {label: Thank, trigger: {on: created, entity: deal}, steps: {one: {set: {name: '"a"'}}}}
approvals: {check: {steps: {top: {manager: 3}, law: {manager: 1}}}}
pools: {open: {$retire: true}}
service_levels: {soon: {targets: {first: {within: 3h}}}}
"""


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", {
            "automation `greet`: `steps`: changed `one`, without `two`",
            "automation `thank` is new",
            "approval `check`: `steps`: new `law`, changed `top`",
            "pool `open` is retired",
            "service level `soon`: `targets`: changed `first`",
        }),
        ("zh", {
            "自动化`greet`：`steps`：更改 `one`, 去掉 `two`",
            "新增自动化`thank`",
            "审批`check`：`steps`：新增 `law`, 更改 `top`",
            "停用公海`open`",
            "服务承诺`soon`：`targets`：更改 `first`",
        }),
    ],
)  # fmt: skip
def test_what_acts_by_itself_is_told_with_the_steps_that_come_change_and_go(
    language: str, sentences: set[str]
) -> None:
    """Requirement P-04."""
    app = read_text(APP, "app.yaml")
    old, new = load([app]), load([app, read_text(OTHER, "other.yaml")])

    found = diff(old, new).differences
    assert {told(each, language) for each in found if each.path[0] != "menu"} == sentences


def test_another_order_is_told() -> None:
    app = read_text(APP, "app.yaml")
    other = read_text("approvals: {check: {steps: {top: {$first: true}}}}", "other.yaml")

    (said,) = (told(each, "en") for each in diff(load([app]), load([app, other])).differences)

    assert said == "approval `check`: `steps`: another order"
