"""Functions of text. Positions and lengths count characters (code points), from 1."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from sqlalchemy import ColumnElement, Integer, Numeric, Text, case, func, literal_column, null
from sqlalchemy import cast as cast_to

from formula import casing, patterns
from formula.functions.spec import FunctionSpec, Parameter, Site, SqlCall, text, whole
from formula.typed import Constant
from formula.types import BooleanType, DateTimeType, DateType, NumberType, TextType, ValueType

_TEXT = Parameter("text", "text")
_PART = Parameter("part", "text")
_COUNT = Parameter("count", "number", whole(1))
_SPACES = " \t\n\r\u3000\u00a0"
_FAR = 1_000_000
_NOTHING = literal_column("''", Text())

Sql = ColumnElement[Any]


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


def left(value: str, count: Decimal) -> str | None:
    """Return the first characters."""
    return value[: max(int(count), 0)] or None


def right(value: str, count: Decimal) -> str | None:
    """Return the last characters."""
    return value[max(len(value) - max(int(count), 0), 0) :] or None


def middle(value: str, start: Decimal, count: Decimal) -> str | None:
    """Return `count` characters from `start`; blank where `start` is before the first."""
    if start < 1 or count < 1:
        return None
    return value[int(start) - 1 : int(start) - 1 + int(count)] or None


def overwrite(value: str, start: Decimal, count: Decimal, new: str | None) -> str | None:
    """Return the text with `count` characters from `start` replaced."""
    if start < 1 or count < 0:
        return None
    first = int(start) - 1
    return value[:first] + (new or "") + value[first + int(count) :] or None


def find(part: str, value: str) -> Decimal | None:
    """Return where `part` first stands; blank where it does not."""
    at = value.find(part)
    return None if at < 0 else Decimal(at + 1)


def pad(value: str, length: Decimal, fill: str, side: str) -> str:
    """Return the text filled up to a length; longer text stays whole."""
    return value.rjust(int(length), fill) if side == "left" else value.ljust(int(length), fill)


def mask(value: str, start: Decimal, end: Decimal) -> str:
    """Return the text with all but its ends hidden; short text is hidden whole."""
    hidden = len(value) - int(start) - int(end)
    if hidden <= 0:
        return "*" * len(value)
    return value[: int(start)] + "*" * hidden + value[len(value) - int(end) :]


def join(separator: str | None, *parts: str | None) -> str | None:
    """Return the parts that are not blank, with a separator between them."""
    return (separator or "").join(part for part in parts if part is not None) or None


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


def _formatted(moment: Any, value: Any, pattern: str) -> str:
    return patterns.format_value(value, pattern, moment.zone)


def _integer(value: Sql) -> Sql:
    bounded = func.least(
        func.greatest(value, literal_column(str(-_FAR))), literal_column(str(_FAR))
    )
    return cast_to(bounded, Integer())


def _not_empty(value: Sql) -> Sql:
    return func.nullif(value, _NOTHING, type_=Text())


def _left_sql(call: SqlCall) -> Sql:
    value, count = call.arguments
    return _not_empty(func.left(value, func.greatest(_integer(count), literal_column("0"))))


def _right_sql(call: SqlCall) -> Sql:
    value, count = call.arguments
    return _not_empty(func.right(value, func.greatest(_integer(count), literal_column("0"))))


def _middle_sql(call: SqlCall) -> Sql:
    value, start, count = call.arguments
    inside = (start >= literal_column("1")) & (count >= literal_column("1"))
    cut = func.substr(
        value, func.greatest(_integer(start), literal_column("1")),
        func.greatest(_integer(count), literal_column("0")),
    )  # fmt: skip
    return case((inside, _not_empty(cut)), else_=null())


def _overwrite_sql(call: SqlCall) -> Sql:
    value, start, count, new = call.arguments
    first = func.greatest(_integer(start), literal_column("1"))
    skipped = func.greatest(_integer(count), literal_column("0"))
    whole_text = func.concat(
        func.left(value, first - literal_column("1")), new, func.substr(value, first + skipped)
    )
    inside = (start >= literal_column("1")) & (count >= literal_column("0")) & value.is_not(null())
    return case((inside, _not_empty(whole_text)), else_=null())


def _substitute_sql(call: SqlCall) -> Sql:
    value, old, new = call.arguments
    return _not_empty(func.replace(value, old, func.coalesce(new, _NOTHING)))


def _find_sql(call: SqlCall) -> Sql:
    part, value = call.arguments
    at = cast_to(func.strpos(value, part), Numeric())
    return func.nullif(at, literal_column("0"), type_=Numeric())


def _pad_sql(call: SqlCall) -> Sql:
    value, length = call.arguments[0], literal_column(str(int(call.literal(1))))
    filled = (func.lpad if call.literal(3) == "left" else func.rpad)(
        value, length, call.arguments[2], type_=Text()
    )
    return case((func.char_length(value) >= length, value), else_=filled)


def _mask_sql(call: SqlCall) -> Sql:
    value, start, end = call.arguments[0], int(call.literal(1)), int(call.literal(2))
    length = func.char_length(value)
    star = literal_column("'*'", Text())
    kept = literal_column(str(start + end))
    ends = func.concat(
        func.left(value, literal_column(str(start))),
        func.repeat(star, length - kept),
        func.right(value, literal_column(str(end))),
        type_=Text(),
    )
    return case((length > kept, ends), else_=func.repeat(star, length))


def _concat_sql(call: SqlCall) -> Sql:
    return _not_empty(func.concat(*call.arguments, type_=Text()))


def _join_sql(call: SqlCall) -> Sql:
    separator, *parts = call.arguments
    return _not_empty(func.concat_ws(func.coalesce(separator, _NOTHING), *parts, type_=Text()))


def _trim_sql(call: SqlCall) -> Sql:
    spaces = literal_column("E' \\t\\n\\r\\u3000\\u00a0'", Text())
    return _not_empty(func.btrim(call.arguments[0], spaces))


def _folded(call: SqlCall) -> tuple[Sql, Sql]:
    """Return text and part in lower case; a part that is written out needs few mappings."""
    value, part = call.arguments
    node = call.nodes[1]
    if isinstance(node, Constant) and isinstance(node.value, str):
        lowered = casing.lower(node.value)
        needle = Constant(lowered, TextType(), node.span)
        return casing.sql_lower_for(value, lowered), call.constant(needle)
    return casing.sql_lower(value), casing.sql_lower(part)


def _contains_sql(call: SqlCall) -> Sql:
    value, part = _folded(call)
    return func.strpos(value, part) > literal_column("0")


def _starts_sql(call: SqlCall) -> Sql:
    value, part = _folded(call)
    return func.starts_with(value, part)


def _ends_sql(call: SqlCall) -> Sql:
    value, part = _folded(call)
    return func.right(value, func.char_length(part)) == part


def _text_sql(call: SqlCall) -> Sql:
    value, pattern = call.arguments[0], str(call.literal(1))
    kind = call.nodes[0].type
    if isinstance(kind, DateTimeType):
        return patterns.sql_date(func.timezone(call.bind("zone"), value), pattern, with_time=True)
    if isinstance(kind, DateType):
        return patterns.sql_date(value, pattern, with_time=False)
    return patterns.sql_number(value, pattern)


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
        python=left,
        sql=_left_sql,
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
        python=right,
        sql=_right_sql,
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
        python=middle,
        sql=_middle_sql,
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
        sql=_trim_sql,
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
        python=lambda *parts: join("", *parts),
        sql=_concat_sql,
        js="concat",
        strict=False,
    ),
    FunctionSpec(
        name="JOIN",
        family="text",
        signature="JOIN(separator, text, …) or JOIN(lines.name, separator, condition)",
        help={
            "en": "Texts, or a field over a collection in the order of its text, with a separator between; blanks are left out.",
            "zh": "用分隔符连接文本或子表字段（按文本排序），忽略空值。",
        },
        example='JOIN("-", name, note)',
        parameters=(
            Parameter("separator", "text", literal=True),
            Parameter("text", "text", repeat=True),
        ),
        result=_joined_type,
        python=join,
        sql=_join_sql,
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
        python=overwrite,
        sql=_overwrite_sql,
        js="replace",
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
        sql=_substitute_sql,
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
        python=find,
        sql=_find_sql,
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
        sql=_contains_sql,
        js="contains",
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
        sql=_starts_sql,
        js="startsWith",
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
        sql=_ends_sql,
        js="endsWith",
        blank=False,
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
        sql=_text_sql,
        js="text",
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
        python=pad,
        sql=_pad_sql,
        js="pad",
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
        python=mask,
        sql=_mask_sql,
        js="mask",
    ),
)
