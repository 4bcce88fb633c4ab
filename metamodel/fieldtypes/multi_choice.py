"""Several of a set of options."""

from __future__ import annotations

from formula.types import ChoiceType, ListType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

MULTI_CHOICE = FieldType(
    name="multi_choice",
    label=label("Choices", "多选"),
    wire="a list of codes",
    value_type=lambda options: ListType(ChoiceType(options.codes, options.names, options.former)),
    postgres=lambda options: "text[]",
    parse=parsing.codes,
    keys=frozenset({"options", "choices", "options_when"}),
)
