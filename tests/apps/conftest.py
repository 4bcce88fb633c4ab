"""The bundled template, and stages to play its scenarios on."""

from __future__ import annotations

import pytest

from metamodel import Layer, Model
from tests import crm
from tests.scenes import registry, stages

__all__ = ["registry", "stages"]


@pytest.fixture(scope="session")
def template() -> Layer:
    return crm.layer()


@pytest.fixture(scope="session")
def model() -> Model:
    return crm.model()
