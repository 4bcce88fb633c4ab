"""Functions of numbers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from sqlalchemy import Numeric, func

from formula import numbers
from formula.conversions import DIVISION_SCALE, arithmetic, name_of_type
from formula.conversions import Numeric as NumericType
from formula.functions.logic import common
from formula.functions.number_sql import (
    away_sql,
    bucket_sql,
    down_sql,
    power_sql,
    root_sql,
    round_sql,
    sql_remainder,
    to_number_sql,
    toward_zero_sql,
    up_sql,
)
from formula.functions.spec import FunctionSpec, Parameter, Site, whole
from formula.typed import Constant
from formula.types import BooleanType, ChoiceType, NumberType, RecordType, ValueType

_NUMBER = Parameter("number", "number")

_DIGITS = Parameter("digits", "number", whole(0), literal=True)

_STEP = Parameter("step", "number", whole(1))

_MOST_DIGITS = 20


def _own(site: Site) -> ValueType:
    return site.arguments[0].type


def _rounded(site: Site) -> ValueType | None:
    """Return the argument's type at the scale that is asked for."""
    kind = cast(NumericType, site.arguments[0].type)
    digits = cast(Constant, site.arguments[1]).value
    if not isinstance(digits, Decimal) or digits % 1 or abs(digits) > _MOST_DIGITS:
        site.refuse(
            "bad_digits",
            f"digits is a whole number from -{_MOST_DIGITS} to {_MOST_DIGITS}",
            "write ROUND(number, 2)",
            at=site.arguments[1].span,
        )
        return None
    scale = max(int(digits), 0)
    if scale >= kind.scale and digits >= 0:
        return kind
    return replace(kind, digits=max(kind.digits + 1, 1 - int(digits)), scale=scale)


def _stepped(site: Site) -> ValueType:
    number, step = (cast(NumericType, argument.type) for argument in site.arguments)
    return NumberType(max(number.digits, step.digits) + 1, max(number.scale, step.scale))


def _power(site: Site) -> ValueType | None:
    base = cast(NumericType, site.arguments[0].type)
    exponent = cast(Constant, site.arguments[1]).value
    if not isinstance(exponent, Decimal) or exponent % 1 or abs(exponent) > 9:  # noqa: PLR2004
        site.refuse(
            "bad_exponent",
            "the exponent of POWER is a whole number from -9 to 9",
            "write SQRT(x) for a root",
            at=site.arguments[1].span,
        )
        return None
    times = int(abs(exponent))
    digits = base.scale * times + 1 if exponent < 0 else base.digits * times
    return NumberType(max(digits, 1), DIVISION_SCALE)


def power(base: Decimal, exponent: Decimal) -> Decimal | None:
    """Return a whole power, rounded to 12 decimals; blank for a negative power of 0."""
    found = numbers.power(base, abs(exponent))
    if exponent < 0:
        return numbers.divide(Decimal(1), found)
    return numbers.rounded(found, DIVISION_SCALE)


def to_number(text: str) -> Decimal | None:
    """Return the number that text spells: digits, one point, a sign, thousands commas."""
    compact = text.strip(" ")
    unsigned = compact[1:] if compact[:1] in ("-", "+") else compact
    whole_part, point, decimals = unsigned.partition(".")
    if point and not _plain_digits(decimals):
        return None
    groups = whole_part.split(",")
    if len(groups) > 1 and not (
        1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])  # noqa: PLR2004
    ):
        return None
    if not _plain_digits("".join(groups)) or not all(groups):
        return None
    try:
        number = Decimal(compact.replace(",", ""))
    except InvalidOperation:
        return None
    return numbers.fit(number, 20, 10)


def _plain_digits(text: str) -> bool:
    return text != "" and all("0" <= character <= "9" for character in text)


def up(number: Decimal, step: Decimal) -> Decimal | None:
    """Return the smallest multiple of `step` that is not below `number`."""
    rest = numbers.remainder(number, step.copy_abs())
    if rest is None:
        return None
    return number if not rest else numbers.add(numbers.subtract(number, rest), step.copy_abs())


