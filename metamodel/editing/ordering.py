"""Which elements of a map were moved, and maps with one of them in another place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from metamodel.edits import Document


def staying(order: Sequence[str], wanted: Sequence[str]) -> set[str]:
    """Return the most names that stand in the same order in both: the longest rising run.

    Every name of `wanted` is one of `order`.
    """
    rank = {name: index for index, name in enumerate(order)}
    ends: list[int] = []
    at: list[str] = []
    before: dict[str, str | None] = {}
    for name in wanted:
        index = bisect_left(ends, rank[name])
        before[name] = at[index - 1] if index else None
        ends[index : index + 1] = [rank[name]]
        at[index : index + 1] = [name]
    return set(_backwards(at[-1] if at else None, before))


def moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Return the fewest names, known before, that stand in another order after."""
    known = set(before)
    common = [name for name in after if name in known]
    return set(common) - staying(before, common)


def between(siblings: Mapping[str, object], name: str, behind: str) -> Document:
    """Return a map with one of its elements behind another, or first of all for a blank."""
    others = {key: each for key, each in siblings.items() if key != name}
    if not behind or behind not in others:
        return {name: siblings[name], **others}
    result: Document = {}
    for key, each in others.items():
        result[key] = each
        if key == behind:
            result[name] = siblings[name]
    return result


def _backwards(name: str | None, before: Mapping[str, str | None]) -> Iterator[str]:
    while name is not None:
        yield name
        name = before[name]
