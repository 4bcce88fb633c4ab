"""The reference of field types is what the catalogue says."""

from __future__ import annotations

import os
from pathlib import Path

from metamodel.fieldtypes import FIELD_TYPES
from metamodel.fieldtypes.reference import field_type_reference

PAGE = Path(__file__).parents[2] / "docs/reference/field-types.md"


def test_the_page_is_written_from_the_catalogue() -> None:
    written = field_type_reference(FIELD_TYPES)
    if os.environ.get("JOINERY_REWRITE_GOLDEN"):
        PAGE.write_text(written, "utf-8")

    assert PAGE.read_text("utf-8") == written