def down(number: Decimal, step: Decimal) -> Decimal | None:
    """Return the largest multiple of `step` that is not above `number`."""
    rest = numbers.remainder(number, step.copy_abs())
    return None if rest is None else numbers.subtract(number, rest)


def smallest(*values: Any) -> Any:
    """Return the smallest value that is not blank."""
    return min((value for value in values if value is not None), default=None)


def largest(*values: Any) -> Any:
    """Return the largest value that is not blank."""
    return max((value for value in values if value is not None), default=None)


def bucket(number: Decimal, *limits: Decimal) -> Decimal | None:
    """Return the largest limit that is not above `number`."""
    return max((limit for limit in limits if limit <= number), default=None)


def _limits(site: Site) -> ValueType:
    limits = [cast(NumericType, node.type) for node in site.arguments[1:]]
    return NumberType(max(kind.digits for kind in limits), max(kind.scale for kind in limits))


def _comparable(site: Site) -> ValueType | None:
    kind = common(site)
    if isinstance(kind, ChoiceType | BooleanType | RecordType):
        site.refuse("no_order", f"{name_of_type(kind)} has no order")
        return None
    return kind


NUMBER = (
    FunctionSpec(
        name="ABS",
        family="number",
        signature="ABS(number)",
        help={
            "en": "The number without its sign.",
            "zh": "数字的绝对值。",
        },
        example="ABS(amount)",
        parameters=(_NUMBER,),
        result=_own,
        python=numbers.EXACT.abs,
        sql=lambda call: func.abs(call.arguments[0], type_=Numeric()),
        js="abs",
    ),
    FunctionSpec(
        name="SIGN",
        family="number",
        signature="SIGN(number)",
        help={
            "en": "-1, 0 or 1 by the sign of the number.",
            "zh": "按正负号返回 -1、0 或 1。",
        },
        example="SIGN(amount)",
        parameters=(_NUMBER,),
        result=lambda site: NumberType(1, 0),
        python=lambda number: Decimal((number > 0) - (number < 0)),
        sql=lambda call: func.sign(call.arguments[0], type_=Numeric()),
        js="sign",
    ),
    FunctionSpec(
        name="ROUND",
        family="number",
        signature="ROUND(number, digits)",
        help={
            "en": "Rounded to so many decimals, halves away from zero.",
            "zh": "四舍五入到指定小数位。",
        },
        example="ROUND(amount * 13%, 2)",
        parameters=(_NUMBER, _DIGITS),
        result=_rounded,
        python=lambda number, digits: numbers.rounded(number, int(digits)),
        sql=round_sql,
        js="round",
    ),
    FunctionSpec(
        name="ROUNDUP",
        family="number",
        signature="ROUNDUP(number, digits)",
        help={
            "en": "Rounded away from zero.",
            "zh": "向远离零的方向舍入。",
        },
        example="ROUNDUP(amount, 0)",
        parameters=(_NUMBER, _DIGITS),
        result=_rounded,
        python=lambda number, digits: numbers.rounded(number, int(digits), numbers.UP),
        sql=away_sql,
        js="roundUp",
        copies=3,
    ),
    FunctionSpec(
        name="ROUNDDOWN",
        family="number",
        signature="ROUNDDOWN(number, digits)",
        help={
            "en": "Rounded toward zero.",
            "zh": "向零的方向舍入。",
        },
        example="ROUNDDOWN(amount, 0)",
        parameters=(_NUMBER, _DIGITS),
        result=_rounded,
        python=lambda number, digits: numbers.rounded(number, int(digits), numbers.DOWN),
        sql=toward_zero_sql,
        js="roundDown",
    ),
    FunctionSpec(
        name="CEILING",
        family="number",
        signature="CEILING(number, step)",
        help={
            "en": "The smallest multiple of a step that is not below the number.",
            "zh": "不小于该数的最小倍数。",
        },
        example="CEILING(amount, 100)",
        parameters=(_NUMBER, _STEP),
        result=_stepped,
        python=up,
        sql=up_sql,
        js="ceiling",
        copies=6,
    ),
    FunctionSpec(
        name="FLOOR",
        family="number",
        signature="FLOOR(number, step)",
        help={
            "en": "The largest multiple of a step that is not above the number.",
            "zh": "不大于该数的最大倍数。",
        },
        example="FLOOR(amount, 100)",
        parameters=(_NUMBER, _STEP),
        result=_stepped,
        python=down,
        sql=down_sql,
        js="floor",
        copies=3,
    ),
    FunctionSpec(
        name="MOD",
        family="number",
        signature="MOD(number, divisor)",
        help={
            "en": "The remainder of a division, with the sign of the divisor.",
            "zh": "除法的余数，符号与除数相同。",
        },
        example="MOD(quantity, 12)",
        parameters=(_NUMBER, Parameter("divisor", "number")),
        result=lambda site: arithmetic(
            "%", *(cast(NumericType, node.type) for node in site.arguments)
        ),
        python=numbers.remainder,
        sql=lambda call: sql_remainder(*call.arguments),
        js="remainder",
        copies=3,
    ),
    FunctionSpec(
        name="POWER",
        family="number",
        signature="POWER(number, exponent)",
        help={
            "en": "The number multiplied with itself; the exponent is a whole number from -9 to 9.",
            "zh": "数字的整数次幂，指数为 -9 到 9。",
        },
        example="POWER(1 + discount, 3)",
        parameters=(_NUMBER, Parameter("exponent", "number", literal=True)),
        result=_power,
        python=power,
        sql=power_sql,
        js="power",
        copies=9,
    ),
    FunctionSpec(
        name="SQRT",
        family="number",
        signature="SQRT(number)",
        help={
            "en": "The square root, to 12 decimals; blank below zero.",
            "zh": "平方根，保留 12 位小数；负数为空。",
        },
        example="SQRT(amount)",
        parameters=(_NUMBER,),
        result=lambda site: NumberType(
            cast(NumericType, site.arguments[0].type).digits // 2 + 1, DIVISION_SCALE
        ),
        python=numbers.root,
        sql=root_sql,
        js="sqrt",
        copies=2,
    ),
    FunctionSpec(
        name="NUMBER",
        family="number",
        signature="NUMBER(text)",
        help={
            "en": "The number that a text spells; blank where it spells none.",
            "zh": "把文本转换为数字，无法转换时为空。",
        },
        example='NUMBER("1,234.50")',
        parameters=(Parameter("text", "text"),),
        result=lambda site: NumberType(20, 10),
        python=to_number,
        sql=to_number_sql,
        js="number",
        copies=5,
    ),
    FunctionSpec(
        name="BUCKET",
        family="number",
        signature="BUCKET(number, limit, …)",
        help={
            "en": "The largest of the limits that is not above the number; blank below them all.",
            "zh": "返回不大于该数的最大界限；小于所有界限时为空。",
        },
        example="BUCKET(amount, 0, 1000, 10000)",
        parameters=(_NUMBER, Parameter("limit", "number", literal=True, repeat=True)),
        result=_limits,
        python=bucket,
        sql=bucket_sql,
        js="bucket",
        copies=2,
    ),
    FunctionSpec(
        name="MIN",
        family="number",
        signature="MIN(value, …) or MIN(lines.amount, condition)",
        help={
            "en": "The smallest of several values, or of a collection's field; blanks are skipped.",
            "zh": "多个值或子表字段中的最小值，忽略空值。",
        },
        example="MIN(amount, 100)",
        parameters=(Parameter("value", "any", repeat=True),),
        result=_comparable,
        python=smallest,
        sql=lambda call: func.least(*call.arguments, type_=call.arguments[0].type),
        js="min",
        strict=False,
        aggregate=True,
    ),
    FunctionSpec(
        name="MAX",
        family="number",
        signature="MAX(value, …) or MAX(lines.amount, condition)",
        help={
            "en": "The largest of several values, or of a collection's field; blanks are skipped.",
            "zh": "多个值或子表字段中的最大值，忽略空值。",
        },
        example="MAX(amount, 100)",
        parameters=(Parameter("value", "any", repeat=True),),
        result=_comparable,
        python=largest,
        sql=lambda call: func.greatest(*call.arguments, type_=call.arguments[0].type),
        js="max",
        strict=False,
        aggregate=True,
    ),
)
