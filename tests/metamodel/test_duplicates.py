"""Rules of duplicates that compare with another entity's records."""

from __future__ import annotations

import pytest

from metamodel import DefinitionInvalid, load, read_text

APP = """
format: 1
app: {name: shop, label: Shop, languages: [en]}
entities:
  customer:
    label: Customer
    fields: {name: {type: text}, size: {type: integer}, phone: {type: phone}}
  lead:
    label: Lead
    fields: {company: {type: text}, phone: {type: phone}}
    duplicates:
      known: {against: %s, match: {company: normalized, phone: exact}, fields: {company: %s}}
"""


def test_a_field_without_a_counterpart_is_compared_with_its_namesake() -> None:
    model = load([read_text(APP % ("customer", "name"), "app.yaml")])

    rule = model.entities["lead"].duplicates["known"]
    assert rule.against == "customer"
    assert rule.theirs == {"company": "name", "phone": "phone"}
    assert rule.action == "warn"


@pytest.mark.parametrize(
    ("against", "field", "code"),
    [
        ("custmer", "name", "unknown_entity"),
        ("customer", "nane", "unknown_field"),
        ("customer", "size", "wrong_value"),
    ],
)
def test_what_cannot_be_compared_is_told(against: str, field: str, code: str) -> None:
    with pytest.raises(DefinitionInvalid) as raised:
        load([read_text(APP % (against, field), "app.yaml")])

    (problem,) = raised.value.problems
    assert problem.code == code
    assert problem.hint
