"""What every field type says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from formula.types import ValueType
from metamodel.label import Label


@dataclass(frozen=True, slots=True)
class Options:
    """What a field says that its type depends on; `names` and `former` as in `ChoiceType`."""

    scale: int | None = None
    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    former: tuple[tuple[str, str], ...] = ()
    targets: tuple[str, ...] = ()
    maximum: object = None


class NotAValue(ValueError):
    """A written value that does not fit its type; the message says what is expected."""


@dataclass(frozen=True, slots=True)
class FieldType:
    """One field type.

    `value_type` is what formulas see, None where they cannot read it. `postgres` names the
    column's type. `parse` turns a value written in YAML into the Python value of
    `formula.types`, or raises `NotAValue`. `wire` describes the value in the API. `keys` are
    the keys of the language that only make sense on this type. `column` tells where values are
    kept: in one column, in one for each target of a link, or as pairs in a link table. `parts`
    are what formulas read of a value of several: `stay.start`.
    """

    name: str
    label: Label
    wire: str
    value_type: Callable[[Options], ValueType | None]
    postgres: Callable[[Options], str]
    parse: Callable[[object, Options], object]
    keys: frozenset[str] = frozenset()
    column: Literal["one", "per_target", "pairs"] = "one"
    parts: Mapping[str, ValueType] = field(default_factory=dict)


def label(en: str, zh: str) -> Label:
    """Return a label in the product's own two languages."""
    return Label({"en": en, "zh": zh})
