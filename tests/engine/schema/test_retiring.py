"""Options and stages that go: records keep them, nobody is given them any more."""

from __future__ import annotations

from typing import Any

import pytest

from engine.access.policy import Policy
from engine.errors import RecordRefused
from engine.records.writer import Records
from engine.views.saved import Wanted, add_view
from metamodel.problems import DefinitionInvalid

LIFE = """
entities:
  customer:
    fields: {level: {default: b}}
    pipelines:
      life:
        label: Life
        field: phase
        stages: {lead: {label: Lead}, talks: {label: Talks}, client: {label: Client, ends: won}}
"""
WITHOUT_LEADS = LIFE.replace("lead: {label: Lead}", "lead: {label: Lead, $retire: true}")


def create(shop: Any, **values: object) -> dict[str, object]:
    """Create a customer as people do; return what was written, by field key."""
    writer = Records(shop.database, Policy(shop.database))
    change = writer.create(shop.ctx(), "customer", [values])
    return dict(change.records[0].after)


def test_a_stage_that_is_retired_is_counted_and_not_begun_in_any_more(shop: Any) -> None:
    shop.publish(LIFE)
    first = create(shop, name="Ada")

    proposal = shop.publisher.propose(shop.tenant, shop.layered(WITHOUT_LEADS))
    shop.publish(WITHOUT_LEADS)
    second = create(shop, name="Bo")

    effects = {(each.code, each.verdict, each.rows) for each in proposal.plan.effects}
    assert effects == {("stage_retired", "notice", 1)}
    assert (first["phase"], second["phase"]) == ("lead", "talks")
    with pytest.raises(RecordRefused):
        create(shop, name="Cy", phase="lead")


def test_an_option_that_is_retired_is_counted_and_one_that_vanishes_loses(shop: Any) -> None:
    shop.publish("entities: {customer: {fields: {level: {options: {c: {label: C}}}}}}")
    create(shop, name="Ada", level="a")
    create(shop, name="Bo", level="c")
    retired = "entities: {customer: {fields: {level: {options: {a: {$retire: true}}}}}}"

    effects = shop.publisher.propose(shop.tenant, shop.layered(retired)).plan.effects

    assert {(each.params["option"], each.verdict) for each in effects} == {
        ("a", "notice"), ("c", "loses"),
    }  # fmt: skip


def test_an_option_that_is_a_default_is_not_retired_alone(shop: Any) -> None:
    shop.publish(LIFE)
    retired = LIFE.replace("default: b", "default: b, options: {b: {$retire: true}}")

    with pytest.raises(DefinitionInvalid) as invalid:
        shop.publish(retired)

    assert [each.code for each in invalid.value.problems] == ["wrong_value"]


def test_a_plan_counts_the_views_that_people_keep_with_a_field_that_goes(shop: Any) -> None:
    """P-04: what uses what changes, views of one's own among it."""
    shop.publish("entities: {customer: {fields: {town: {type: text}}}}")
    ctx = shop.ctx()
    for title, uses, sharing in (
        ("By town", ("customer.town",), "everyone"),
        ("My own", ("customer.town", "customer.name"), "mine"),
        ("Others", ("customer.name",), "everyone"),
    ):
        wanted = Wanted(title, entity="customer", sharing=sharing, uses=uses)
        shop.database.unit(ctx, lambda connection, kept=wanted: add_view(connection, ctx, kept))

    gone = "entities: {customer: {fields: {town: {type: text, $retire: true}}}}"
    plan = shop.publisher.propose(shop.tenant, shop.layered(gone)).plan

    [told] = [each for each in plan.effects if each.code == "views_lose"]
    assert (told.rows, told.samples, told.params["fields"]) == (2, ("By town",), ("town",))
