"""Functions that choose between values."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func

from formula.conversions import common_type, name_of_type
from formula.functions.spec import FunctionSpec, Parameter, Site, SqlCall
from formula.typed import Call, Conditional, Constant, Node, Operation
from formula.types import BlankType, BooleanType, ListType, ValueType


def common(site: Site) -> ValueType | None:
    """Return the type that all arguments share, or note that there is none."""
    kind: ValueType = BlankType()
    for argument in site.arguments:
        wider = common_type(kind, argument.type)
        if wider is None:
            site.refuse(
                "mixed_types",
                f"{name_of_type(kind)} before, {name_of_type(argument.type)} here",
                "give values of one kind",
                at=argument.span,
            )
            return None
        kind = wider
    return kind


def _is_blank(site: Site) -> Node | None:
    if isinstance(site.arguments[0].type, ListType):
        return Call("ISEMPTY", site.arguments, BooleanType(), site.span)
    blank = Constant(None, BlankType(), site.span)
    return site.compare("==", site.arguments[0], blank)


def _between(site: Site) -> Node | None:
    value, low, high = site.arguments
    above, below = site.compare(">=", value, low), site.compare("<=", value, high)
    if above is None or below is None:
        return None
    return Operation("and", (above, below), BooleanType(), site.span)


def _ladder(site: Site, pairs: list[tuple[Node, Node]], last: Node) -> Node | None:
    """Return the first value whose condition holds, else the last."""
    found = last
    for condition, value in reversed(pairs):
        if isinstance(found.type, BlankType) and isinstance(value.type, BooleanType):
            found = Constant(False, BooleanType(), site.span)
        kind = common_type(value.type, found.type)
        if kind is None:
            site.refuse(
                "mixed_types",
                f"one value is {name_of_type(value.type)}, another {name_of_type(found.type)}",
                "give values of one kind",
                at=value.span,
            )
            return None
        found = Conditional(condition, value, found, kind, site.span)
    return found


def _ifs(site: Site) -> Node | None:
    given = site.arguments
    pairs = [(given[index], given[index + 1]) for index in range(0, len(given) - 1, 2)]
    for condition, _ in pairs:
        if not isinstance(condition.type, BooleanType):
            site.refuse(
                "not_a_condition",
                f"expected true or false, found {name_of_type(condition.type)}",
                "write IFS(condition, value, condition, value, otherwise)",
                at=condition.span,
            )
            return None
    last = given[-1] if len(given) % 2 else Constant(None, BlankType(), site.span)
    return _ladder(site, pairs, last)


def _switch(site: Site) -> Node | None:
    subject, *given = site.arguments
    pairs: list[tuple[Node, Node]] = []
    for index in range(0, len(given) - 1, 2):
        test = site.compare("==", subject, given[index])
        if test is None:
            return None
        pairs.append((test, given[index + 1]))
    last = given[-1] if len(given) % 2 else Constant(None, BlankType(), site.span)
    return _ladder(site, pairs, last)


def coalesce(*values: object) -> object:
    """Return the first value that is not blank."""
    return next((value for value in values if value is not None), None)


def _coalesce_sql(call: SqlCall) -> ColumnElement[Any]:
    return func.coalesce(*call.arguments, type_=call.arguments[0].type)


_CONDITION = Parameter("condition", "boolean")
_VALUE = Parameter("value", "any")
_MORE = Parameter("value", "any", optional=True, repeat=True)

LOGIC = (
    FunctionSpec(
        name="IF",
        family="logic",
        signature="IF(condition, then, otherwise)",
        help={
            "en": "One value where a condition holds, else another (blank when left out).",
            "zh": "条件成立时返回第一个值，否则返回第二个（省略则为空）。",
        },
        example='IF(amount > 1000, "large", "small")',
        parameters=(_CONDITION, _VALUE, Parameter("otherwise", "any", optional=True)),
        syntax=True,
    ),
    FunctionSpec(
        name="IFS",
        family="logic",
        signature="IFS(condition, value, …, otherwise)",
        help={
            "en": "The value of the first condition that holds; a last one alone is for all else.",
            "zh": "返回第一个成立的条件所对应的值；末尾单独一个值表示其余情况。",
        },
        example='IFS(amount > 1000, "large", amount > 100, "medium", "small")',
        parameters=(_CONDITION, _VALUE, _MORE),
        lower=_ifs,
    ),
    FunctionSpec(
        name="SWITCH",
        family="logic",
        signature="SWITCH(value, case, result, …, otherwise)",
        help={
            "en": "The result of the first case that is equal; a last one alone is for all else.",
            "zh": "返回与值相等的第一个情形的结果；末尾单独一个表示其余情况。",
        },
        example='SWITCH(kind, "machine", 13%, "service", 6%, 0%)',
        parameters=(_VALUE, Parameter("case", "any"), Parameter("result", "any"), _MORE),
        lower=_switch,
    ),
    FunctionSpec(
        name="AND",
        family="logic",
        signature="AND(condition, …)",
        help={"en": "True where all conditions hold.", "zh": "所有条件都成立时为真。"},
        example='AND(amount > 100, kind == "machine")',
        parameters=(Parameter("condition", "boolean", repeat=True),),
        syntax=True,
    ),
    FunctionSpec(
        name="OR",
        family="logic",
        signature="OR(condition, …)",
        help={"en": "True where at least one condition holds.", "zh": "至少一个条件成立时为真。"},
        example='OR(amount > 100, kind == "machine")',
        parameters=(Parameter("condition", "boolean", repeat=True),),
        syntax=True,
    ),
    FunctionSpec(
        name="NOT",
        family="logic",
        signature="NOT(condition)",
        help={"en": "True where the condition does not hold.", "zh": "条件不成立时为真。"},
        example='NOT(kind == "machine")',
        parameters=(_CONDITION,),
        syntax=True,
    ),
    FunctionSpec(
        name="ISBLANK",
        family="logic",
        signature="ISBLANK(value)",
        help={"en": "True where a value is blank.", "zh": "值为空时为真。"},
        example="ISBLANK(due)",
        parameters=(Parameter("value", "content"),),
        lower=_is_blank,
    ),
    FunctionSpec(
        name="COALESCE",
        family="logic",
        signature="COALESCE(value, …)",
        help={"en": "The first value that is not blank.", "zh": "返回第一个非空的值。"},
        example="COALESCE(discount, 0)",
        parameters=(_VALUE, _MORE),
        result=common,
        python=coalesce,
        sql=_coalesce_sql,
        js="coalesce",
        strict=False,
    ),
    FunctionSpec(
        name="BETWEEN",
        family="logic",
        signature="BETWEEN(value, low, high)",
        help={
            "en": "True where a value lies between two others, both included.",
            "zh": "值介于两者之间（含两端）时为真。",
        },
        example="BETWEEN(amount, 100, 200)",
        parameters=(_VALUE, Parameter("low", "any"), Parameter("high", "any")),
        lower=_between,
    ),
)
