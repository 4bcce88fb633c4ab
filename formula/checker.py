"""Untyped tree to typed tree: names resolved, types and bounds inferred, all problems at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import assert_never

from formula.aggregates import Parts, build_aggregate
from formula.calls import CallSite, fill_arguments
from formula.dependencies import dependencies_of, stability_of
from formula.errors import Problems, Span
from formula.fitting import fitted
from formula.foreign import FOREIGN
from formula.functions import CATALOG
from formula.functions.spec import FunctionSpec
from formula.membership import among, nobody_in
from formula.naming import Names, nearest
from formula.operators import Rules
from formula.printer import print_formula
from formula.renaming import AGGREGATES, at_spans
from formula.scope import CollectionBinding, Scope
from formula.sealed import note_sealed
from formula.sharing import read_of
from formula.syntax import (
    MAX_LENGTH,
    Binary,
    Comparison,
    Either,
    Expr,
    Invoke,
    ListOf,
    Literal,
    Logical,
    Name,
    Unary,
    children,
)
from formula.typed import (
    Call,
    Constant,
    Node,
    Operation,
    Read,
    Typed,
)
from formula.types import (
    BlankType,
    BooleanType,
    NumberType,
    PercentType,
    TextType,
    ValueType,
)
from formula.weight import MAX_WEIGHT, weight


def check(
    expr: Expr,
    scope: Scope,
    *,
    expect: ValueType | None = None,
    measure: bool = False,
    personal: bool = True,
    exact: bool = False,
) -> Typed:
    """Return the typed formula, or raise `FormulaError` with every problem.

    With `expect` the value is made to fit that type: numbers are rounded half
    away from zero to its scale and are blank beyond its digits. In a `measure`
    fields stand inside aggregates over the query's own rows. Where no person
    is, `personal` is false and formulas about one are refused. Encrypted fields
    can be compared with texts where a comparison is `exact`.
    """
    problems = Problems()
    names = Names(scope, problems, {})
    checker = Checker(names, Rules(problems), measure=measure)
    node = checker.node(expr)
    if node is not None:
        note_sealed(node, problems, exact=exact)
        node = fitted(node, expect, problems) if expect is not None else node
    if node is not None and not personal and stability_of(node) == "personal":
        problems.add(
            "personal", "nobody is acting here, so a formula cannot ask who it is", expr.span
        )
    if node is not None and weight(node) > MAX_WEIGHT:
        problems.add(
            "too_complex",
            "this formula grows too large for the database",
            expr.span,
            "split it into several fields",
        )
    problems.raise_if_any()
    if node is None:
        raise AssertionError("a formula without a type has a problem")
    text = _canonical(at_spans(expr, names.renamed), problems)
    return Typed(node, node.type, dependencies_of(node), stability_of(node), text)


def _canonical(expr: Expr, problems: Problems) -> str:
    """Return the canonical text of a formula, which can be read again as it is."""
    text = print_formula(expr)
    if len(text) > MAX_LENGTH:
        problems.add(
            "too_long",
            "this formula is too long once it is written out",
            expr.span,
            "split it into several fields",
        )
        problems.raise_if_any()
    return text


@dataclass(slots=True)
class Checker:
    """Checks expressions at one place: the record, a member, or the value of an aggregate.

    Inside an aggregate's first argument `gathered` holds the collection that
    its names must share, once the first of them is known.
    """

    names: Names
    rules: Rules
    measure: bool = False
    in_aggregate: bool = False
    gathering: bool = False
    gathered: CollectionBinding | None = None

    @property
    def problems(self) -> Problems:
        return self.rules.problems

    def node(self, expr: Expr) -> Node | None:  # noqa: C901  # one case a kind
        """Return the typed node of `expr`, or None once its problem is noted."""
        match expr:
            case Literal():
                return _constant(expr)
            case Name():
                return self._name(expr)
            case Unary(operator=operator, operand=operand, span=span):
                return self._unary(operator, self.node(operand), span)
            case Binary(operator=operator, left=left, right=right, span=span):
                first, second = self.node(left), self.node(right)
                if first is None or second is None:
                    return None
                return self.rules.binary(operator, first, second, span)
            case Comparison():
                return self._comparison(expr)
            case Logical():
                return self._logical(expr)
            case Either():
                return self._either(expr)
            case ListOf(items=items, span=span):
                nodes = self.nodes(items)
                return None if nodes is None else self.rules.items(nodes, span)
            case Invoke():
                return self._invoke(expr)
            case _:
                assert_never(expr)

    def nodes(self, exprs: tuple[Expr, ...]) -> tuple[Node, ...] | None:
        """Return the typed nodes of several expressions, or None if one of them has a problem."""
        found = [self.node(expr) for expr in exprs]
        whole = tuple(node for node in found if node is not None)
        return whole if len(whole) == len(found) else None

    def _name(self, name: Name) -> Node | None:
        binding = self.names.resolve(name.path, name.span)
        if binding is None:
            return None
        written = ".".join(name.path)
        if isinstance(binding, CollectionBinding):
            return self._member(binding, name)
        if self.gathering and not self.measure and name.path[0] not in _ROOTS:
            self.problems.add(
                "outside_in_aggregate",
                f"`{written}` is not in the collection",
                name.span,
                f"for the record outside write `this.{written}`",
            )
            return None
        if self.measure and not self.in_aggregate and name.path[0] not in _ROOTS:
            self.problems.add(
                "bare_in_measure",
                f"`{written}` has many values here, one in each row",
                name.span,
                f"put it into an aggregate: SUM({written})",
            )
            return None
        return read_of(binding, name.span)

    def _member(self, binding: CollectionBinding, name: Name) -> Node | None:
        written = ".".join(name.path)
        if not self.gathering:
            self.problems.add(
                "bare_collection",
                f"`{written}` is many records, not one value",
                name.span,
                f"put it into an aggregate: COUNT({written})",
            )
            return None
        if self.gathered is not None and not _same(self.gathered, binding):
            self.problems.add(
                "mixed_collections",
                f"`{written}` is another collection than `{'.'.join(self.gathered.path)}`",
                name.span,
                "aggregate each collection by itself",
            )
            return None
        self.gathered = self.gathered or binding
        if binding.member is None:
            self.problems.add(
                "bare_collection",
                f"`{written}` names records, expected one of their fields",
                name.span,
                nearest(written, self.names.scope.suggestions((*name.path, ""))),
            )
            return None
        return Read(binding.member, binding.member.type, name.span)

    def _unary(self, operator: str, operand: Node | None, span: Span) -> Node | None:
        if operand is None:
            return None
        if operator == "-":
            return self.rules.negate(operand, span)
        return Operation("not", (self.rules.condition(operand),), BooleanType(), span)

    def _comparison(self, expr: Comparison) -> Node | None:
        operator, members = expr.rest[0]
        if "in" in operator and len(expr.rest) == 1 and self._is_collection((members,)):
            # Labels are told where they stand: further in they would be looked for outside.
            known = self.node(expr.first) is not None
            first = at_spans(expr.first, self.names.renamed)
            return self.node(among(replace(expr, first=first))) if known else None
        nodes = self.nodes((expr.first, *(operand for _, operand in expr.rest)))
        if nodes is None:
            return None
        pairs: list[Node] = []
        for index, (operator, _) in enumerate(expr.rest):
            left, right = nodes[index], nodes[index + 1]
            span = expr.span if len(expr.rest) == 1 else Span(left.span.start, right.span.end)
            pair = self.rules.compare(operator, left, right, span)
            if pair is None:
                return None
            pairs.append(pair)
        if len(pairs) == 1:
            return pairs[0]
        return Operation("and", tuple(pairs), BooleanType(), expr.span)

    def _logical(self, expr: Logical) -> Node | None:
        nodes = self.nodes(expr.operands)
        if nodes is None:
            return None
        conditions = tuple(self.rules.condition(node) for node in nodes)
        return Operation(expr.operator, conditions, BooleanType(), expr.span)

    def _either(self, expr: Either) -> Node | None:
        otherwise = expr.otherwise or Literal(None, "blank", expr.span)
        nodes = self.nodes((expr.condition, expr.then, otherwise))
        if nodes is None:
            return None
        condition, then, last = nodes
        return self.rules.either(condition, then, last, expr.span)

    def _invoke(self, expr: Invoke) -> Node | None:
        spec = CATALOG.get(expr.function)
        if spec is None:
            self.problems.add(
                "unknown_function",
                f"there is no function {expr.function}",
                expr.span,
                FOREIGN.get(expr.function) or nearest(expr.function, tuple(CATALOG)),
            )
            return None
        if spec.aggregate and self._aggregates(expr, spec):
            return self._aggregate(expr, spec)
        if spec.name == "ISBLANK" and self._is_collection(expr.arguments[:1]):
            return self.node(nobody_in(expr))
        nodes = self.nodes(expr.arguments)
        if nodes is None:
            return None
        return self._call(expr, spec, nodes)

    def _is_collection(self, exprs: tuple[Expr, ...]) -> bool:
        return any(self.names.bare_collection(expr) is not None for expr in exprs)

    def _call(self, expr: Invoke, spec: FunctionSpec, nodes: tuple[Node, ...]) -> Node | None:
        arguments = fill_arguments(spec, nodes, expr.span, self.rules)
        if arguments is None:
            return None
        site = CallSite(expr, arguments, self.names, self.rules)
        if spec.lower is not None:
            lowered = spec.lower(site)
            return None if lowered is None else self.rules.bounded(lowered)
        kind = None if spec.result is None else spec.result(site)
        if kind is None or site.refused:
            return None
        return self.rules.bounded(Call(spec.name, arguments, kind, expr.span))

    def _aggregates(self, expr: Invoke, spec: FunctionSpec) -> bool:
        """Say whether a call is over a collection; MIN, MAX and JOIN may be scalar."""
        if spec.result is None and spec.lower is None:
            return True
        if self.measure and not self.in_aggregate:
            return True
        return any(
            isinstance(self.names.meaning(name.path), CollectionBinding)
            for argument in expr.arguments[:1]
            for name in _own_names(argument)
        )

    def _aggregate(self, expr: Invoke, spec: FunctionSpec) -> Node | None:
        if self.in_aggregate:
            self.problems.add(
                "nested_aggregate",
                "an aggregate cannot stand inside another",
                expr.span,
                "make the inner one a field of its own",
            )
            return None
        values, rest = (1, expr.arguments[1:]) if expr.arguments else (0, ())
        inner = replace(self, in_aggregate=True, gathering=True, gathered=None)
        value: Node | None = None
        bare = self.names.bare_collection(expr.arguments[0]) if values else None
        if bare is not None:
            inner.gathered = bare
        elif values:
            value = inner.node(expr.arguments[0])
            if value is None:
                return None
        if inner.gathered is None and not self.measure:
            self.problems.add(
                "no_collection",
                f"{spec.name} needs a collection",
                expr.span,
                nearest("", self.names.scope.suggestions(("",))),
            )
            return None
        return self._finished(expr, spec, inner.gathered, value, rest)

    def _finished(
        self,
        expr: Invoke,
        spec: FunctionSpec,
        collection: CollectionBinding | None,
        value: Node | None,
        rest: tuple[Expr, ...],
    ) -> Node | None:
        inside = self._inside(collection)
        nodes = inside.nodes(rest)
        if nodes is None:
            return None
        return build_aggregate(
            Parts(spec, collection, value, nodes, inside.names, self.rules, expr.span)
        )

    def _inside(self, collection: CollectionBinding | None) -> Checker:
        if collection is None:
            return replace(self, in_aggregate=True)
        names = Names(collection.scope, self.problems, self.names.renamed, self.names)
        return Checker(names, self.rules, in_aggregate=True)


_ROOTS = frozenset({"this", "user", "setting", "previous", "input"})


def _own_names(expr: Expr) -> tuple[Name, ...]:
    """Return the names in `expr` that no aggregate inside it takes for itself."""
    if isinstance(expr, Name):
        return (expr,)
    if isinstance(expr, Invoke) and expr.function in AGGREGATES:
        return ()
    return tuple(name for inner in children(expr) for name in _own_names(inner))


def _same(one: CollectionBinding, other: CollectionBinding) -> bool:
    return (one.links, one.via, one.entity, one.root) == (
        other.links, other.via, other.entity, other.root,
    )  # fmt: skip


def _constant(literal: Literal) -> Constant:
    value = literal.value
    kind: ValueType
    if literal.kind == "text":
        kind = TextType() if value else BlankType()
        return Constant(value or None, kind, literal.span)
    if isinstance(value, Decimal):
        _, digits, exponent = value.as_tuple()
        scale = max(-int(exponent), 0)
        whole = max(len(digits) + int(exponent), 1)
        kind = PercentType(whole, scale) if literal.kind == "percent" else NumberType(whole, scale)
        return Constant(value, kind, literal.span)
    kind = BooleanType() if literal.kind == "boolean" else BlankType()
    return Constant(value, kind, literal.span)
