"""Files go in and out of a whole installation."""

from __future__ import annotations

import pytest

from boot.wiring import House


@pytest.fixture(scope="session")
def house(furnished: House) -> House:
    """Every service, the importer's and the exporter's among them."""
    return furnished
