"""Every service over the tests' installation, for tenants of converted apps."""

from __future__ import annotations

import pytest

from boot.connection import Address
from boot.settings import read_settings
from boot.wiring import House, furnish
from tests.conftest import Installation


@pytest.fixture(scope="session")
def house(installation: Installation) -> House:
    return furnish(
        read_settings({}), Address(admin=None, app=installation.url), installation.database
    )
