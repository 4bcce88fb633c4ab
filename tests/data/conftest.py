"""An installation and a tenant for each real data set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.acceptance.product import Product, new_home

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def product(
    test_data: Path, tmp_path_factory: pytest.TempPathFactory, fresh_database: URL
) -> Iterator[Product]:
    """An installation that serves, on a database of its own."""
    made = Product(new_home(tmp_path_factory), fresh_database.render_as_string(hide_password=False))
    made.joinery("init")
    made.start()
    yield made
    assert made.stop() == 0


@pytest.fixture(scope="session")
def maps() -> Path:
    """The folder of map files."""
    return HERE / "maps"


@pytest.fixture(scope="session")
def layers() -> Path:
    """The folder of layers that a consultant writes before an import."""
    return HERE / "layers"
