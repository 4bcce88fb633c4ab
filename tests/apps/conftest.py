"""The bundled template, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from metamodel import Layer, Model, load, read_app

APPS = Path(__file__).parents[2] / "apps"


@pytest.fixture(scope="session")
def template() -> Layer:
    return read_app(APPS / "crm_template.yaml")


@pytest.fixture(scope="session")
def model(template: Layer) -> Model:
    return load([template])
