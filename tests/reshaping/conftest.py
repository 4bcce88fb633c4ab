"""The tenants that random changes are made to."""

from __future__ import annotations

from tests.engine.schema.conftest import make_shop as make_shop
