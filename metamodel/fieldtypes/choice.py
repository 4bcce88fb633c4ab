"""One of a set of options."""

from __future__ import annotations

from formula.types import ChoiceType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

CHOICE = FieldType(
    name="choice",
    label=label("Choice", "单选"),
    wire="the code of an option",
    value_type=lambda options: ChoiceType(options.codes, options.names, options.former),
    postgres=lambda options: "text",
    parse=parsing.code,
    keys=frozenset({"options", "choices", "options_when"}),
)
