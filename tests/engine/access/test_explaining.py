"""Why somebody can or cannot do something is told by the very rules that decide."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.access.explain import Explainer
from engine.access.grants import ACTIONS
from engine.access.phrases import FIELDS, VERDICTS
from engine.access.sentences import field_sentence, listed_sentence, verdict_sentence
from engine.context import Context
from engine.errors import Forbidden, NotFound
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery
from tests.budget import examples
from tests.engine.access.test_channels import ROLES, allowed, person
from tests.engine.house import House


@pytest.fixture(scope="module")
def explainer(house: House) -> Explainer:
    return Explainer(house.database, house.policy)


def with_roles(house: House, number: int, names: list[str]) -> Context:
    return person(house, number, names)


@settings(max_examples=examples(25), deadline=None)
@given(
    number=st.integers(0, 5),
    names=st.lists(st.sampled_from(ROLES), max_size=3, unique=True),
    data=st.data(),
)
def test_what_is_explained_is_what_is_decided(
    house: House, explainer: Explainer, number: int, names: list[str], data: st.DataObject
) -> None:
    ctx = with_roles(house, number, names)
    key = data.draw(st.sampled_from(sorted(house.rows["customer"])))
    row = house.rows["customer"][key]
    if not allowed(house, ctx, "customer", row):
        with pytest.raises(NotFound):
            explainer.record(ctx, "customer", key)
        return

    found = explainer.record(ctx, "customer", key)

    trashed = row["sys_trashed_at"] is not None
    assert found.actions["read"].allowed
    for action in ACTIONS:
        decision = house.policy.decide(ctx, action, entity="customer", record=key)
        assert (found.actions[action].allowed, found.actions[action].reason) == (
            decision.allowed,
            decision.reason,
        )
    within = explainer.record(ctx, "customer", key, within=ListQuery("customer")).listed
    assert within == ("trash" if trashed else "shown")


def test_a_filter_that_leaves_a_record_out_is_named(house: House, explainer: Explainer) -> None:
    ctx = house.ctx("everything")
    live = [k for k, r in house.rows["customer"].items() if not r["sys_trashed_at"] and r["vip"]]
    query = ListQuery("customer", filter=parse_filter(ctx, "customer", "not vip"))

    found = explainer.record(ctx, "customer", live[0], within=query)

    assert found.listed == "filter"
    assert "筛选" in listed_sentence(found, "zh")


def test_only_who_may_ask_learns_of_somebody_else(house: House, explainer: Explainer) -> None:
    key, other = next(iter(house.rows["customer"])), next(iter(house.rows["user"]))

    with pytest.raises(Forbidden):
        explainer.record(house.ctx("everything"), "customer", key, user=other)
    with pytest.raises(NotFound):
        explainer.record(house.ctx("administrator"), "customer", key, user=uuid4())


def test_an_administrator_sees_why_a_colleague_sees_nothing(
    house: House, explainer: Explainer
) -> None:
    ctx = house.ctx("administrator")
    key, other = next(iter(house.rows["customer"])), next(iter(house.rows["user"]))

    found = explainer.record(ctx, "customer", key, user=other, within=ListQuery("customer"))

    assert found.person.id == other
    assert found.active
    assert {each.reason for each in found.actions.values()} == {"no_grant"}
    assert {each.code for each in found.fields.values()} == {"no_entity"}
    assert found.listed in ("rights", "trash")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_is_said_in_a_sentence(
    house: House, explainer: Explainer, language: str
) -> None:
    model = house.ctx("administrator").model
    for role in (*ROLES, "administrator", "quotes_only"):
        ctx = house.ctx(role)
        try:
            found = explainer.entity(ctx, "customer")
        except NotFound:
            continue
        told = [verdict_sentence(model, found, each, language) for each in found.actions.values()]
        told += [field_sentence(model, found, each, language) for each in found.fields.values()]
        assert all(told)
        assert not any("{" in each or "None" in each for each in told)
    assert all(all(phrase) for phrase in (*VERDICTS.values(), *FIELDS.values()))


def test_a_rule_over_a_hidden_field_says_nothing_of_it(house: House, explainer: Explainer) -> None:
    ctx = house.ctx("blind_keys", "everything")
    key = next(k for k, r in house.rows["customer"].items() if r["level"] == "key")

    blind, both = (explainer.record(one, "customer", key) for one in (house.ctx("blind_keys"), ctx))

    [told] = [each for each in blind.actions["update"].rules if each.rule.kind == "grant"]
    assert (told.holds, told.rule.text) == (None, "")
    assert "level" not in blind.fields
    assert any(each.holds for each in both.actions["update"].rules)
