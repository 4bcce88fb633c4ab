"""Apps made for Salesforce are said in our language, with nothing dropped that it can say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conversions.left_out import assert_as_listed
from tests.conversions.loading import model_of
from tests.conversions.salesforce.app import convert

pytestmark = pytest.mark.data

SETS = (
    "sf-ebikes", "sf-dreamhouse", "sf-easy-spaces", "sf-action-plans", "sf-dlrs-rollups",
    "sf-summit-events",
)  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_an_app_of_salesforce_loads_whole(test_data: Path, name: str) -> None:
    app, left = convert(test_data / name, name.replace("-", "_"))

    model_of(app)

    assert_as_listed(name, left)
