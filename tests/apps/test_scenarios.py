"""The template's own business tests, each played on a clean copy of the template.

F-02, F-03, F-13: one balance, the same on order, customer and receivable; Q-05: totals of a
quote to the cent; R-10, F-17: returns and refunds; F-04: write-offs; O-*: what stages ask for.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from engine.context import Context
from engine.query.spec import AggregateQuery, ListQuery
from engine.scenarios import Stage, rehearse, report
from engine.scenarios.player import moment_of
from metamodel import Layer, bundle, load
from tests.apps.conftest import TEMPLATE
from tests.scenes import Stages

NAMES = tuple(load([TEMPLATE]).scenarios)


@pytest.fixture(scope="module")
def stage(stages: Stages, template: Layer) -> Iterator[Stage]:
    with stages(bundle([template])) as stage:
        yield stage


@pytest.mark.parametrize("name", NAMES)
def test_the_template_keeps_what_its_scenario_promises(stage: Stage, name: str) -> None:
    results = tuple(rehearse(stage, only=lambda scenario: scenario.name == name))

    assert [result.passed for result in results] == [True], report(results)


def test_order_customer_and_dashboard_show_one_figure(stage: Stage) -> None:
    """F-03: after returns, payments and write-offs every place says the same."""
    (result,) = rehearse(stage, only=lambda scenario: scenario.name == "payment_over_orders")
    assert result.passed, report([result])
    scenario = stage.model.scenarios[result.name]
    ctx = stage.context(("administrator",), moment_of(scenario.today, "Asia/Shanghai", minutes=99))

    widget = stage.model.dashboards["sales"].widgets["outstanding"]
    query = AggregateQuery(
        widget.entity, filter=widget.filter, group_by=widget.group_by, measures=widget.measures
    )
    shown = stage.reader.aggregate(ctx, query).rows[0]["total"]

    assert shown == 1700
    assert shown == _total(stage, ctx, "sales_order")
    assert shown == _total(stage, ctx, "customer")


def _total(stage: Stage, ctx: Context, entity: str) -> Decimal:
    rows = stage.reader.find(ctx, ListQuery(entity)).rows
    return sum((row.values["outstanding"] for row in rows), Decimal(0))
