"""What every field type must have: a file, a place in schema and reference, parsing, a column."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from metamodel import load, read_text
from metamodel.fieldtypes import FIELD_TYPES, NotAValue, Options
from metamodel.fieldtypes.contract import FieldType
from metamodel.structure import schema

ROOT = Path(__file__).parents[2]

SAMPLES: dict[str, tuple[object, object, object]] = {
    "text": ("a", "a", ["a"]), "long_text": ("a\nb", "a\nb", {}), "rich_text": ("a", "a", True),
    "email": ("a@b.c", "a@b.c", []), "phone": ("1", "1", []), "url": ("http://a", "http://a", []),
    "code": (7, "7", []), "autonumber": ("Q-1", "Q-1", []), "barcode": ("1", "1", []),
    "integer": (3, Decimal(3), Decimal("1.5")), "decimal": (Decimal("1.5"), Decimal("1.5"), "x"),
    "money": ("2.50", Decimal("2.50"), True), "percent": ("13%", Decimal("0.13"), "a%"),
    "rating": (4, Decimal(4), "many"), "progress": ("40%", Decimal("0.4"), []),
    "duration": ("2h 30m", timedelta(hours=2, minutes=30), "soon"),
    "date": ("2026-03-01", date(2026, 3, 1), "2026-02-30"),
    "datetime": ("2026-03-01T09:00:00+08:00", datetime(2026, 3, 1, 1, tzinfo=UTC), "now"),
    "time": ("12:30", time(12, 30), "25:00"), "choice": ("a", "a", "z"),
    "multi_choice": (["a", "b"], ("a", "b"), ["z"]), "boolean": (True, True, "yes"),
    "tags": (["x"], ("x",), [["x"]]), "link": ("key", "key", 3), "user": ("key", "key", 3),
    "department": ("key", "key", 3), "team": ("key", "key", 3), "color": ("#fff", "#fff", []),
    "uuid": ("00000000-0000-0000-0000-000000000001", None, "x"),
}  # fmt: skip
"""By type: what is written, what it means (None: anything), what does not fit."""

OPTIONS = Options(codes=("a", "b"))


@pytest.mark.parametrize("kind", FIELD_TYPES.values(), ids=FIELD_TYPES)
def test_each_type_has_its_file_schema_entry_labels_and_reference(kind: FieldType) -> None:
    types = schema()["$defs"]["field"]["properties"]["type"]["enum"]
    reference = (ROOT / "docs/reference/field-types.md").read_text("utf-8")

    assert (ROOT / "metamodel/fieldtypes" / f"{kind.name}.py").exists()
    assert kind.name in types
    assert set(kind.label.texts) == {"en", "zh"}
    assert kind.wire
    assert f"| `{kind.name}` |" in reference


def test_the_schema_knows_no_type_without_a_file() -> None:
    assert set(schema()["$defs"]["field"]["properties"]["type"]["enum"]) == set(FIELD_TYPES)


@pytest.mark.parametrize("name", SAMPLES)
def test_each_type_reads_what_fits_and_refuses_what_does_not(name: str) -> None:
    kind = FIELD_TYPES[name]
    written, meant, wrong = SAMPLES[name]

    read = kind.parse(written, OPTIONS)

    assert meant is None or read == meant
    with pytest.raises(NotAValue):
        kind.parse(wrong, OPTIONS)


def test_every_type_that_formulas_read_has_a_sample() -> None:
    readable = {name for name, kind in FIELD_TYPES.items() if kind.value_type(OPTIONS) is not None}

    assert readable - set(SAMPLES) == set()


@pytest.mark.parametrize("kind", FIELD_TYPES.values(), ids=FIELD_TYPES)
def test_each_type_loads_and_is_in_use(kind: FieldType) -> None:
    more = {"choice": ", options: {a: {}}", "multi_choice": ", options: {a: {}}",
            "link": ", to: e", "links": ", to: e", "autonumber": ', pattern: "{0000}"'}  # fmt: skip
    text = f"""
    format: 1
    app: {{name: a}}
    entities: {{e: {{label: E, fields: {{f: {{type: {kind.name}{more.get(kind.name, "")}}}}}}}}}
    """

    model = load([read_text(text, "a.yaml")])

    field = model.entities["e"].fields["f"]
    assert field.type == kind.name
    assert bool(field.column) == (kind.column in ("one", "per_target"))
    assert model.declared == ()
