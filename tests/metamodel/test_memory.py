"""Linking what changed gives what linking everything gives (P-03)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metamodel import DefinitionInvalid, Layer, Model, load, read_app, read_text
from metamodel.layers import merge
from metamodel.linking.memory import Memory
from metamodel.problems import Problem
from tests.budget import SOAK, examples
from tests.metamodel.conftest import SHOP, layer
from tests.reshaping.models import BASE, changed
from tests.reshaping.models import layer as own_text
from tests.upgrades.customised import ACTS

ROOT = Path(__file__).parents[2]

SPOILT: Sequence[Mapping[str, Any]] = (
    {"entities": {"customer": {"fields": {"name": {"$retire": True}}}}},
    {"entities": {"customer": {"fields": {"wrong": {"type": "text", "formula": "nobody + 1"}}}}},
    {"entities": {"contact": {"views": {"odd": {"type": "list", "columns": {"nothing": {}}}}}}},
    {"roles": {"odd": {"label": "Odd", "rights": {"nothing": {"read": "all"}}}}},
)
"""Layers with problems of their own: what is remembered must not hide any."""


@lru_cache(maxsize=1)
def _crm() -> Layer:
    return read_app(ROOT / "apps" / "crm_template.yaml")


def _linked(layers: Sequence[Layer], memory: Memory | None) -> Model | tuple[Problem, ...]:
    try:
        return load(layers, memory)
    except DefinitionInvalid as error:
        return error.problems


def _require_same(layers: Sequence[Layer], memory: Memory) -> None:
    quick, whole = _linked(layers, memory), _linked(layers, None)
    if isinstance(quick, Model) and isinstance(whole, Model):
        for name in Model.__dataclass_fields__:
            assert getattr(quick, name) == getattr(whole, name), name
        assert dict(quick.origins) == dict(whole.origins)
        assert list(quick.entities) == list(whole.entities)
    else:
        assert quick == whole


def _edited_crm(seed: int, edits: int) -> None:
    dice, memory = Random(seed), Memory()
    document = merge([_crm()]).document
    own: dict[str, Any] = {}
    for number in range(edits):
        after = deepcopy(own)
        dice.choice(ACTS)(dice, document, after, f"word{number}")
        if dice.random() < 0.15:
            after = deepcopy(dice.choice(SPOILT)) | {"format": 1}
        else:
            own = after
        _require_same([_crm(), Layer("own", after)], memory)


def test_edits_of_the_crm_link_to_what_linking_all_of_it_gives() -> None:
    _edited_crm(seed=3, edits=3 * min(SOAK, 10))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(12))
def test_many_edits_of_the_crm_link_to_what_linking_all_of_it_gives(seed: int) -> None:
    _edited_crm(seed, edits=60)


@settings(max_examples=examples(6), deadline=None)
@given(st.randoms(use_true_random=False))
def test_random_apps_link_to_what_linking_all_of_them_gives(dice: Random) -> None:
    memory, state = Memory(), dict[str, Any]()
    base = read_text(BASE, "base")
    for number in range(6):
        state = changed(state, dice, number)
        _require_same([base, read_text(own_text(state), "own")], memory)


RENAMED = """
    entities:
      customer: {fields: {sort: {renamed_from: kind}}}
"""

SHADOWED = """
    entities:
      customer: {fields: {quotes: {type: integer}}}
      quote: {fields: {customer: {inverse: offers}}}
"""

RETYPED = """
    entities:
      quote_line: {fields: {discount: {type: decimal}}}
"""

LABELLED = """
    entities:
      quote:
        fields:
          twice: {type: money, formula: "「Total」 * 2"}
          total: {label: {en: Total}}
"""

RELABELLED = LABELLED.replace("total: {label: {en: Total}}", "total: {label: {en: Sum}}")

RETIRED = """
    entities:
      product: {$retire: true}
"""

DEFAULT = """
    settings: {most: {type: text, default: much}}
"""


@pytest.mark.parametrize(
    "steps",
    [
        ["{}", RENAMED, "{}"],
        ["{}", SHADOWED, RENAMED],
        ["{}", RETYPED, "{}"],
        [LABELLED, RELABELLED, LABELLED],
        ["{}", RETIRED, "{}"],
        ["{}", DEFAULT, "{}"],
    ],
    ids=["renamed", "shadowed", "retyped", "relabelled", "retired", "setting"],
)
def test_what_others_read_of_a_field_links_them_again(steps: list[str]) -> None:
    memory, shop = Memory(), layer(SHOP, "shop.yaml")

    for step in steps:
        _require_same([shop, layer(step)], memory)


def test_what_did_not_change_is_the_same_object() -> None:
    memory, shop = Memory(), layer(SHOP, "shop.yaml")
    before = load([shop], memory)

    after = load([shop, layer("entities: {product: {fields: {size: {type: text}}}}")], memory)

    assert after.entities["customer"] is before.entities["customer"]
    assert after.entities["product"] is not before.entities["product"]
