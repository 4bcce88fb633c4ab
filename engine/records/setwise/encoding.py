"""Typed values as COPY reads them from text, a column at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from metamodel.model import Field

NULL = "\\N"

SIGNS = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

# Any: each writer knows the type of the values of its column.
Writer = Callable[[Any], str]


def encode(each: Field, values: Sequence[object]) -> list[str]:
    """Return a column's values as text of COPY."""
    sample = next((value for value in values if value is not None), None)
    if sample is None:
        return [NULL] * len(values)
    if isinstance(sample, str):
        return quoted_texts(values)  # type: ignore[arg-type]  # one type to a column
    write = WRITERS.get(type(sample), str)
    objects = dict(zip(map(id, values), values, strict=True))
    if len(objects) > len(values) // 2:
        return [NULL if value is None else write(value) for value in values]
    known = {key: NULL if value is None else write(value) for key, value in objects.items()}
    return [known[key] for key in map(id, values)]


def quoted_texts(values: Sequence[str | None]) -> list[str]:
    """Return texts with the signs that COPY reads otherwise written out."""
    whole = "".join(filter(None, values))
    if not any(sign in whole for sign in "\\\t\n\r"):
        return [NULL if value is None else value for value in values]
    return [NULL if value is None else value.translate(SIGNS) for value in values]


def _array(items: Sequence[object]) -> str:
    """Return an array of texts, its items quoted twice: as an array's, then as COPY's."""
    inner = ",".join(
        '"' + str(item).replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items
    )
    return f"{{{inner}}}".translate(SIGNS)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).translate(SIGNS)


def _bytes(value: bytes) -> str:
    return "\\\\x" + value.hex()


def _decimal(value: Decimal) -> str:
    return format(value, "f")


def _hex(value: UUID) -> str:
    return value.hex


def _boolean(value: bool) -> str:  # noqa: FBT001 - the value itself
    return "t" if value else "f"


def _seconds(value: timedelta) -> str:
    return f"{value.total_seconds():f} seconds"


WRITERS: Mapping[type, Writer] = MappingProxyType(
    {
        Decimal: _decimal,
        UUID: _hex,
        bool: _boolean,
        bytes: _bytes,
        timedelta: _seconds,
        tuple: _array,
        dict: _json,
        list: _json,
    }
)
"""How values of each Python type are written; the rest as `str` writes them."""
