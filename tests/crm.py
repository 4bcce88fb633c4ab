"""The bundled template, read and linked once for each process of tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from metamodel import Layer, Model, load, read_app

APPS = Path(__file__).parents[1] / "apps"


@cache
def layer(path: str = "crm_template.yaml") -> Layer:
    """Return an app of ours as it is written."""
    return read_app(APPS / path)


@cache
def model() -> Model:
    """Return the template's model."""
    return load([layer()])
