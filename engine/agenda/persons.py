"""Puts another person in the place of the one who acts: whose calendar somebody looks at."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any
from uuid import UUID

from formula.scope import FieldBinding
from formula.typed import Constant, Read, Typed

ACTING = ("user", "id")


def for_person(typed: Typed, person: UUID) -> Typed:
    """Return a condition that holds for a person what it says of the one who acts.

    Only `user.id` is put: what else a condition asks of who acts stays as it is.
    """
    node = _put(typed.node, person)
    return replace(typed, node=node, text=f"{typed.text} /* {person} */")


def _put(node: Any, person: UUID) -> Any:
    """Return a part of a tree with the person put in. Any: nodes, their types, texts."""
    if isinstance(node, Read) and _acts(node):
        return Constant(person, node.type, node.span)
    if isinstance(node, tuple):
        return tuple(_put(each, person) for each in node)
    if not is_dataclass(node) or isinstance(node, type) or not hasattr(node, "span"):
        return node
    changed = {each.name: _put(getattr(node, each.name), person) for each in fields(node)}
    return replace(node, **changed)


def _acts(node: Read) -> bool:
    return isinstance(node.binding, FieldBinding) and node.binding.path == ACTING
