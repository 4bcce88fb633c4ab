"""Names to bindings, with labels accepted and near misses named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches

from formula.errors import Problems, Span
from formula.scope import (
    CollectionBinding,
    EntityBinding,
    FieldBinding,
    Meaning,
    Path,
    Scope,
    SharedBinding,
    TableBinding,
)
from formula.syntax import Expr, Name

OUTERMOST = frozenset({"user", "setting", "previous", "input"})
"""Roots that mean the same inside an aggregate as outside of it."""


def nearest(wrong: str, right: tuple[str, ...]) -> str:
    """Return a hint that names the spelling closest to `wrong`, or what there is."""
    lowered = {name.lower(): name for name in right}
    close = get_close_matches(wrong.lower(), list(lowered), n=1, cutoff=0.6)
    if close:
        return f"did you mean `{lowered[close[0]]}`?"
    shown = ", ".join(f"`{name}`" for name in right[:8])
    return f"there is {shown}" + (" …" if len(right) > 8 else "") if shown else ""


@dataclass(frozen=True, slots=True)
class Names:
    """What names mean at one place of a formula: the record itself, or a member of a collection.

    `renamed` collects, by place, the stored path of each name written as labels.
    """

    scope: Scope
    problems: Problems
    renamed: dict[Span, Path]
    outer: Names | None = None

    def resolve(self, path: Path, span: Span) -> Meaning | None:
        """Return what `path` means, or note that it means nothing."""
        binding = self._lookup(path)
        if binding is None and (stored := self._stored(path)) is not None:
            binding = self._lookup(stored)
            if binding is not None:
                self.renamed[span] = stored
        if binding is None:
            self._unknown(path, span)
        return binding

    def find(self, path: Path) -> Meaning | None:
        """Return what a stored path means, or None."""
        return self._lookup(path)

    def meaning(self, path: Path) -> Meaning | None:
        """Return what a path means, be it of stored names or of labels, or None."""
        found = self._lookup(path)
        if found is None and (stored := self._stored(path)) is not None:
            return self._lookup(stored)
        return found

    def bare_collection(self, expr: Expr) -> CollectionBinding | None:
        """Return the collection that `expr` names, if it names nothing inside it."""
        if not isinstance(expr, Name):
            return None
        binding = self.meaning(expr.path)
        if isinstance(binding, CollectionBinding) and binding.member is None:
            self.resolve(expr.path, expr.span)
            return binding
        return None

    def _lookup(self, path: Path) -> Meaning | None:
        if self.outer is not None:
            if path[0] == "this" and len(path) > 1:
                outside = self.outer.find(path[1:])
                return None if outside is None else _from_outside(outside)
            if path[0] in OUTERMOST:
                return self.outer.find(path)
        return self.scope.lookup(path)

    def _stored(self, path: Path) -> Path | None:
        if path[0] == "this" and len(path) > 1 and self.outer is not None:
            stored = self.outer.scope.name_of(path[1:])
            return None if stored is None else ("this", *stored)
        return self.scope.name_of(path)

    def _unknown(self, path: Path, span: Span) -> None:
        names: tuple[str, ...]
        if self.outer is not None and path[0] == "this":
            names = tuple(f"this.{name}" for name in self.outer.scope.suggestions(path[1:]))
        elif self.outer is not None and path[0] in OUTERMOST:
            names = self.outer.scope.suggestions(path)
        else:
            names = self.scope.suggestions(path)
        wrong = ".".join(path)
        hint = nearest(wrong, names)
        if self.outer is not None and self.outer.find(path) is not None:
            hint = f"for the record outside write `this.{wrong}`"
        self.problems.add("unknown_name", f"`{wrong}` is not known here", span, hint)


def _from_outside(binding: Meaning) -> Meaning:
    """Return the binding as read through `this` from inside an aggregate."""
    match binding:
        case FieldBinding() | TableBinding() | EntityBinding():
            return _member_outside(binding)
        case CollectionBinding():
            return replace(binding, root="this")
        case SharedBinding(members=members):
            return SharedBinding(
                binding.path, binding.type, tuple(_member_outside(each) for each in members)
            )


def _member_outside(
    binding: FieldBinding | TableBinding | EntityBinding,
) -> FieldBinding | TableBinding | EntityBinding:
    """Return one value's binding as read through `this`; what stands beside a record stays."""
    if isinstance(binding, FieldBinding):
        return replace(binding, root="this") if binding.root == "record" else binding
    base = binding.base
    return replace(binding, base=replace(base, root="this")) if base.root == "record" else binding
