"""Habits of lists over collections, spelled as the aggregates that they are short for."""

from __future__ import annotations

from decimal import Decimal

from formula.naming import OUTERMOST
from formula.renaming import rename
from formula.scope import Path
from formula.syntax import Comparison, Expr, Invoke, Literal, Name, Unary


def among(expr: Comparison) -> Expr:
    """Return `x in members` as `ANY(members, id == this.x)`."""
    operator, members = expr.rest[0]
    identity = Name(("id",), expr.span)
    same = Comparison(identity, (("==", rename(expr.first, _outside)),), expr.span)
    found = Invoke("ANY", (members, same), expr.span)
    return found if operator == "in" else Unary("not", found, expr.span)


def nobody_in(expr: Invoke) -> Expr:
    """Return `ISBLANK(members)` as `COUNT(members) == 0`."""
    count = Invoke("COUNT", expr.arguments, expr.span)
    return Comparison(count, (("==", Literal(Decimal(0), "number", expr.span)),), expr.span)


def _outside(path: Path, inside: tuple[Path, ...]) -> Path:
    """Return a name as it is written from inside an aggregate."""
    return path if inside or path[0] in OUTERMOST else ("this", *path)
