"""Which value types fit which, and the bounds that operators give to numbers."""

from __future__ import annotations

from formula.types import (
    BlankType,
    BooleanType,
    ChoiceType,
    ListType,
    NumberType,
    PercentType,
    RecordType,
    TextType,
    ValueType,
    type_names,
)

Numeric = NumberType | PercentType

DIVISION_SCALE = 12
"""Decimals that a quotient is rounded to."""


def name_of_type(kind: ValueType) -> str:
    """Return the word that messages use for a type."""
    return type_names[type(kind).__name__]


def is_numeric(kind: ValueType) -> bool:
    """Say whether values of `kind` are decimals."""
    return isinstance(kind, NumberType | PercentType)


def is_textual(kind: ValueType) -> bool:
    """Say whether values of `kind` are text, codes included."""
    return isinstance(kind, TextType | ChoiceType)


def never_blank(kind: ValueType) -> bool:
    """Say whether a value of `kind` is always there."""
    return isinstance(kind, BooleanType)


def comparable(left: ValueType, right: ValueType) -> bool:
    """Say whether `==` between the two types can ever make sense."""
    if isinstance(left, BlankType) or isinstance(right, BlankType):
        return not never_blank(left) and not never_blank(right)
    if is_numeric(left) and is_numeric(right):
        return True
    if is_textual(left) and is_textual(right):
        return True
    if isinstance(left, RecordType) and isinstance(right, RecordType):
        return bool(set(left.entities) & set(right.entities)) or not (
            left.entities and right.entities
        )
    return type(left) is type(right) and not isinstance(left, ListType)


def common_type(left: ValueType, right: ValueType) -> ValueType | None:
    """Return the narrowest type that holds values of both, or None where there is none."""
    if isinstance(left, BlankType):
        return right
    if isinstance(right, BlankType):
        return left
    if isinstance(left, NumberType | PercentType) and isinstance(right, NumberType | PercentType):
        digits = max(left.digits, right.digits)
        scale = max(left.scale, right.scale)
        both = isinstance(left, PercentType) and isinstance(right, PercentType)
        return PercentType(digits, scale) if both else NumberType(digits, scale)
    if isinstance(left, ChoiceType) and isinstance(right, ChoiceType):
        codes = tuple(dict.fromkeys((*left.codes, *right.codes)))
        named = left.names or right.names
        names = tuple(right.name_of(left.name_of(code)) for code in codes) if named else ()
        return ChoiceType(codes, names, tuple(dict.fromkeys((*left.former, *right.former))))
    if is_textual(left) and is_textual(right):
        return TextType()
    if isinstance(left, RecordType) and isinstance(right, RecordType):
        return RecordType(tuple(dict.fromkeys((*left.entities, *right.entities))))
    if isinstance(left, ListType) and isinstance(right, ListType):
        item = common_type(left.item, right.item)
        return None if item is None else ListType(item)
    return left if type(left) is type(right) else None


def assignable(value: ValueType, target: ValueType) -> bool:
    """Say whether a value of one type may stand where the other is expected.

    Numbers fit any number: they are rounded to its scale, and are blank beyond
    its digits.
    """
    if isinstance(value, BlankType):
        return not never_blank(target)
    if is_numeric(value) and is_numeric(target):
        return True
    if isinstance(target, TextType):
        return is_textual(value)
    if isinstance(value, ChoiceType) and isinstance(target, ChoiceType):
        return not target.codes or set(value.codes) <= set(target.codes)
    if isinstance(value, RecordType) and isinstance(target, RecordType):
        return not target.entities or set(value.entities) <= set(target.entities)
    if isinstance(value, ListType) and isinstance(target, ListType):
        return assignable(value.item, target.item)
    return type(value) is type(target)


def arithmetic(operator: str, left: Numeric, right: Numeric) -> Numeric:
    """Return the type, with bounds, of `left operator right`; `**` is not among them."""
    percents = (isinstance(left, PercentType), isinstance(right, PercentType))
    match operator:
        case "+" | "-":
            digits = max(left.digits, right.digits) + 1
            scale = max(left.scale, right.scale)
            return PercentType(digits, scale) if all(percents) else NumberType(digits, scale)
        case "*":
            digits, scale = left.digits + right.digits, left.scale + right.scale
            return PercentType(digits, scale) if all(percents) else NumberType(digits, scale)
        case "/":
            return NumberType(left.digits + right.scale, DIVISION_SCALE)
        case "//":
            return NumberType(left.digits + right.scale + 1, 0)
        case _:
            return NumberType(right.digits, max(left.scale, right.scale))
