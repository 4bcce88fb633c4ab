"""New names inside a formula, told by where each name stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from formula.errors import Span
from formula.scope import Path
from formula.syntax import Expr, Invoke, Name, children, names_in, with_children

AGGREGATES = frozenset(
    {
        "SUM", "COUNT", "COUNTDISTINCT", "AVG", "MIN", "MAX", "FIRST", "LAST", "ANY", "ALL", "JOIN",
        "FILLED",
    }
)  # fmt: skip

Change = Callable[[Path, tuple[Path, ...]], Path]


def rename(expr: Expr, change: Change) -> Expr:
    """Return the formula with each name replaced by what `change(path, inside)` returns.

    `inside` holds, outermost first, the first name in the first argument of
    each aggregate whose condition the name stands in: in `SUM(lines.amount,
    kind == "a")` the name `kind` comes with `(("lines", "amount"),)`, and
    `this.x` there means the record outside. Scalar uses of MIN, MAX and JOIN
    look the same; whoever knows the model tells them apart.
    """
    return _rename(expr, change, ())


def _rename(expr: Expr, change: Change, inside: tuple[Path, ...]) -> Expr:
    if isinstance(expr, Name):
        return replace(expr, path=change(expr.path, inside))
    deeper = inside
    if isinstance(expr, Invoke) and expr.function in AGGREGATES and expr.arguments:
        first = names_in(expr.arguments[0])
        deeper = (*inside, first[0].path) if first else inside
    return with_children(
        expr,
        tuple(
            _rename(inner, change, inside if index == 0 else deeper)
            for index, inner in enumerate(children(expr))
        ),
    )


def at_spans(expr: Expr, stored: Mapping[Span, Path]) -> Expr:
    """Return the formula with the names at these places replaced."""
    if not stored:
        return expr

    if isinstance(expr, Name):
        return replace(expr, path=stored.get(expr.span, expr.path))
    return with_children(expr, tuple(at_spans(inner, stored) for inner in children(expr)))
