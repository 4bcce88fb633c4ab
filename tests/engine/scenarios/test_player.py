"""Playing scenarios: what holds passes, what does not is told at the step where it shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from engine.errors import FieldError, Forbidden, RecordRefused
from engine.query.spec import LinkValue
from engine.scenarios import Failure, ScenarioResult, rehearse, report
from engine.scenarios.expectations import agrees
from engine.scenarios.player import moment_of, reasons
from engine.scenarios.values import Made
from engine.tenants.registry import TenantRegistry
from metamodel.label import Label
from metamodel.stories import Scenario
from tests.scenes import Stages

APP = (Path(__file__).parent / "baskets.yaml").read_text(encoding="utf-8")

FAILURES = {
    "right": (),
    "wrong_value": (Failure("mine", "differs", "mine.total", "1", "0.00"),),
    "wrong_lines": (Failure("mine", "differs", "mine.lines", "1 lines", "0 lines"),),
    "not_refused": (Failure("mine", "not_refused", "mine", "name"),),
    "whole": (),
    "wrong_approval": (Failure("mine", "differs", "lin.look", "approved", "running"),),
    "wrong_told": (Failure("mine", "differs", "anna", "nothing", "greet"),),
    "not_warned": (Failure("mine", "not_warned", "mine", "possible_duplicate"),),
    "wrong_seen": (Failure("mine", "unseen", "lin"),),
    "wrong_hidden": (Failure("mine", "shows", "lin.name", "hidden", "visible"),),
    "wrong_found": (Failure("mine", "differs", "person", "nothing", "lin"),),
    "wrong_measure": (Failure("mine", "differs", "mine.n", "1", "0"),),
    "wrong_count": (Failure("mine", "differs", "mine.done", "1", "0"),),
}


@pytest.fixture(scope="module")
def results(stages: Stages) -> Iterator[dict[str, ScenarioResult]]:
    with stages(APP) as stage:
        yield {result.name: result for result in rehearse(stage)}


@pytest.mark.parametrize("name", FAILURES)
def test_a_scenario_tells_exactly_what_did_not_come_out(
    results: dict[str, ScenarioResult], name: str
) -> None:
    assert results[name].failures == FAILURES[name]


@pytest.mark.parametrize("name", ["refused", "otherwise_refused"])
def test_a_refusal_that_was_not_written_down_is_told_with_its_reason(
    results: dict[str, ScenarioResult], name: str
) -> None:
    (failure,) = results[name].failures

    assert (failure.kind, failure.step) == ("refused", "mine")
    assert "name" in failure.found.split(", ")


def test_one_scenario_leaves_nothing_to_the_next(stages: Stages) -> None:
    with stages(APP) as stage:
        twice = [*rehearse(stage, only=_right), *rehearse(stage, only=_right)]

    assert [result.passed for result in twice] == [True, True]


def test_the_throw_away_tenant_is_gone_afterwards(stages: Stages, registry: TenantRegistry) -> None:
    before = {record.tenant.name for record in registry.all()}

    with stages(APP):
        during = {record.tenant.name for record in registry.all()}

    assert len(during - before) == 1
    assert {record.tenant.name for record in registry.all()} == before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_report_says_every_failure_and_the_sum(
    results: dict[str, ScenarioResult], language: str
) -> None:
    text = report(list(results.values()), language)

    assert "mine.total" in text
    # One line each, one more for each failure, and the sum; two pass.
    assert len(text.splitlines()) == len(results) * 2 - 1
    assert "{" not in text


def test_acts_follow_each_other_in_the_morning_of_the_scenarios_day() -> None:
    first = moment_of(date(2026, 3, 2), "Asia/Shanghai", minutes=0)
    later = moment_of(date(2026, 3, 2), "Asia/Shanghai", minutes=5)

    assert first.now == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert (later.now - first.now).total_seconds() == 300
    assert later.today == date(2026, 3, 2)


ID = uuid4()
AGREEING = [
    (Decimal("2.50"), Decimal("2.5"), True),
    (Decimal("0.05"), "5%", True),
    (Decimal("2.50"), "2.51", False),
    (Decimal(0), None, False),
    (None, None, True),
    (None, 0, False),
    (True, True, True),
    (True, 1, False),
    (date(2026, 3, 2), "2026-03-02", True),
    (datetime(2026, 3, 2, 1, 30, tzinfo=UTC), "2026-03-02T01:30", True),
    (datetime(2026, 3, 2, 1, 30, tzinfo=UTC), "2026-03-02T09:30:00+08:00", True),
    (datetime(2026, 3, 2, 1, 30, tzinfo=UTC), "2026-03-02T09:30", False),
    (datetime(2026, 3, 2, 1, 30, tzinfo=UTC), "2026-03-02", False),
    (LinkValue("basket", ID, "Mine"), "mine", True),
    (LinkValue("basket", uuid4(), "Other"), "mine", False),
    (("a", "b"), ["b", "a"], True),
    ("open", "open", True),
    ("open", "paid", False),
]


@pytest.mark.parametrize(("found", "wanted", "equal"), AGREEING)
def test_a_value_agrees_with_the_way_yaml_writes_it(
    found: object, wanted: object, equal: bool
) -> None:
    assert agrees(found, wanted, {"mine": Made("basket", ID)}) is equal


def test_a_refusal_may_be_named_by_code_field_or_rule() -> None:
    error = FieldError("rule", ("lines", 0, "quantity"), {"rule": "too_many"})

    assert {"record_refused", "rule", "lines", "quantity", "too_many"} <= reasons(
        RecordRefused([error])
    )
    assert reasons(Forbidden(entity="basket")) == {"forbidden"}


def test_a_label_in_one_language_serves_the_report_in_another() -> None:
    result = ScenarioResult("right", Label({"": "Right"}), (), 1)

    assert "Right" in report([result], "zh")


def _right(scenario: Scenario) -> bool:
    return scenario.name == "right"
