"""What lists can show: fields of several values too, and a word on what they cannot."""

from __future__ import annotations

import pytest

from metamodel import DefinitionInvalid, Layer, load, read_text

FIELDS = """
entities:
  customer:
    views: {CUSTOMERS}
  quote:
    fields:
      others: {type: links, to: customer, inverse: quoted}
      people: {type: users}
    views: {mine: {columns: {code: {}, others: {}, people: {}, customer.name: {}}}}
"""


def test_a_list_shows_links_to_many_and_people(shop_layer: Layer) -> None:
    text = FIELDS.replace("{CUSTOMERS}", "{}")

    view = load([shop_layer, read_text(text, "t.yaml")]).entities["quote"].views["mine"]

    assert [each.path.text for each in view.columns] == [
        "code",
        "others",
        "people",
        "customer.name",
    ]


def test_a_collection_in_a_list_is_told_to_be_counted(shop_layer: Layer) -> None:
    text = FIELDS.replace("{CUSTOMERS}", "{w: {columns: {quoted: {}}}}")

    with pytest.raises(DefinitionInvalid) as raised:
        load([shop_layer, read_text(text, "t.yaml")])

    (problem,) = raised.value.problems
    assert problem.code == "unknown_path"
    assert "COUNT(quoted)" in problem.hint
