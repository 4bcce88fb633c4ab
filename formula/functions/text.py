"""Functions of text. Positions and lengths count characters (code points), from 1."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Numeric, func
from sqlalchemy import cast as cast_to

from formula import casing, texts
from formula.functions.spec import FunctionSpec, Parameter, Site, whole
from formula.functions.text_sql import (
    concat_sql,
    contains_sql,
    ends_sql,
    find_sql,
    join_sql,
    left_sql,
    middle_sql,
    overwrite_sql,
    right_sql,
    starts_sql,
    substitute_sql,
    trim_sql,
)
from formula.types import BooleanType, NumberType, TextType, ValueType

_TEXT = Parameter("text", "text")

_PART = Parameter("part", "text")

_COUNT = Parameter("count", "number", whole(1))

_SPACES = " \t\n\r\u3000\u00a0"


def _is_text(site: Site) -> ValueType | None:
    return TextType() if whole_numbers(site) else None


def _joined_type(site: Site) -> ValueType:
    return TextType()


def _is_count(site: Site) -> ValueType:
    return NumberType(9, 0)


def _is_condition(site: Site) -> ValueType:
    return BooleanType()


def whole_numbers(site: Site) -> bool:
    """Note numbers with decimals among the arguments, where only whole ones make sense."""
    for argument in site.arguments:
        if isinstance(argument.type, NumberType) and argument.type.scale > 0:
            site.refuse(
                "not_whole",
                "expected a whole number",
                "put ROUND(…, 0) around it",
                at=argument.span,
            )
            return False
    return True


TEXT = (
    FunctionSpec(
        name="LEN",
        family="text",
        signature="LEN(text)",
        help={
            "en": "How many characters a text has.",
            "zh": "文本的字符数。",
        },
        example="LEN(name)",
        parameters=(_TEXT,),
        result=_is_count,
        python=lambda value: Decimal(len(value)),
        sql=lambda call: cast_to(func.char_length(call.arguments[0]), Numeric()),
        js="len",
    ),
    FunctionSpec(
        name="LEFT",
        family="text",
        signature="LEFT(text, count)",
        help={
            "en": "The first characters of a text.",
            "zh": "文本左侧的若干字符。",
        },
        example="LEFT(name, 2)",
        parameters=(_TEXT, _COUNT),
        result=_is_text,
        python=texts.left,
        sql=left_sql,
        js="left",
    ),
    FunctionSpec(
        name="RIGHT",
        family="text",
        signature="RIGHT(text, count)",
        help={
            "en": "The last characters of a text.",
            "zh": "文本右侧的若干字符。",
        },
        example="RIGHT(name, 2)",
        parameters=(_TEXT, _COUNT),
        result=_is_text,
        python=texts.right,
        sql=right_sql,
        js="right",
    ),
    FunctionSpec(
        name="MID",
        family="text",
        signature="MID(text, start, count)",
        help={
            "en": "Characters from inside a text, counted from 1.",
            "zh": "从第几个字符起取若干字符（从 1 数起）。",
        },
        example="MID(name, 2, 3)",
        parameters=(_TEXT, Parameter("start", "number"), Parameter("count", "number")),
        result=_is_text,
        python=texts.middle,
        sql=middle_sql,
        js="mid",
    ),
    FunctionSpec(
        name="TRIM",
        family="text",
        signature="TRIM(text)",
        help={
            "en": "The text without spaces at its ends.",
            "zh": "去掉首尾空白。",
        },
        example="TRIM(name)",
        parameters=(_TEXT,),
        result=_is_text,
        python=lambda value: value.strip(_SPACES) or None,
        sql=trim_sql,
        js="trim",
    ),
    FunctionSpec(
        name="UPPER",
        family="text",
        signature="UPPER(text)",
        help={
            "en": "The text in capitals.",
            "zh": "转换为大写。",
        },
        example="UPPER(name)",
        parameters=(_TEXT,),
        result=_is_text,
        python=casing.upper,
        sql=lambda call: casing.sql_upper(call.arguments[0]),
        js="upper",
        copies=4,
    ),
    FunctionSpec(
        name="LOWER",
        family="text",
        signature="LOWER(text)",
        help={
            "en": "The text in small letters.",
            "zh": "转换为小写。",
        },
        example="LOWER(name)",
        parameters=(_TEXT,),
        result=_is_text,
        python=casing.lower,
        sql=lambda call: casing.sql_lower(call.arguments[0]),
        js="lower",
        copies=4,
    ),
    FunctionSpec(
        name="PROPER",
        family="text",
        signature="PROPER(text)",
        help={
            "en": "The text with each word capitalised.",
            "zh": "每个单词首字母大写。",
        },
        example="PROPER(name)",
        parameters=(_TEXT,),
        result=_is_text,
        python=casing.proper,
        sql=lambda call: casing.sql_proper(call.arguments[0]),
        js="proper",
        copies=24,
    ),
    FunctionSpec(
        name="CONCAT",
        family="text",
        signature="CONCAT(text, …)",
        help={
            "en": "Texts one after the other; blanks are left out.",
            "zh": "依次连接文本，忽略空值。",
        },
        example='CONCAT(name, " / ", note)',
        parameters=(Parameter("text", "text", repeat=True),),
        result=_joined_type,
        python=lambda *parts: texts.join("", *parts),
        sql=concat_sql,
        js="concat",
        strict=False,
    ),
    FunctionSpec(
        name="JOIN",
        family="text",
        signature="JOIN(separator, text, …) or JOIN(lines.name, separator, condition)",
        help={
            "en": "Texts, or a collection's field in order, with a separator; blanks are left out.",
            "zh": "用分隔符连接文本或子表字段（按文本排序），忽略空值。",
        },
        example='JOIN("-", name, note)',
        parameters=(
            Parameter("separator", "text", literal=True),
            Parameter("text", "text", repeat=True),
        ),
        result=_joined_type,
        python=texts.join,
        sql=join_sql,
        js="join",
        strict=False,
        aggregate=True,
    ),
    FunctionSpec(
        name="REPLACE",
        family="text",
        signature="REPLACE(text, start, count, new)",
        help={
            "en": "The text with some characters, counted from 1, replaced.",
            "zh": "替换从第几个字符起的若干字符。",
        },
        example='REPLACE(name, 1, 2, "X")',
        parameters=(
            _TEXT,
            Parameter("start", "number"),
            Parameter("count", "number"),
            Parameter("new", "text"),
        ),
        result=_is_text,
        python=texts.overwrite,
        sql=overwrite_sql,
        js="replace",
        copies=4,
        lenient=frozenset({3}),
    ),
    FunctionSpec(
        name="SUBSTITUTE",
        family="text",
        signature="SUBSTITUTE(text, old, new)",
        help={
            "en": "The text with every occurrence of a part replaced.",
            "zh": "把文本中的某部分全部替换。",
        },
        example='SUBSTITUTE(name, "a", "b")',
        parameters=(_TEXT, Parameter("old", "text"), Parameter("new", "text")),
        result=_is_text,
        python=lambda value, old, new: value.replace(old, new or "") or None,
        sql=substitute_sql,
        js="substitute",
        lenient=frozenset({2}),
    ),
    FunctionSpec(
        name="FIND",
        family="text",
        signature="FIND(part, text)",
        help={
            "en": "Where a part first stands in a text, from 1; blank where it does not.",
            "zh": "部分文本首次出现的位置（从 1 数起），找不到为空。",
        },
        example='FIND("a", name)',
        parameters=(_PART, _TEXT),
        result=_is_count,
        python=texts.find,
        sql=find_sql,
        js="find",
    ),
    FunctionSpec(
        name="CONTAINS",
        family="text",
        signature="CONTAINS(text, part)",
        help={
            "en": "True where a text contains a part, in capitals or not.",
            "zh": "文本包含某部分时为真，不分大小写。",
        },
        example='CONTAINS(name, "ac")',
        parameters=(_TEXT, _PART),
        result=_is_condition,
        python=lambda value, part: casing.lower(part) in casing.lower(value),
        sql=contains_sql,
        js="contains",
        copies=4,
        blank=False,
    ),
    FunctionSpec(
        name="STARTSWITH",
        family="text",
        signature="STARTSWITH(text, part)",
        help={
            "en": "True where a text starts with a part, in capitals or not.",
            "zh": "文本以某部分开头时为真，不分大小写。",
        },
        example='STARTSWITH(name, "ac")',
        parameters=(_TEXT, _PART),
        result=_is_condition,
        python=lambda value, part: casing.lower(value).startswith(casing.lower(part)),
        sql=starts_sql,
        js="startsWith",
        copies=4,
        blank=False,
    ),
    FunctionSpec(
        name="ENDSWITH",
        family="text",
        signature="ENDSWITH(text, part)",
        help={
            "en": "True where a text ends with a part, in capitals or not.",
            "zh": "文本以某部分结尾时为真，不分大小写。",
        },
        example='ENDSWITH(name, "ac")',
        parameters=(_TEXT, _PART),
        result=_is_condition,
        python=lambda value, part: casing.lower(value).endswith(casing.lower(part)),
        sql=ends_sql,
        js="endsWith",
        copies=8,
        blank=False,
    ),
)
