"""Functions that write values as text: by a pattern, padded, masked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from formula import patterns, texts
from formula.functions.spec import FunctionSpec, Parameter, Site, text, whole
from formula.functions.text import whole_numbers
from formula.functions.text_sql import mask_sql, pad_sql, text_sql
from formula.scope import FieldBinding, TableBinding
from formula.typed import Call, Conditional, Constant, Node, Read
from formula.types import ChoiceType, DateTimeType, DateType, ListType, TextType, ValueType

_TEXT = Parameter("text", "text")


def _mask_ends(site: Site) -> ValueType | None:
    for argument in site.arguments[1:]:
        value = cast(Constant, argument).value
        if not isinstance(value, Decimal) or value % 1 or not 0 <= value <= 100:  # noqa: PLR2004
            site.refuse("bad_count", "expected a whole number from 0 to 100", at=argument.span)
            return None
    return TextType()


def _padded(site: Site) -> ValueType | None:
    length, fill = (cast(Constant, argument).value for argument in site.arguments[1:3])
    if not isinstance(length, Decimal) or length % 1 or not 0 <= length <= 1000:  # noqa: PLR2004
        site.refuse("bad_count", "the length is a whole number from 0 to 1000")
        return None
    if not isinstance(fill, str) or len(fill) != 1:
        site.refuse("bad_fill", "PAD fills with one character")
        return None
    return TextType()


def _patterned(site: Site) -> ValueType | None:
    value, pattern = site.arguments
    spelled = str(cast(Constant, pattern).value or "")
    if isinstance(value.type, DateType | DateTimeType):
        if patterns.date_parts(spelled, with_time=isinstance(value.type, DateTimeType)) is None:
            site.refuse(
                "bad_pattern",
                f'"{spelled}" is no pattern for a date',
                'write YYYY, MM or M, DD or D, Q, and for an instant HH, mm, ss: "YYYY-MM-DD"',
                at=pattern.span,
            )
            return None
        return TextType()
    if patterns.number_pattern(spelled) is None:
        site.refuse(
            "bad_pattern",
            f'"{spelled}" is no pattern for a number',
            'write "0.00", "#,##0.00" or "0.0%"',
            at=pattern.span,
        )
        return None
    return TextType()


def _split(site: Site) -> Node | None:
    separator = cast(Constant, site.arguments[1])
    if not isinstance(separator.value, str):
        site.refuse("bad_separator", "SPLIT needs a separator of one character or more",
                    at=separator.span)  # fmt: skip
        return None
    if len(site.arguments) == 2:  # noqa: PLR2004
        return Call("SPLITLIST", site.arguments, ListType(TextType()), site.span)
    if not whole_numbers(site):
        return None
    return Call("SPLITPART", site.arguments, TextType(), site.span)


def _label(site: Site) -> Node | None:
    """Return the label of a code in the language of the person, as a choice between tables."""
    node = site.arguments[0]
    binding = node.binding if isinstance(node, Read) else None
    if not isinstance(binding, FieldBinding) or not isinstance(binding.type, ChoiceType):
        site.refuse("wrong_argument", "LABEL expects a field with options", "write LABEL(stage)")
        return None
    path = (*binding.path, "label")
    labels = site.labels(binding)
    said = [
        Read(TableBinding(path, TextType(), binding, table), TextType(), site.span)
        for table in labels.values()
    ]
    if not said or len({tuple(table.items()) for table in labels.values()}) == 1:
        return said[0] if said else Constant(None, TextType(), site.span)
    language = site.read(("user", "language"))
    if language is None:
        return None
    found: Node = said[0]
    for name, read in zip(list(labels)[:0:-1], said[:0:-1], strict=True):
        here = site.compare("==", language, Constant(name, TextType(), site.span))
        if here is None:
            return None
        found = Conditional(here, read, found, TextType(), site.span)
    return found


def _formatted(moment: Any, value: Any, pattern: str) -> str:
    return patterns.format_value(value, pattern, moment.zone)


WRITING = (
    FunctionSpec(
        name="SPLIT",
        family="text",
        signature="SPLIT(text, separator) or SPLIT(text, separator, place)",
        help={
            "en": "The parts of a text between separators, or one of them: 1 first, -1 last.",
            "zh": "按分隔符拆分文本，得到列表或其中第几段（1 为第一段，-1 为最后一段）。",
        },
        example='SPLIT("a-b-c", "-", 2)',
        parameters=(
            _TEXT,
            Parameter("separator", "text", literal=True),
            Parameter("place", "number", optional=True),
        ),
        lower=_split,
    ),
    FunctionSpec(
        name="LABEL",
        family="text",
        signature="LABEL(choice)",
        help={
            "en": "What the chosen option is called, in the language of the person acting.",
            "zh": "所选选项的名称，使用当前人员的语言。",
        },
        example="LABEL(kind)",
        parameters=(Parameter("choice", "text"),),
        lower=_label,
    ),
    FunctionSpec(
        name="TEXT",
        family="text",
        signature="TEXT(value, pattern)",
        help={
            "en": "A number or date written by a pattern.",
            "zh": "按格式把数字或日期写成文本。",
        },
        example='TEXT(amount, "#,##0.00")',
        parameters=(Parameter("value", "any"), Parameter("pattern", "text", literal=True)),
        result=_patterned,
        python=_formatted,
        sql=text_sql,
        js="text",
        copies=3,
        moment=True,
    ),
    FunctionSpec(
        name="PAD",
        family="text",
        signature="PAD(text, length, fill, side)",
        help={
            "en": "The text filled up to a length, on the left or right.",
            "zh": "用字符在左侧或右侧补足长度。",
        },
        example="PAD(quantity, 5)",
        parameters=(
            _TEXT,
            Parameter("length", "number", literal=True),
            Parameter("fill", "text", text("0"), literal=True),
            Parameter("side", "text", text("left"), literal=True, choices=("left", "right")),
        ),
        result=_padded,
        python=texts.pad,
        sql=pad_sql,
        js="pad",
        copies=3,
    ),
    FunctionSpec(
        name="MASK",
        family="text",
        signature="MASK(text, start, end)",
        help={
            "en": "The text with all but its first and last characters hidden.",
            "zh": "隐藏中间字符，只保留首尾若干位。",
        },
        example="MASK(name, 1, 1)",
        parameters=(
            _TEXT,
            Parameter("start", "number", whole(0), literal=True),
            Parameter("end", "number", whole(0), literal=True),
        ),
        result=_mask_ends,
        python=texts.mask,
        sql=mask_sql,
        js="mask",
        copies=5,
    ),
)
