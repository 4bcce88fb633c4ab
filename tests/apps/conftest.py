"""The bundled template, read once, and stages to play its scenarios on."""

from __future__ import annotations

from pathlib import Path

import pytest

from metamodel import Layer, Model, load, read_app
from tests.scenes import registry, stages

__all__ = ["registry", "stages"]

TEMPLATE = read_app(Path(__file__).parents[2] / "apps" / "crm_template.yaml")


@pytest.fixture(scope="session")
def template() -> Layer:
    return TEMPLATE


@pytest.fixture(scope="session")
def model(template: Layer) -> Model:
    return load([template])
