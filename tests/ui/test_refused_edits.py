"""What an edit of a form would break is said where it is, and how a name can be (P-03)."""

from __future__ import annotations

import re

import pytest

from boot.wiring import House
from tests.conftest import TenantMaker
from tests.ui.conftest import SHOP, Visitor
from tests.ui.test_reshaping_pages import QUOTE, arrived, post


@pytest.fixture
def admin(serving: House, tenant_of: TenantMaker) -> Visitor:
    """An administrator of a tenant of their own."""
    return arrived(serving, tenant_of(SHOP), "administrator")


def test_what_a_change_would_break_in_many_places_is_said_once_each_and_then_counted(
    admin: Visitor,
) -> None:
    wanted = {"label_en": "Total", "label_zh": "合计", "type": "boolean", "formula": ""}

    refused = post(admin, f"{QUOTE}/fields/total", **wanted)

    said = [each["message"] for each in refused.json["errors"]]  # type: ignore[index]
    assert refused.status_code == 422
    assert len(said) == len(set(said)) == 5
    assert said[0] == (
        "In Quote › conversion “repeat” › condition: boolean and number cannot be compared."
    )
    assert re.fullmatch(r"And \d+ more\.", said[-1])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("urgent", "The name `urgent` is taken. Take another name."),
        ("Bad Name", "`Bad Name` is not a name. Names begin with a small letter and"),
    ],
)
def test_a_name_that_cannot_be_is_told_of_at_its_input_with_what_can_be_done(
    admin: Visitor, name: str, said: str
) -> None:
    wanted = {"label_en": "Total", "label_zh": "合计", "type": "money", "name": name}

    [error] = post(admin, f"{QUOTE}/fields/total", **wanted).json["errors"]  # type: ignore[index]

    assert error["path"] == ["name"]
    assert error["message"].startswith(said)
