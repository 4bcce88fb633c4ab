"""Everything a plan can hold has words in every language of the product."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import engine.schema
from engine.schema.steps import Effect, Step
from engine.schema.waiting_runs import VERDICTS
from engine.schema.words import EFFECT_WORDS, STEP_WORDS, words

SOURCES = "\n".join(
    path.read_text() for path in Path(engine.schema.__path__[0]).glob("*.py")
)  # fmt: skip


def test_every_code_that_a_planner_writes_has_words_and_no_other_has() -> None:
    calls = "Step|Question|Effect|_writing|_filling|looking.effect"
    written = set(re.findall(rf'(?:(?:{calls})\(\s*|code=)"(\w+)"', SOURCES))
    chosen = {"values_change", "values_differ"}
    chosen |= {"create_unique_index", "create_index", "stage_retired", "option_retired"}
    verbs = ("move", "return", "retrace", "split")
    chosen |= {f"{verb}_{what}s" for verb in verbs for what in ("option", "stage")}
    chosen |= {"field_purged", "entity_purged", *VERDICTS}
    chosen |= {f"{what}_{verb}s" for verb in ("move", "return") for what in ("option", "stage")}

    assert written | chosen == STEP_WORDS.keys() | EFFECT_WORDS.keys()


@pytest.mark.parametrize("code", [*STEP_WORDS, *EFFECT_WORDS])
def test_words_say_the_same_things_in_every_language(code: str) -> None:
    table = STEP_WORDS if code in STEP_WORDS else EFFECT_WORDS

    named = {
        language: {name for _, name, _, _ in Formatter().parse(text) if name}
        for language, text in table[code].items()
    }

    assert named.keys() == {"en", "zh"}
    assert named["en"] == named["zh"]


def test_words_use_the_models_labels(shop: Any) -> None:
    effect = Effect("field_retired", "customer", "loses", 3, params={"field": "budget"})

    assert words(effect, shop.ctx().model, "en") == (
        "Budget of Customer goes out of sight with 3 values; they are kept."
    )


@pytest.mark.parametrize("code", EFFECT_WORDS)
def test_one_record_is_not_spoken_of_as_of_several(shop: Any, code: str) -> None:
    params = {"field": "budget", "option": "a", "into": "b", "fields": ("budget",), "of": 1}
    rest = {name: "x" for _, name, _, _ in Formatter().parse(EFFECT_WORDS[code]["en"]) if name}
    effect = Effect(code, "customer", "notice", 1, params=rest | params)

    said = words(effect, shop.ctx().model, "en")

    assert re.search(r"\b1 (API )?\w+s\b(?! up)", said) is None or code in ("not_unique", "crowded")
    assert "|" not in said


def test_every_step_and_effect_of_a_large_change_can_be_said(shop: Any) -> None:
    layer = """
entities:
  customer:
    fields:
      city: {type: text, index: true, required: true}
      budget: {type: money, scale: 6}
      note: {type: integer}
      twice: {type: money, formula: "budget * 2"}
    unique: {by_name: [name]}
    pipelines: {life: {label: Life, field: phase, stages: {lead: {label: Lead}}}}
"""
    plan = shop.publisher.propose(shop.tenant, shop.layered(layer)).plan
    new = shop.store.compiled(shop.layered(layer)).model

    said = [words(each, new, "zh") for each in (*plan.steps, *plan.effects)]

    assert len(said) >= 9
    assert isinstance(plan.steps[0], Step)
    assert all("{" not in each for each in said)
