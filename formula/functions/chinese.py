"""Functions for Chinese: text read as pinyin, money in capitals."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, func

from formula.functions.spec import FunctionSpec, Parameter, Site, SqlCall, text
from formula.library import SCHEMA
from formula.pinyin import pinyin
from formula.rmb import rmb_upper
from formula.types import TextType, ValueType

_SCHEMA = getattr(func, SCHEMA)


def _is_text(site: Site) -> ValueType:
    return TextType()


def _pinyin_sql(call: SqlCall) -> ColumnElement[Any]:
    said = _SCHEMA.formula_pinyin(*call.arguments, type_=Text())
    return func.nullif(said, "", type_=Text())


def _rmb_sql(call: SqlCall) -> ColumnElement[Any]:
    found: ColumnElement[Any] = _SCHEMA.formula_rmb_upper(*call.arguments, type_=Text())
    return found


CHINESE = (
    FunctionSpec(
        name="PINYIN",
        family="text",
        signature="PINYIN(text, style)",
        help={
            "en": "Chinese read as pinyin without tones: joined, spaced, or the initials alone.",
            "zh": "汉字转为不带声调的拼音：连写、分写（spaced）或只取首字母（initials）。",
        },
        example='PINYIN("重庆液压泵", "initials")',
        parameters=(
            Parameter("text", "text"),
            Parameter(
                "style", "text", text("joined"), literal=True,
                choices=("joined", "spaced", "initials"),
            ),
        ),
        result=_is_text,
        python=pinyin,
        sql=_pinyin_sql,
        js="pinyin",
    ),
    FunctionSpec(
        name="RMBUPPER",
        family="text",
        signature="RMBUPPER(amount)",
        help={
            "en": "An amount of money in Chinese capitals, rounded to cents.",
            "zh": "金额的中文大写，四舍五入到分。",
        },
        example="RMBUPPER(12300)",
        parameters=(Parameter("amount", "number"),),
        result=_is_text,
        python=rmb_upper,
        sql=_rmb_sql,
        js="rmbUpper",
    ),
)  # fmt: skip
