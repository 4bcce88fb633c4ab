"""Texts by language, and what stands in for those that are not there."""

from __future__ import annotations

import pytest

from metamodel.label import Label

CUSTOMER = {"en": "Customer", "zh": "客户"}


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ({"en": "Customers"}, {"en": "Customers", "zh": "客户"}),
        ({"en": "Customers", "zh": "各客户"}, {"en": "Customers", "zh": "各客户"}),
        ({"": "Customers"}, {"": "Customers"}),
        ({}, {}),
    ],
    ids=["one language", "both", "one text for all", "none"],
)
def test_a_language_without_a_plural_has_the_singular(
    plural: dict[str, str], expected: dict[str, str]
) -> None:
    """A menu in Chinese said “Customers” where only English had a plural."""
    assert Label(plural).filled(Label(CUSTOMER)) == Label(expected)
