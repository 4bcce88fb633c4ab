"""The data dictionary of an app, and differences in words: golden texts in both languages."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from metamodel import Layer, Model, diff, load, read_text
from metamodel.diff import ENTITY_PARTS
from metamodel.handbook import handbook
from metamodel.handbook.words import WORDS
from metamodel.parts import NAMED
from metamodel.wording import KINDS, PARTS, told

FOLDER = Path(__file__).parent
FLOWS = FOLDER / "apps/flows.yaml"
CHANGED = """
entities:
  quote:
    label: {en: Offer, zh: 报盘}
    fields:
      vat: {renamed_from: tax_rate, default: 6%}
      about: {$retire: true}
      total: {formula: "ROUND(net * 2, 2)"}
      city: {type: text}
    pipelines: {sales: {stages: {won: {label: Sold}}}}
    rules: {limit: {at: net}}
settings: {most: {default: 30%}}
roles: {clerk: {label: Clerk}}
automations: {tidy: {active: false}}
app: {currency: EUR}
"""


@pytest.fixture(scope="module")
def flows() -> Layer:
    return read_text(FLOWS.read_text("utf-8"), "flows.yaml")


@pytest.fixture(scope="module")
def model(shop_layer: Layer, flows: Layer) -> Model:
    return load([shop_layer, flows])


def _golden(name: str, text: str) -> str:
    path = FOLDER / "golden" / name
    if os.environ.get("JOINERY_REWRITE_GOLDEN"):
        path.write_text(text, "utf-8")
    return path.read_text("utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_dictionary_says_what_there_is(model: Model, language: str) -> None:
    text = handbook(model, language)

    assert text == _golden(f"handbook_{language}.md", text)


def test_the_dictionary_is_the_same_every_time(shop_layer: Layer, flows: Layer) -> None:
    first, second = (handbook(load([shop_layer, flows]), "en") for _ in range(2))

    assert first == second


def test_every_table_of_the_dictionary_has_cells_for_its_headers(model: Model) -> None:
    for block in handbook(model, "zh").split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        cells = {len(re.split(r"(?<!\\)\|", row)) for row in rows}
        assert len(cells) <= 1, block


def test_a_note_for_administrators_is_shown(shop_layer: Layer) -> None:
    noted = "entities: {quote: {note: Ask Wu., fields: {net: {note: {en: No tax.}}}}}"

    text = handbook(load([shop_layer, read_text(noted, "tenant.yaml")]), "en")

    assert "Note: Ask Wu." in text
    assert "Note: No tax." in text


def test_every_word_is_there_in_both_languages() -> None:
    for en, zh in (*WORDS.values(), *PARTS.values()):
        assert re.search(r"[a-z]", en)
        assert re.search(r"[\u4e00-\u9fff]", zh)
    assert all(
        set(re.findall(r"{\w+}", en)) == set(re.findall(r"{\w+}", zh)) for en, zh in KINDS.values()
    )
    assert set(PARTS) >= {*ENTITY_PARTS, *NAMED}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_differences_are_sentences(
    shop_layer: Layer, flows: Layer, model: Model, language: str
) -> None:
    changed = load([shop_layer, flows, read_text(CHANGED, "tenant.yaml")])

    found = diff(model, changed).differences
    text = "".join(f"{told(each, language)}\n" for each in found)

    assert text == _golden(f"differences_{language}.txt", text)
