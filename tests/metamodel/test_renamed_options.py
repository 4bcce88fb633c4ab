"""Renamed options and stages: people write the present name, what is kept is the key."""

from __future__ import annotations

import pytest

from formula.errors import FormulaError
from formula.typed import Constant, Operation
from metamodel import Layer, Model, load, parse_formula, read_text

RENAMED = """
choices: {kinds: {options: {engine: {renamed_from: machine}}}}
entities:
  quote:
    pipelines: {sales: {stages: {offered: {renamed_from: sent}}}}
"""
OLD = """
entities:
  customer:
    fields:
      rank: {type: choice, choices: kinds, options_when: {machine: "owing > 0"}}
      sort: {type: choice, choices: kinds, default_formula: 'machine_or_part'}
      first: {type: choice, choices: kinds, default: machine}
roles: {sales: {label: Sales, moves: {quote: [sent]}}}
starter_records: {customer: {acme: {set: {name: Acme, kind: machine}}}}
scenarios:
  s:
    today: 2026-03-02
    steps:
      a: {create: customer, set: {name: A, kind: machine}}
      q: {create: quote, set: {customer: a}}
      m: {move: q, to: sent, expect: {q: {stage: sent}}}
""".replace("'machine_or_part'", '\'"machine" if owing > 0 else "part"\'')


@pytest.fixture(scope="module")
def renamed(shop_layer: Layer) -> Model:
    return load([shop_layer, read_text(OLD, "old.yaml"), read_text(RENAMED, "tenant.yaml")])


def _compared(model: Model, text: str) -> object:
    """Return what a formula compares the kind of a customer with."""
    node = parse_formula(model, "customer", text).node
    assert isinstance(node, Operation)
    literal = node.operands[1]
    assert isinstance(literal, Constant)
    return literal.value


@pytest.mark.parametrize("name", ["engine", "machine"])
def test_a_formula_compares_by_the_present_name_and_still_by_a_former_one(
    renamed: Model, name: str
) -> None:
    assert _compared(renamed, f'kind == "{name}"') == "machine"


def test_a_list_and_every_branch_are_put_into_keys_too(renamed: Model) -> None:
    listed = parse_formula(renamed, "customer", 'kind in ["engine", "part"]').node
    branch = renamed.entities["customer"].fields["sort"].default_formula

    assert "Constant(value='machine'" in repr(listed)
    assert "Constant(value='engine'" not in repr(listed)
    assert branch is not None
    assert "Constant(value='machine'" in repr(branch.node)


def test_the_hint_for_an_unknown_option_offers_present_names(renamed: Model) -> None:
    with pytest.raises(FormulaError, match="not one of the options") as raised:
        parse_formula(renamed, "customer", 'kind == "engin"')

    assert "engine" in raised.value.problems[0].hint
    # What is named in code signs is named in every language that problems are told in.
    assert raised.value.problems[0].message.startswith("`engin`")


def test_a_present_name_goes_before_the_key_of_another(shop_layer: Layer) -> None:
    own = """
    entities:
      customer:
        fields:
          way: {type: choice, options: {b: {key: a}, a: {key: b}}}
    """
    model = load([shop_layer, read_text(own, "tenant.yaml")])

    def compared(text: str) -> object:
        node = parse_formula(model, "customer", text).node
        assert isinstance(node, Operation)
        return getattr(node.operands[1], "value", None)

    assert compared('way == "b"') == "a"
    assert compared('way == "a"') == "b"


def test_yaml_that_was_written_before_still_means_the_same(renamed: Model) -> None:
    customer = renamed.entities["customer"]

    assert customer.fields["kind"].default == "machine"
    assert list(customer.fields["rank"].options_when) == ["machine"]
    assert customer.fields["first"].default == "machine"
    assert renamed.roles["sales"].moves["quote"] == ("sent",)


def test_records_written_as_data_are_sent_by_present_names(renamed: Model) -> None:
    (starter,) = renamed.starter_records
    create, _, move = renamed.scenarios["s"].steps

    assert starter.values["kind"] == "engine"
    assert create.values["kind"] == "engine"
    assert move.to == "offered"
    assert move.then.values["q"]["stage"] == "offered"
