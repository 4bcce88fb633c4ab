"""Options and stages that take records of others: conditions are checked, and follow renames.

Requirement P-04.
"""

from __future__ import annotations

import pytest

from metamodel import DefinitionInvalid, load, read_text, uses_of
from metamodel.model import Model
from metamodel.respelling import by_keys

BASE = """
format: 1
app: {name: shop, label: Shop, version: "1"}
choices: {sizes: {options: {small: {label: S}, large: {label: L SHARED}}}}
entities:
  deal:
    label: Deal
    title: name
    fields:
      name: {type: text}
      AMOUNT
      kind: {type: choice, options: {a: {label: A}, b: {label: B OPTION}}}
      size: {type: choice, choices: sizes}
    pipelines:
      sales: {label: Sales, field: stage, stages: {lead: {label: Lead}, big: {label: Big STAGE}}}
      other: {label: Other, field: stage, when: 'kind == "a"', stages: {begun: {label: B} OTHER}}
"""
AMOUNT = "amount: {type: money}"


def model(option: str = "", stage: str = "", **said: str) -> Model:
    """Return the model of deals whose options and stages say this of themselves."""
    text = BASE.replace("AMOUNT", said.get("amount", AMOUNT)).replace("OPTION", option)
    text = text.replace("STAGE", stage).replace("SHARED", said.get("shared", ""))
    text = text.replace("OTHER", said.get("other", ""))
    return load([read_text(text, "shop.yaml")])


def test_a_condition_names_fields_and_what_gives_records_and_both_are_found_to_be_used() -> None:
    made = model(', takes: {a: "amount > 5"}', ", takes: {lead: 'kind == \"b\"'}")
    fields = made.entities["deal"].fields
    sales = made.entities["deal"].pipelines["sales"].stages

    assert fields["kind"].options["b"].takes.keys() == {"a"}
    assert fields["stage"].options["big"].takes == sales["big"].takes
    base = ("entities", "deal")
    option, stage = (*base, "fields", "kind", "options", "b"), (*base, "pipelines", "sales")
    assert uses_of(made, (*base, "fields", "amount")) == (option,)
    assert option in uses_of(made, (*base, "fields", "kind", "options", "a"))
    assert (*stage, "stages", "big") in uses_of(made, option)
    assert uses_of(made, (*stage, "stages", "lead")) == ((*stage, "stages", "big"),)


def test_a_condition_by_its_keys_is_the_same_whatever_is_renamed() -> None:
    renamed = "worth: {type: money, renamed_from: amount}"
    was = model(stage=', takes: {lead: "amount > 5"}')
    now = model(stage=', takes: {lead: "worth > 5"}', amount=renamed)

    conditions = [each.entities["deal"].fields["stage"].options["big"] for each in (was, now)]
    first, second = (each.takes["lead"] for each in conditions)
    assert first is not None
    assert second is not None
    assert by_keys(was, "deal", first) == by_keys(now, "deal", second) == "amount > 5"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"stage": ', takes: {nowhere: "amount > 5"}'}, "takes_unknown"),
        ({"stage": ', takes: {big: "amount > 5"}'}, "takes_itself"),
        ({"stage": ', takes: {lead: "previous.amount > 5"}'}, "takes_previous"),
        ({"stage": ', takes: {lead: "amount"}'}, "formula_wrong_result"),
        ({"stage": ', takes: {lead: "user.name == name"}'}, "formula_personal"),
        ({"stage": ', takes: {lead: "nothing > 5"}'}, "formula_unknown_name"),
        ({"shared": ", takes: {small: true}"}, "takes_shared"),
        (
            {
                "stage": ', takes: {lead: "amount > 5"}',
                "other": ", lead: {label: L}, big: {label: Big, takes: {lead: true}}",
            },
            "takes_shared",
        ),
        (
            {
                "option": ', takes: {a: "amount > 5", c: true}}, c: {label: C, takes: {b: true}',
            },
            "takes_cycle",
        ),
        (
            {
                "stage": ', takes: {lead: "amount > 5"}',
                "other": ", lead: {label: L, takes: {big: true}}, big: {label: Big}",
            },
            "takes_cycle",
        ),
    ],
)
def test_a_split_that_cannot_be_is_told_of(said: dict[str, str], code: str) -> None:
    with pytest.raises(DefinitionInvalid) as invalid:
        model(**said)

    assert [each.code for each in invalid.value.problems] == [code]


def test_a_circle_that_was_carried_out_in_part_is_none() -> None:
    made = model(", takes: {c: false}}, c: {label: C, takes: {b: true}")

    assert made.entities["deal"].fields["kind"].options["b"].takes == {"c": None}


@pytest.mark.parametrize(
    "said",
    [
        {"stage": ', $retire: true, takes: {lead: "nothing > 5"}'},
        {
            "stage": ', takes: {lead: "amount > 5"}',
            "amount": "amount: {type: money, $retire: true}",
        },
        {"stage": ", takes: {lead: false}"},
    ],
)
def test_a_condition_that_is_past_is_not_asked_any_more(said: dict[str, str]) -> None:
    assert model(**said).entities["deal"].fields["stage"].options["big"].takes == {"lead": None}
