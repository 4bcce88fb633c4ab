"""The table of conversions is whole, and the page of the reference is what it says."""

from __future__ import annotations

import os
from pathlib import Path

from metamodel.conversions import FAMILIES, conversion_reference, verdict
from metamodel.fieldtypes import FIELD_TYPES

PAGE = Path(__file__).parents[2] / "docs/reference/conversions.md"


def test_every_type_has_a_family_and_every_pair_an_answer() -> None:
    assert FAMILIES.keys() == FIELD_TYPES.keys()
    answers = {verdict(old, new) for old in FIELD_TYPES for new in FIELD_TYPES}
    assert answers == {"every", "some", "refused"}


def test_the_page_is_written_from_the_table() -> None:
    written = conversion_reference()
    if os.environ.get("JOINERY_REWRITE_GOLDEN"):
        PAGE.write_text(written, "utf-8")

    assert PAGE.read_text("utf-8") == written
