"""Typed tree to SQL: one SQLAlchemy expression over the columns of many rows.

A condition has two forms. In a filter SQL's unknown counts as false, so that
no guard keeps an index from being used; as a value it is always true or false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Integer,
    Numeric,
    ScalarSelect,
    Text,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    true,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import array

from formula.backends.contract import Columns, Rows
from formula.backends.nulls import is_blank, may_be_null
from formula.backends.sql_aggregates import aggregate_sql
from formula.backends.sql_places import Places
from formula.backends.sql_values import Sql, collated, constant, sql_type
from formula.calendars import Calendar
from formula.conversions import is_numeric
from formula.functions import SPECS
from formula.functions.number_sql import exact, one, sql_divide, sql_remainder
from formula.scope import CollectionBinding, TableBinding
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
    BooleanType,
    ListType,
    TextType,
    ValueType,
)

__all__ = ["compile_filter", "compile_sql", "sql_type"]


def compile_sql(typed: Typed, columns: Columns, *, rows: Rows | None = None) -> Sql:
    """Return the formula as an expression over `columns`; conditions are true or false, never null.

    In a measure aggregates run over `rows`, or, without them, over the rows of
    the query itself as filtered aggregate functions.
    """
    return Compiler(Places(columns, columns), rows).value(typed.node)


def compile_filter(typed: Typed, columns: Columns) -> Sql:
    """Return a condition for WHERE, where null counts as false and indexes can be used."""
    return Compiler(Places(columns, columns), seeks=True).truth(typed.node)


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles nodes at one place: the row itself, or a member of a collection inside it.

    One that `seeks` compiles a filter: where any member will do, PostgreSQL may begin with those.
    """

    places: Places
    rows: Rows | None = None
    seeks: bool = False

    def value(self, node: Node) -> Sql:
        """Return the value of a node; a boolean is never null."""
        if isinstance(node.type, BooleanType):
            found = self.truth(node)
            return func.coalesce(found, false()) if may_be_null(node) else found
        match node:
            case Constant(value=value, type=kind):
                return constant(value, kind)
            case Read(binding=binding, type=kind):
                return _exact_number(self.places.read(binding), kind)
            case Operation():
                return self._operation(node)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                return self._conditional(condition, then, otherwise, node.type)
            case Call():
                return self._call(node)
            case Items(items=items, type=ListType(item=item)):
                return array([self.value(item_node) for item_node in items], type_=sql_type(item))
            case Aggregate():
                return self._aggregate(node)
            case _:
                raise TypeError(f"{type(node).__name__} is not a node")

    def truth(self, node: Node) -> Sql:  # noqa: C901  # one case a kind
        """Return a condition that is true when `node` is, and false or null when it is not."""
        match node:
            case Constant(value=value):
                return true() if value else false()
            case Read(binding=binding):
                return self.places.read(binding)
            case Operation(operator="and", operands=operands):
                return and_(*(self.truth(operand) for operand in operands))
            case Operation(operator="or", operands=operands):
                return or_(*(self.truth(operand) for operand in operands))
            case Operation(operator="not", operands=(operand,)):
                return self.falsity(operand)
            case Operation(operator="in", operands=(left, right)):
                return self._membership(left, right)
            case Operation(operator=operator, operands=(left, right)):
                return self._comparison(operator, left, right)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                return self._conditional(condition, then, otherwise, node.type)
            case Call():
                return self._call(node)
            case Aggregate(function="ANY") if self.seeks and node.collection is not None:
                return _exists(self.places, node, node.collection)
            case Aggregate():
                return self._aggregate(node)
            case _:
                raise TypeError(f"{type(node).__name__} is not a condition")

    def falsity(self, node: Node) -> Sql:
        """Return a condition that is true when `node` is false, else false or null."""
        match node:
            case Constant(value=value):
                return false() if value else true()
            case Operation(operator="and", operands=operands):
                return or_(*(self.falsity(operand) for operand in operands))
            case Operation(operator="or", operands=operands):
                return and_(*(self.falsity(operand) for operand in operands))
            case Operation(operator="not", operands=(operand,)):
                return self.truth(operand)
            case Operation(operator="==", operands=(left, right)):
                return self._comparison("!=", left, right)
            case Operation(operator="!=", operands=(left, right)):
                return self._comparison("==", left, right)
            case _ if may_be_null(node):
                return self.truth(node).is_not(true())
            case _:
                return ~self.truth(node)

    def _comparison(self, operator: str, left: Node, right: Node) -> Sql:  # noqa: C901  # one case a kind
        if is_blank(left) or is_blank(right):
            subject = left if is_blank(right) else right
            if operator not in ("==", "!="):
                return false()
            if is_blank(subject):
                return true() if operator == "==" else false()
            value = self._side(subject, subject)
            return value.is_(null()) if operator == "==" else value.is_not(null())
        if operator == "==" and (codes := self._codes(left, right)) is not None:
            return codes
        first, second = self._side(left, right), self._side(right, left)
        nulls = may_be_null(left), may_be_null(right)
        if isinstance(left.type, BooleanType):
            nulls = False, False
        match operator:
            case "==" if all(nulls):
                return first.is_not_distinct_from(second)
            case "==":
                return first == second
            case "!=" if any(nulls):
                return first.is_distinct_from(second)
            case "!=":
                return first != second
        if isinstance(left.type, TextType) and not _has_column(left) and not _has_column(right):
            first = first.collate("C")
        match operator:
            case "<":
                return first < second
            case "<=":
                return first <= second
            case ">":
                return first > second
            case _:
                return first >= second

    def _codes(self, left: Node, right: Node) -> Sql | None:
        """Return `stage.ends == "won"` as the stages for which it holds, which an index serves."""
        if not (isinstance(left, Read) and isinstance(right, Constant)):
            return None
        binding = left.binding
        if not isinstance(binding, TableBinding):
            return None
        codes = [code for code, value in binding.table.items() if value == right.value]
        return self.places.field(binding.base).in_(codes) if codes else false()

    def _side(self, node: Node, other: Node) -> Sql:
        """Return one side of a comparison: a bare column, so that its index fits, or its value."""
        if isinstance(node, Read) and not isinstance(node.type, BooleanType):
            return self.places.read(node.binding)
        if (
            isinstance(node, Constant)
            and isinstance(node.value, Decimal)
            and node.value == node.value.to_integral_value()
            and isinstance(other, Read)
            and isinstance(self.places.read(other.binding).type, Integer)
        ):
            return literal(int(node.value), BigInteger())
        return self.value(node)

    def _membership(self, left: Node, right: Node) -> Sql:
        if isinstance(right, Items):
            blanks = [item for item in right.items if is_blank(item)]
            constants = [
                item for item in right.items if isinstance(item, Constant) and not is_blank(item)
            ]
            others = [item for item in right.items if not isinstance(item, Constant)]
            found = [self._comparison("==", left, item) for item in (*blanks[:1], *others)]
            if constants and not isinstance(left, Constant):
                found.insert(
                    0, self._side(left, left).in_([self._side(item, left) for item in constants])
                )
            elif constants:
                found.extend(self._comparison("==", left, item) for item in constants)
            return or_(false(), *found) if len(found) != 1 else found[0]
        if isinstance(left, Constant) and isinstance(right, Read) and left.value is not None:
            # An index over the items serves `@>`, and not `= ANY`.
            wanted = literal([left.value], sql_type(right.type))
            return self.value(right).op("@>", return_type=Boolean())(wanted)
        among = self.value(right)
        if isinstance(among, ScalarSelect) and not isinstance(among.type, ARRAY):
            # A sub-query of many rows, and not one that reads a list.
            return self.value(left).in_(among)
        return self.value(left) == func.any(among)

    def _zeroed(self, node: Node) -> Sql:
        value = self.value(node)
        return func.coalesce(value, exact(0), type_=Numeric()) if may_be_null(node) else value

    def _operation(self, node: Operation) -> Sql:
        if node.operator == "&":
            return self._joined(node)
        numbers = [self._zeroed(operand) for operand in node.operands]
        match node.operator:
            case "negate":
                return -numbers[0]
            case "+":
                return numbers[0] + numbers[1]
            case "-":
                return numbers[0] - numbers[1]
            case "*":
                return numbers[0] * numbers[1]
            case "/":
                return sql_divide(numbers[0], numbers[1])
            case "%":
                return sql_remainder(numbers[0], numbers[1])
            case "//":
                rest = sql_remainder(numbers[0], numbers[1])
                safe = func.nullif(numbers[1], exact(0), type_=Numeric())
                return func.div(numbers[0] - rest, safe, type_=Numeric())
            case _:
                return _power(numbers[0], node.operands[1])

    def _joined(self, node: Operation) -> Sql:
        """Return a whole chain of `&` at once: empty only in the end becomes blank."""
        empty: Sql = literal_column("''", Text())
        joined: Sql | None = None
        for part in _chain(node):
            value = self.value(part)
            text = func.coalesce(value, empty, type_=Text()) if may_be_null(part) else value
            joined = text if joined is None else joined.op("||", return_type=Text())(text)
        return func.nullif(joined, empty, type_=Text())

    def _conditional(self, condition: Node, then: Node, otherwise: Node, kind: ValueType) -> Sql:
        if is_blank(otherwise):
            return case((self.truth(condition), self._typed(then, kind)), else_=null())
        return case(
            (self.truth(condition), self._typed(then, kind)), else_=self._typed(otherwise, kind)
        )

    def _typed(self, node: Node, kind: ValueType) -> Sql:
        return constant(None, kind) if is_blank(node) else self.value(node)

    def _call(self, node: Call) -> Sql:
        build = SPECS[node.function].sql
        if build is None:
            raise TypeError(f"{node.function} has no SQL")
        return build(_Call(node, self))

    def _aggregate(self, node: Aggregate) -> Sql:
        if node.collection is None:
            columns = self.places.columns if self.rows is None else self.rows.columns
            inner = Compiler(Places(columns, self.places.outermost))
            where = [] if node.condition is None else [inner.truth(node.condition)]
            value, empty = inner.aggregated(node, where)
            return value if empty is None else func.coalesce(value, empty)
        rows = self.places.columns.rows(node.collection)
        inner = Compiler(Places(rows.columns, self.places.outermost, self.places.columns))
        where = [] if node.condition is None else [inner.truth(node.condition)]
        found, empty = inner.aggregated(node, [])
        value = rows.aggregate(found, where)
        return value if empty is None else func.coalesce(value, empty)

    def aggregated(self, node: Aggregate, where: Sequence[Sql]) -> tuple[Sql, Sql | None]:
        """Return an aggregate expression over these members, and what nothing gives."""
        value = None if node.value is None else self.value(node.value)
        items = node.order.items if isinstance(node.order, Items) else ()
        keys = [collated(self.value(item), item.type) for item in items]
        return aggregate_sql(node, value, keys, where)


