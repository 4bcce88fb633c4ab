"""SQL that turns a column of one field type into another: NULL where a value does not convert.

Every expression is total: it never raises, whatever the text holds, so that a plan can count
what does not convert and a publish fills the new column with the very same expression.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.schema.names import quoted
from formula.types import (
    BooleanType,
    ChoiceType,
    DateTimeType,
    DateType,
    ListType,
    NumberType,
    PercentType,
    TextType,
    ValueType,
)
from metamodel.model import Field

_DATE = r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}$"

_TRUE = ("true", "yes", "1", "是", "对")

_FALSE = ("false", "no", "0", "否", "错")


def conversion(old: Field, new: Field, *, zone: str) -> str | None:
    """Return the expression over the old column, or None where nothing converts."""
    source, target = old.value_type, new.value_type
    column = quoted(old.column)
    if source is None or target is None:
        return column if old.type == new.type else None
    if isinstance(target, NumberType | PercentType):
        return _to_number(column, source, target)
    match source, target:
        case ((TextType() | ChoiceType()), ChoiceType()):
            return _to_choice(column, new)
        case ((TextType() | ChoiceType()), TextType()):
            return column
        case ((TextType() | ChoiceType()), ListType(item=TextType() | ChoiceType())):
            return _to_list(column, new)
        case ListType(), (TextType() | ChoiceType()):
            return f"CASE WHEN cardinality({column}) = 1 THEN {column}[1] END"
        case _:
            return _to_plain(column, source, target, zone)


def _to_plain(column: str, source: ValueType, target: ValueType, zone: str) -> str | None:
    match source, target:
        case ((NumberType() | PercentType()), TextType()):
            return f"trim_scale({column})::text"
        case ((DateType() | BooleanType()), TextType()):
            return f"{column}::text"
        case TextType(), BooleanType():
            text = f"lower(btrim({column}))"
            return (
                f"CASE WHEN {text} IN ({_literals(_TRUE)}) THEN true "
                f"WHEN {text} IN ({_literals(_FALSE)}) THEN false END"
            )
        case TextType(), DateType():
            return _to_date(column)
        case DateTimeType(), DateType():
            return f"({column} AT TIME ZONE {literal(zone)})::date"
        case DateType(), DateTimeType():
            return f"({column}::timestamp AT TIME ZONE {literal(zone)})"
        case DateTimeType(), TextType():
            return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        case _:
            return column if type(source) is type(target) else None


def _to_number(column: str, source: ValueType, target: NumberType | PercentType) -> str | None:
    limit = f"{10**target.digits}::numeric"
    if isinstance(source, NumberType | PercentType):
        rounded = f"round({column}, {target.scale})"
        return f"CASE WHEN abs({rounded}) < {limit} THEN {rounded} END"
    if isinstance(source, BooleanType):
        return f"CASE WHEN {column} THEN 1 ELSE 0 END::numeric"
    if not isinstance(source, TextType | ChoiceType):
        return None
    text = f"replace(btrim({column}), ',', '')"
    number = f"round({text}::numeric, {target.scale})"
    plain = f"CASE WHEN {text} ~ '^[-+]?[0-9]{{1,30}}([.][0-9]{{1,30}})?$'"
    fits = f"{plain} THEN CASE WHEN abs({number}) < {limit} THEN {number} END"
    if isinstance(target, NumberType):
        return f"{fits} END"
    share = f"round(rtrim({text}, '%')::numeric / 100, {target.scale})"
    percent = f"WHEN {text} ~ '^[-+]?[0-9]{{1,4}}([.][0-9]{{1,30}})?%$' THEN {share}"
    return f"{fits} {percent} END"


def _to_date(column: str) -> str:
    text = f"btrim({column})"
    parts = f"regexp_split_to_array({text}, '[-/.]')"
    year, month, day = (f"({parts})[{index}]::int" for index in (1, 2, 3))
    last = f"extract(day FROM make_date({year}, {month}, 1) + interval '1 month - 1 day')"
    return (
        f"CASE WHEN {text} ~ {literal(_DATE)} THEN CASE WHEN {year} > 0 AND {month} BETWEEN 1 "
        f"AND 12 THEN CASE WHEN {day} BETWEEN 1 AND {last} "
        f"THEN make_date({year}, {month}, {day}) END END END"
    )


def _to_choice(column: str, new: Field) -> str:
    """An option is met by its code or by its label in any language."""
    whens = " ".join(
        f"WHEN {literal(spelling)} THEN {literal(code)}"
        for spelling, code in _spellings(new).items()
    )
    return f"CASE btrim({column}) {whens} END" if whens else "NULL::text"


def _to_list(column: str, new: Field) -> str:
    """One text becomes the list of it; several are told apart by commas of either width."""
    if not new.options:
        return f"regexp_split_to_array(btrim({column}), '\\s*[,，;；]\\s*')"
    return (
        f"CASE WHEN {_to_choice(column, new)} IS NOT NULL THEN ARRAY[{_to_choice(column, new)}] END"
    )


def _spellings(field: Field) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for option in field.options.values():
        for spelling in (option.key, option.name, *option.label.texts.values()):
            found.setdefault(spelling, option.key)
    return found


def _literals(values: tuple[str, ...]) -> str:
    return ", ".join(literal(value) for value in values)


def literal(value: str) -> str:
    """Return a text as an SQL literal; standard_conforming_strings is always on."""
    return "'" + value.replace("'", "''") + "'"
