"""An e-mail address."""

from __future__ import annotations

from formula.types import TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

EMAIL = FieldType(
    name="email",
    label=label("E-mail", "电子邮箱"),
    wire="an e-mail address",
    value_type=lambda options: TextType(),
    postgres=lambda options: "text",
    parse=parsing.text,
    keys=frozenset({"max_length"}),
)
