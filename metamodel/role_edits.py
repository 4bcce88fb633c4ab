"""Pure edits of one role as it is written: each puts a value at a path, or takes one away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from metamodel.access import Action
from metamodel.editing import Add, Change, Edit, Restore
from metamodel.edits import same

Document = dict[str, object]

RIGHTS = ("rights", "deny")
"""Parts of a role that are written by entity and action, or by one scope for an entity."""

SHORT = tuple(action for action in get_args(Action) if action != "import")
"""What a scope that is written for a whole entity speaks of."""


@dataclass(frozen=True, slots=True)
class RoleEdit:
    """A new value at a path of names inside a role; None takes away what is written there.

    Paths are `rights.customer.read`, `deny.customer.delete`, `fields.customer.phone`,
    `moves.quote`, `menu`, `dashboards`, `label.zh` and the like, as in the metadata itself.
    """

    path: tuple[str, ...]
    value: object


def edited(role: Mapping[str, object], edits: Sequence[RoleEdit]) -> Document:
    """Return a role with edits made in order; parts that become empty go."""
    result: Document = dict(role)
    for edit in edits:
        if edit.path and edit.path[0] in RIGHTS and len(edit.path) > 1:
            result = _spelt_out(result, edit.path[0], edit.path[1])
        result = _put(result, edit.path, edit.value)
    return result


def as_edits(
    name: str, before: Mapping[str, object] | None, after: Mapping[str, object]
) -> tuple[Edit, ...]:
    """Return what makes one role of another, as edits of the application; None: a new role."""
    path = ("roles", name)
    if before is None:
        return (Add(("roles",), name, dict(after)),)
    restored = (Restore(path),) if before.get("$retire") else ()
    return (*restored, *_changes(path, before, after))


def _changes(
    path: tuple[str, ...], before: Mapping[str, object], after: Mapping[str, object]
) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        inner, was, now = (*path, name), before.get(name), after.get(name)
        if name == "$retire" or (name in before and name in after and same(was, now)):
            continue
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            yield from _changes(inner, was, now)
        elif isinstance(was, Mapping) and now is not None:
            yield Change(inner, None)
            yield Change(inner, now)
        else:
            yield Change(inner, now)


def _spelt_out(role: Document, part: str, entity: str) -> Document:
    """Write out by action what holds for a whole entity, or for all, so that one can differ."""
    rights = role.get(part)
    found = rights.get(entity, rights.get("*")) if isinstance(rights, Mapping) else None
    if not isinstance(rights, Mapping) or found is None:
        return role
    spelt = dict.fromkeys(SHORT, found) if isinstance(found, str) else found
    return {**role, part: {**rights, entity: spelt}}


def _put(document: Mapping[str, object], path: tuple[str, ...], value: object) -> Document:
    name, rest = path[0], path[1:]
    found = document.get(name)
    if rest:
        value = _put(found if isinstance(found, Mapping) else {}, rest, value) or None
    if value is None:
        return {key: kept for key, kept in document.items() if key != name}
    return {**document, name: value}
