"""P-29: industries and packs over the CRM keep what their own scenarios promise.

Every day each plays what it brings along; before a release all of the CRM's are played on each.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.scenarios import Stage, rehearse, report
from metamodel import Layer, bundle
from tests import crm
from tests.scenes import Stages

FILES = {
    "b2b": ["industries/b2b.yaml"],
    "b2c": ["industries/b2c.yaml"],
    "training": ["industries/training.yaml"],
    "equipment": ["industries/equipment.yaml"],
    "packs": ["packs/stock.yaml", "packs/projects.yaml"],
}


VARIANTS = ("b2b", "b2c")
"""Thin ones, which are played before a release only."""

PLAYED = [
    pytest.param(name, marks=pytest.mark.soak) if name in VARIANTS else name for name in FILES
]


def layers(name: str) -> list[Layer]:
    """Return what is laid over the template."""
    return [crm.layer(path) for path in FILES[name]]


@pytest.fixture(scope="module", params=PLAYED)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def stage(stages: Stages, name: str) -> Iterator[Stage]:
    with stages(bundle([crm.layer(), *layers(name)])) as stage:
        yield stage


def test_it_keeps_what_its_own_scenarios_promise(stage: Stage, name: str) -> None:
    own = _own(name)

    results = tuple(rehearse(stage, only=lambda scenario: scenario.name in own))

    assert {each.name for each in results} == own
    assert all(each.passed for each in results), report(results)


@pytest.mark.soak
def test_it_keeps_what_the_crm_promises(stage: Stage) -> None:
    results = tuple(rehearse(stage))

    assert all(each.passed for each in results), report(results)


def test_it_speaks_both_languages(name: str) -> None:
    """Every label that it writes is there in Chinese and in English."""
    for layer in layers(name):
        said = [value for path, value in _labels(layer.document, ()) if path[-1] in WORDS]

        assert said
        assert [each for each in said if not isinstance(each, dict) or {"en", "zh"} - {*each}] == []


def test_it_brings_roles_dashboards_entities_and_scenarios_of_its_own(
    stage: Stage, name: str
) -> None:
    parts = ("dashboards", "scenarios") if name in VARIANTS else ("entities", "roles", "dashboards")
    for part in parts:
        added = _written([crm.layer()], part) ^ _written([crm.layer(), *layers(name)], part)

        assert added & set(getattr(stage.model, part)), part


WORDS = ("label", "plural", "message", "help")


def _labels(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, each in value.items() if isinstance(value, dict) else ():
        yield (*path, name), each
        if name not in WORDS:
            yield from _labels(each, (*path, name))


def _own(name: str) -> set[str]:
    """Return the scenarios that layers add."""
    return _written(layers(name), "scenarios") - _written([crm.layer()], "scenarios")


def _written(of: list[Layer], part: str) -> set[str]:
    found: set[str] = set()
    for layer in of:
        said = layer.document.get(part)
        found |= set(said) if isinstance(said, dict) else set()
    return found
