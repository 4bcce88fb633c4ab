"""What a person may ask about: fields they read whole; others look as if they were not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.access.fields import may_read, may_read_all, may_read_masked
from engine.context import Context
from engine.errors import NotFound, QueryInvalid
from formula.calendars import Calendar
from formula.errors import FormulaProblem, Span
from formula.scope import (
    CollectionBinding,
    FieldBinding,
    Meaning,
    Path,
    Scope,
    SharedBinding,
    Step,
    TableBinding,
)
from formula.typed import Typed
from metamodel.model import Entity
from metamodel.views import FieldPath


@dataclass(frozen=True, slots=True)
class LegibleScope:
    """A scope in which fields that the person may not read mean nothing."""

    ctx: Context
    inner: Scope

    def lookup(self, path: Path) -> Meaning | None:
        """Return what `path` means, if the person may read all of it."""
        found = self.inner.lookup(path)
        if found is None or not all(may_read(self.ctx, step) for step in steps_of(found)):
            return None
        if isinstance(found, CollectionBinding):
            inside = LegibleScope(self.ctx, found.scope)
            return CollectionBinding(
                found.path, found.entity, found.via, inside, found.links, found.member, found.root
            )
        return found

    def suggestions(self, path: Path) -> tuple[str, ...]:
        """Return the names that could stand here and that the person may read."""
        names = self.inner.suggestions(path)
        return tuple(name for name in names if self._is_legible(tuple(name.split("."))))

    def calendars(self) -> Mapping[str, Calendar]:
        """Return the calendars, which everybody may count by."""
        return self.inner.calendars()

    def labels(self, binding: FieldBinding) -> Mapping[str, Mapping[str, str]]:
        """Return what the codes of a choice are called, by language."""
        return self.inner.labels(binding)

    def name_of(self, label: Path) -> Path | None:
        """Return the path that reads `label`, if the person may read it."""
        found = self.inner.name_of(label)
        return found if found is not None and self._is_legible(found) else None

    def _is_legible(self, path: Path) -> bool:
        found = self.inner.lookup(path)
        if found is not None:
            return all(may_read(self.ctx, step) for step in steps_of(found))
        # What means nothing by itself, such as a period, is there where a part of it is.
        prefix = ".".join(path) + "."
        below = [name for name in self.inner.suggestions((*path, "")) if name.startswith(prefix)]
        return not below or any(self._is_legible(tuple(name.split("."))) for name in below)


def steps_of(binding: Meaning) -> Sequence[Step]:
    """Return every field that a binding reads."""
    if isinstance(binding, SharedBinding):
        return tuple(step for member in binding.members for step in steps_of(member))
    if isinstance(binding, FieldBinding):
        return binding.steps
    if isinstance(binding, CollectionBinding):
        member = steps_of(binding.member) if binding.member is not None else ()
        return (*binding.links, binding.via, *member)
    return binding.base.steps


def live_entity(ctx: Context, key: str) -> Entity:
    """Return an entity by key; raise `NotFound` for one that is not there any more."""
    found = ctx.model.entities.get(key)
    if found is None or found.retired:
        raise NotFound(entity=key)
    return found


def require_legible(ctx: Context, typed: Typed, *, where: str) -> None:
    """Raise `QueryInvalid` where a formula reads what the person may not."""
    if not may_read_all(ctx, typed.dependencies):
        raise unknown(typed.text, where=where)


def require_legible_path(ctx: Context, path: FieldPath, *, where: str) -> None:
    """Raise `QueryInvalid` where a path leads over a field that the person may not read."""
    if not all(may_read(ctx, step) for step in steps_of(path.binding)):
        raise unknown(path.text, where=where)


def may_show(ctx: Context, path: FieldPath) -> bool:
    """Return whether a person may be shown what a path leads to, masked at least."""
    binding = path.binding
    steps = binding.base.steps if isinstance(binding, TableBinding) else binding.steps
    return may_read_masked(ctx, steps) is not None


def unknown(text: str, *, where: str, hint: str = "", start: int = 0) -> QueryInvalid:
    """Return the refusal of a name that means nothing here."""
    span = Span(start, start + len(text))
    problem = FormulaProblem("unknown_name", f"`{text}` is not known here", span, hint)
    return QueryInvalid([problem], where=where)
