"""Tells what a change of a model touches, and where each field is used."""

from __future__ import annotations

from collections.abc import Mapping

from metamodel.diff import ModelDiff
from metamodel.model import Model
from metamodel.naming import FieldPlace
from metamodel.uses import Path, used_by, uses


def where_used(model: Model) -> Mapping[FieldPlace, tuple[Path, ...]]:
    """Return for every field the paths of the elements that read it, show it or limit it."""
    return {
        (used[1], used[3]): users
        for used, users in uses(model).items()
        if len(used) == 4 and used[2] == "fields"
    }


def impact(diff: ModelDiff, model: Model) -> tuple[Path, ...]:
    """Return the elements of `model` that use what the diff touches, each once.

    An entity that is new or gone stands for all in it; else what differs in it stands for itself.
    """
    known = uses(model)
    touched: dict[Path, None] = {}
    for difference in diff.differences:
        path = difference.path
        whole = difference.kind in ("added", "retired", "restored") or len(path) != 2
        users = used_by(known, path) if whole else known.get(path, ())
        touched.update(dict.fromkeys(users))
    return tuple(touched)
