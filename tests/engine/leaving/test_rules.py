"""Rules decide as they read: the first that fits a record, whatever they are (A-13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boot.wiring import House
from engine.errors import RecordRefused
from engine.leaving.order import Order, Rule, Whom, rule_of, rule_to_json
from tests.budget import examples
from tests.conftest import TenantMaker
from tests.engine.leaving.test_handovers import OFFICE, Office

FILTERS: Mapping[str, Callable[[str, str], bool]] = {
    "": lambda name, stage: True,
    'stage == "closed"': lambda name, stage: stage == "closed",
    'name == "A"': lambda name, stage: name == "A",
    'name == "A" and stage == "open"': lambda name, stage: (name, stage) == ("A", "open"),
    'owner.name == "Lin"': lambda name, stage: True,
}
"""Conditions, and what they mean."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A rule as it was drawn: takers by number, or staying."""

    filter: str
    takers: tuple[int, ...]


RULES = st.lists(
    st.builds(
        Drawn,
        st.sampled_from(sorted(FILTERS)),
        st.just(()) | st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True).map(tuple),
    ),
    max_size=3,
)
RECORDS = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from(["open", "closed"])), min_size=1, max_size=8
)


@pytest.fixture(scope="module")
def office(furnished: House, tenant_of: TenantMaker) -> Office:
    return Office(furnished, tenant_of(OFFICE))


@pytest.fixture(scope="module")
def heirs(office: Office) -> Sequence[UUID]:
    return [office.person(name) for name in ("Yi", "Er", "San")]


def expected(rules: Sequence[Drawn], record: tuple[str, str]) -> tuple[int, ...]:
    """Return who may have a record afterwards, said by the first rule that fits."""
    fitting = (rule for rule in rules if FILTERS[rule.filter](*record))
    return next((rule.takers for rule in fitting), (0,))


@settings(max_examples=examples(12), suppress_health_check=list(HealthCheck))
@given(rules=RULES, records=RECORDS)
def test_each_record_goes_where_the_first_rule_that_fits_says(
    office: Office, heirs: Sequence[UUID], rules: list[Drawn], records: list[tuple[str, str]]
) -> None:
    leaver = office.person("Lin")
    made = [
        office.make("customer", name=name, stage=stage, owner=str(leaver))
        for name, stage in records
    ]
    written = [_rule(each, heirs) for each in rules]

    done = office.hand_over(leaver, *written, Rule(Whom("people", (heirs[0],))))

    assert done.state == "done"
    for id_, record in zip(made, records, strict=True):
        allowed = {heirs[at] for at in expected(rules, record)} or {leaver}
        assert office.holder("customer", id_, "owner") in allowed


def _rule(drawn: Drawn, heirs: Sequence[UUID]) -> Rule:
    people = tuple(heirs[at] for at in drawn.takers)
    whom = Whom("people", people) if people else Whom("stays")
    return Rule(whom, "customer", "", drawn.filter)


@given(
    st.builds(
        Rule,
        st.builds(Whom, st.just("people"), st.lists(st.uuids(), min_size=1).map(tuple))
        | st.builds(Whom, st.just("team"), st.tuples(st.uuids()))
        | st.sampled_from([Whom("manager"), Whom("stays")]),
        st.text(min_size=1),
        st.text(),
        st.text(),
    )
)
def test_a_rule_comes_back_from_json_as_it_went(rule: Rule) -> None:
    assert rule_of(rule_to_json(rule), ()) == rule


def test_nobody_leaves_a_tenant_that_nobody_else_could_administer(
    furnished: House, tenant_of: TenantMaker
) -> None:
    office = Office(furnished, tenant_of(OFFICE))
    last = office.person("Lin", "administrator")
    heir = office.person("Wang")

    with pytest.raises(RecordRefused) as refused:
        furnished.services.handovers.start(
            office.ctx, Order(last, (Rule(Whom("people", (heir,))),)), job=None
        )

    assert [each.code for each in refused.value.errors] == ["nobody_administers"]
    assert furnished.services.handovers.of(office.ctx, last) == ()
