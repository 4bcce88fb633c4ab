"""The shop whose changes are taken back."""

from __future__ import annotations

import pytest

from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import APP, Shop


@pytest.fixture(scope="session")
def shop(tenant_of: TenantMaker, installation: Installation) -> Shop:
    return Shop.open(tenant_of(APP), installation.database)
