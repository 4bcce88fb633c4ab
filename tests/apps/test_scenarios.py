"""The template's own business tests, each played on a clean copy of the template.

F-02, F-03, F-13: one balance, the same on order, customer and receivable; Q-05: totals of a
quote to the cent; R-10, F-17: returns and refunds; F-04: write-offs; O-*: what stages ask for.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from engine.context import Context, Moment
from engine.errors import QueryInvalid
from engine.query.spec import AggregateQuery, ListQuery
from engine.scenarios import Stage, rehearse, report
from engine.scenarios.player import moment_of
from metamodel import Layer, bundle
from tests import crm
from tests.scenes import Stages

NAMES = tuple(crm.model().scenarios)
EVERY_DAY = ("sales", "service")
"""Roles whose lists are opened on every run: one that sells, one that serves."""

ROLES = [
    role if role in EVERY_DAY else pytest.param(role, marks=pytest.mark.thorough)
    for role in crm.model().roles
    if role != "administrator"
]


@pytest.fixture(scope="module")
def stage(stages: Stages, template: Layer) -> Iterator[Stage]:
    with stages(bundle([template])) as stage:
        yield stage


@pytest.fixture(scope="module")
def lived(stage: Stage) -> Moment:
    """A moment after a scenario has left its records."""
    (result,) = rehearse(stage, only=lambda scenario: scenario.name == "payment_over_orders")
    return moment_of(stage.model.scenarios[result.name].today, "Asia/Shanghai", minutes=99)


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


def test_every_widget_of_every_dashboard_has_an_answer(stage: Stage, lived: Moment) -> None:
    """B-*, F-12, O-22: what a dashboard asks can be asked of the tenant."""
    ctx = stage.context(("administrator",), lived)
    asked = 0
    for dashboard in stage.model.dashboards.values():
        for widget in dashboard.widgets.values():
            if widget.type == "text":
                continue
            query = AggregateQuery(
                widget.entity,
                filter=widget.filter,
                group_by=widget.group_by,
                measures=widget.measures,
            )
            rows = stage.reader.aggregate(ctx, query).rows
            assert all({*widget.group_by, *widget.measures} <= row.keys() for row in rows)
            asked += 1

    assert asked > 60


@pytest.mark.parametrize("role", ROLES)
def test_every_list_opens_for_every_role_that_may_read_it(
    stage: Stage, lived: Moment, role: str
) -> None:
    """C-12, S-10, A-*: no view of the template asks for what a reader of its entity cannot have."""
    ctx = stage.context((role,), lived)
    grants = stage.model.roles[role].grants
    read = {grant.entity for grant in grants if grant.action == "read"}
    shut = []
    for entity in stage.model.entities.values():
        if entity.key not in read or entity.builtin:
            continue
        for view in entity.views.values():
            if view.roles and role not in view.roles:
                continue
            try:
                stage.reader.find(ctx, ListQuery(entity.key, filter=view.filter, limit=5))
            except QueryInvalid:
                shut.append(f"{entity.name}.{view.name}")

    assert shut == []


def _total(stage: Stage, ctx: Context, entity: str) -> Decimal:
    rows = stage.reader.find(ctx, ListQuery(entity)).rows
    return sum((row.values["outstanding"] for row in rows), Decimal(0))
