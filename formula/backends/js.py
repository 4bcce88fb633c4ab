"""Typed tree to JavaScript: an arrow function over a record and the runtime of `runtime.ts`.

The text holds no user text except inside JSON strings, and is served in script
files, since pages forbid `eval`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import assert_never

from formula.calendars import Calendar, timetable
from formula.functions import SPECS
from formula.numbers import plain
from formula.scope import Binding, CollectionBinding, EntityBinding, FieldBinding, TableBinding
from formula.typed import (
    Aggregate,
    Call,
    Conditional,
    Constant,
    Items,
    Node,
    Operation,
    Read,
    Typed,
)
from formula.types import (
    BlankType,
    BooleanType,
    ChoiceType,
    DateTimeType,
    DateType,
    DurationType,
    ListType,
    NumberType,
    PercentType,
    RecordType,
    TextType,
    TimeType,
    ValueType,
)

_OPERATORS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "//": "floorDivide",
    "%": "remainder", "**": "raise", "&": "joinText", "negate": "negate", "==": "equal",
    "!=": "differ", "<": "less", "<=": "lessOrEqual", ">": "more", ">=": "moreOrEqual",
    "in": "member",
}  # fmt: skip
_FOLDS = {
    "SUM": "sum", "COUNT": "count", "COUNTDISTINCT": "countDistinct", "AVG": "average",
    "MIN": "lowest", "MAX": "highest", "FIRST": "first", "LAST": "last", "ANY": "any",
    "ALL": "all", "JOIN": "joinMembers",
}  # fmt: skip


def compile_js(typed: Typed) -> str:
    """Return `(r, rt) => value`: `r` reads the record, `rt` is the runtime.

    `r.read("customer.name")` returns a value as it is on the wire, and
    `r.rows("lines")` the members of a collection, each read the same way.
    """
    return f"(r, rt) => {_named(_js(typed.node, 0), typed.type)}"


def _named(written: str, kind: ValueType) -> str:
    """Return a result as the browser knows it: choices by what they are called now."""
    if isinstance(kind, ChoiceType) and kind.names:
        return f"rt.look({_table(dict(zip(kind.codes, kind.names, strict=True)))}, {written}, null)"
    return written


def _js(node: Node, depth: int) -> str:
    match node:
        case Constant(value=value):
            return _constant(value)
        case Read(binding=binding):
            return _read(binding, depth)
        case Operation():
            return _operation(node, depth)
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return f"({_js(condition, depth)} ? {_js(then, depth)} : {_js(otherwise, depth)})"
        case Call():
            return _call(node, depth)
        case Items(items=items):
            return f"[{', '.join(_js(item, depth) for item in items)}]"
        case Aggregate():
            return _aggregate(node, depth)
        case _:
            assert_never(node)


def _constant(value: object) -> str:
    match value:
        case None | bool() | str():
            return _quoted(value)
        case Decimal():
            return f'rt.n("{plain(value)}")'
        case datetime():
            return f"rt.asInstant({_quoted(value.astimezone(UTC).isoformat())})"
        case date() | time():
            return _quoted(value.isoformat())
        case timedelta():
            return f'rt.asDuration("{plain(Decimal(value // timedelta(microseconds=1)) / 10**6)}")'
        case _:
            return _quoted(str(value))


def _quoted(value: object) -> str:
    """Return JSON that may also stand inside a script element."""
    return json.dumps(value).replace("<", "\\u003c")


def _record(binding: FieldBinding, depth: int) -> str:
    """Return the variable of the record that holds a value: members are r1, r2 … inside r."""
    if binding.root == "this" and depth > 0:
        depth -= 1
    elif binding.root != "record":
        depth = 0
    return f"r{depth}" if depth else "r"


def _read(binding: Binding, depth: int) -> str:
    match binding:
        case FieldBinding(path=path):
            read = f"{_record(binding, depth)}.read({_quoted('.'.join(path))})"
            return _converted(read, binding.type)
        case TableBinding(base=base, table=table):
            blank = "false" if isinstance(binding.type, BooleanType) else "null"
            return f"rt.look({_table(table)}, {_read(base, depth)}, {blank})"
        case EntityBinding(base=base):
            return f"rt.asText({_record(base, depth)}.entityOf({_quoted('.'.join(base.path))}))"
        case CollectionBinding():
            raise TypeError("a collection is not a value")
        case _:
            assert_never(binding)


def _table(table: Mapping[str, object]) -> str:
    pairs = (f"{_quoted(key)}: {_constant(value)}" for key, value in table.items())
    return f"{{{', '.join(pairs)}}}"


def _code(read: str, kind: ChoiceType) -> str:
    """Return the code of a choice, which the browser knows by what it is called now."""
    names = dict(zip(kind.names, kind.codes, strict=True))
    return f"rt.look({_table(dict(kind.former) | names)}, rt.asText({read}), null)"


def _converted(read: str, kind: ValueType) -> str:
    match kind:
        case ChoiceType(names=names) if names:
            return _code(read, kind)
        case ListType(item=ChoiceType(names=names) as item) if names:
            return f"rt.asList({read}, (code) => {_code('code', item)})"
        case ListType(item=item):
            return f"rt.asList({read}, rt.{_converter(item)})"
        case _:
            return f"rt.{_converter(kind)}({read})"


def _converter(kind: ValueType) -> str:
    match kind:
        case NumberType() | PercentType():
            return "asNumber"
        case BooleanType():
            return "asBoolean"
        case DateTimeType():
            return "asInstant"
        case DurationType():
            return "asDuration"
        case RecordType():
            return "asRecord"
        case TimeType():
            return "asTime"
        case TextType() | ChoiceType() | DateType() | BlankType() | ListType():
            return "asText"
        case _:
            assert_never(kind)


def _operation(node: Operation, depth: int) -> str:
    operands = [_js(operand, depth) for operand in node.operands]
    match node.operator:
        case "and":
            return f"({' && '.join(operands)})"
        case "or":
            return f"({' || '.join(operands)})"
        case "not":
            return f"!{operands[0]}"
        case operator:
            return f"rt.{_OPERATORS[operator]}({', '.join(operands)})"


def _call(node: Call, depth: int) -> str:
    spec = SPECS[node.function]
    arguments = [_js(argument, depth) for argument in node.arguments]
    function = f"rt.{spec.js}"
    if node.calendar is not None:
        function = f"rt.by({_tables(node.calendar)}, {function})"
    if not spec.strict or not arguments:
        return f"{function}({', '.join(arguments)})"
    if spec.lenient:
        places = ", ".join(str(place) for place in sorted(spec.lenient))
        return f"rt.lenient({function}, [{places}], {', '.join(arguments)})"
    guard = "rt.holds" if spec.blank is False else "rt.strict"
    return f"{guard}({function}, {', '.join(arguments)})"


def _tables(calendar: Calendar) -> str:
    return json.dumps(asdict(timetable(calendar)), separators=(",", ":"))


def _aggregate(node: Aggregate, depth: int) -> str:
    if node.collection is None:
        raise TypeError("a measure is computed by SQL alone")
    inner = f"r{depth + 1}"

    def function(part: Node | None) -> str:
        return "null" if part is None else f"({inner}) => {_js(part, depth + 1)}"

    record = f"r{depth}" if depth else "r"
    parts = [
        f"{record}.rows({_quoted('.'.join(node.collection.path))})",
        function(node.value),
        function(node.condition),
    ]
    if isinstance(node.order, Items):
        parts.append(f"[{', '.join(function(key) for key in node.order.items)}]")
    elif node.function == "JOIN":
        parts.append(_quoted(node.separator))
    return f"rt.{_FOLDS[node.function]}({', '.join(parts)})"
