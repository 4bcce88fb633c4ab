"""The reference of field types, written from the catalogue itself."""

from __future__ import annotations

from collections.abc import Mapping

from formula.types import ValueType, type_names
from metamodel.fieldtypes.contract import FieldType, Options

HEAD = """# Field types

Written from the catalogue of field types. How fields are defined is in
[metadata](metadata.md), how values are sent in [API](api.md). *In formulas* is what a formula
reads; a value of parts is read part by part.

| type | called | in the API | in formulas | kept as | keys of its own |
| --- | --- | --- | --- | --- | --- |
"""

EXAMPLE = Options(targets=("entity",), codes=("code",))


def field_type_reference(types: Mapping[str, FieldType]) -> str:
    """Return the page, in Markdown: one row for each type in the catalogue's order."""
    return HEAD + "".join(_row(each) for each in types.values())


def _row(kind: FieldType) -> str:
    keys = " ".join(f"`{key}`" for key in sorted(kind.keys))
    called = f"{kind.label.texts['en']}, {kind.label.texts['zh']}"
    cells = (f"`{kind.name}`", called, kind.wire, _read_as(kind), _kept_as(kind), keys)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _read_as(kind: FieldType) -> str:
    if kind.column == "pairs":
        return "a collection"
    if kind.parts:
        return ", ".join(f"`.{part}` {_named(type_)}" for part, type_ in kind.parts.items())
    type_ = kind.value_type(EXAMPLE)
    return "" if type_ is None else _named(type_)


def _named(type_: ValueType) -> str:
    return type_names[type(type_).__name__]


def _kept_as(kind: FieldType) -> str:
    if kind.column == "pairs":
        return "a link table"
    several = ", a column for each target" if kind.column == "per_target" else ""
    return f"`{kind.postgres(EXAMPLE)}`{several}"