def _exists(places: Places, node: Aggregate, collection: CollectionBinding) -> Sql:
    """Return whether any member meets what ANY asks of it."""
    rows = places.columns.rows(collection)
    inner = Compiler(Places(rows.columns, places.outermost, places.columns))
    conditions = (node.condition, node.value)
    return rows.exists([inner.truth(each) for each in conditions if each is not None])


@dataclass(frozen=True, slots=True)
class _Call:
    """One call as a function's own SQL sees it."""

    call: Call
    compiler: Compiler

    @property
    def nodes(self) -> Sequence[Node]:
        return self.call.arguments

    @property
    def calendar(self) -> Calendar:
        if self.call.calendar is None:
            raise TypeError("the checker gives every function of working time its calendar")
        return self.call.calendar

    @property
    def arguments(self) -> Sequence[Sql]:
        return [self.compiler.value(node) for node in self.nodes]

    def bind(self, name: Literal["today", "now", "zone"]) -> Sql:
        """Return the bind parameter that carries a part of the `Moment`."""
        return self.compiler.places.outermost.bind(name)

    def literal(self, index: int) -> Any:
        """Return the value of an argument that is written out."""
        node = self.nodes[index]
        if not isinstance(node, Constant):
            raise TypeError("the checker lets only constants through here")
        return node.value

    def constant(self, node: Constant) -> Sql:
        """Return a value as a bind parameter."""
        return constant(node.value, node.type)


def _has_column(node: Node) -> bool:
    """Say whether a column lends its collation to a text expression."""
    return isinstance(node, Read)


def _chain(node: Node) -> tuple[Node, ...]:
    """Return the texts of `a & b & c`, however it was bracketed."""
    if isinstance(node, Operation) and node.operator == "&":
        return tuple(part for operand in node.operands for part in _chain(operand))
    return (node,)


def _power(base: Sql, exponent: Node) -> Sql:
    times = int(exponent.value) if isinstance(exponent, Constant) else 0  # type: ignore[call-overload]
    found: Sql = one()
    for time in range(times):
        found = found * base if time else base
    return found


def _exact_number(value: Sql, kind: ValueType) -> Sql:
    """Return a number as numeric: whole columns would divide and overflow as integers do."""
    if is_numeric(kind) and isinstance(value.type, Integer):
        return cast_to(value, Numeric())
    return value
