"""A whole product for the tests that use it from outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from tests.acceptance.product import Product, new_home


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, fresh_database: URL) -> Product:
    """An installation that is not serving yet, on a database of its own."""
    home = new_home(tmp_path_factory)
    product = Product(home, fresh_database.render_as_string(hide_password=False))
    product.joinery("init")
    return product


@pytest.fixture(scope="module")
def product(installed: Product) -> Iterator[Product]:
    """An installation that serves."""
    installed.start()
    yield installed
    if installed.server is not None:
        assert installed.stop() == 0
