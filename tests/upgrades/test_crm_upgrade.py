"""P-38: customised tenants go from the first version of the CRM to the second, nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import pytest

from metamodel import Layer, load
from metamodel.editing.document import counterpart
from metamodel.edits import same
from metamodel.rebase import Stack, rebased
from metamodel.threeway import Question
from metamodel.upgrading import upgraded
from tests.budget import examples
from tests.upgrades.crm import first, layer_of, merged, second
from tests.upgrades.customised import customised

CHANGES = 20
"""Changes of a tenant; with 50 tenants it is a thousand."""

Record = Callable[[str, object], None]
"""Notes a number for the report."""

RENAMED = {
    "purchase_criteria": "decision_criteria",
    "legal_person": "legal_representative",
    "contact": "no_response",
}
"""What the second version calls otherwise: what shows a field follows it."""


@lru_cache(maxsize=2)
def _layer(version: int) -> Layer:
    return layer_of(first() if version == 1 else second())


@lru_cache(maxsize=1)
def _first() -> dict[str, Any]:
    return merged(_layer(1))


def test_most_changes_are_merged_without_a_question_and_none_is_lost() -> None:
    made = asked = 0
    for seed in range(examples(6)):
        layer, changes = customised(_first(), seed, CHANGES)

        done = rebased(Stack([_layer(1)], {}), Stack([_layer(2)], {}), layer)

        made, asked = made + changes, asked + len(done.questions)
        assert not list(_lost(layer, done.layer, done.questions)), f"tenant {seed}"
    assert asked <= made * 0.05, f"{asked} questions about {made} changes"


@pytest.mark.soak
def test_fifty_customised_tenants_are_upgraded(record_property: Record) -> None:
    """At least 95 % of the changes of 50 tenants need no question, and every model is valid."""
    made = asked = 0
    for seed in range(1000, 1050):
        layer, changes = customised(_first(), seed, CHANGES)
        load([_layer(1), Layer("tenant", layer)])

        done = upgraded([_layer(1)], [_layer(2)], Layer("tenant", layer))

        made, asked = made + changes, asked + len(done.questions)
        assert not done.problems, f"tenant {seed}: {done.problems}"
        load([_layer(2), Layer("tenant", done.layer)])
        assert not list(_lost(layer, done.layer, done.questions)), f"tenant {seed}"
    record_property("changes", made)
    record_property("questions", asked)
    assert asked <= made * 0.05, f"{asked} questions about {made} changes"


def _lost(
    before: Mapping[str, Any], after: Mapping[str, Any], questions: tuple[Question, ...]
) -> Iterator[tuple[str, ...]]:
    """Yield what a tenant said that its upgraded app does not say, nor ask about."""
    old, ours = _first(), merged(_layer(1), Layer("tenant", before))
    now = merged(_layer(2), Layer("tenant", after))
    settled = {each.path for each in questions if each.kind == "problem"}
    for path, value in _leaves(ours, ()):
        if same(_at(old, path), value):
            continue
        place = counterpart(now, ours, path)
        if _at(now, place) is None:
            place = tuple(RENAMED.get(name, name) for name in path)
        if not same(_at(now, place), value) and place not in settled:
            yield path


def _leaves(
    value: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, each in value.items():
        if isinstance(each, Mapping) and each:
            yield from _leaves(each, (*path, name))
        else:
            yield (*path, name), each


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
