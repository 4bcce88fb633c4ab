"""Where the records of a retired option or stage belong: the one that it was merged into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from metamodel.nearest import nearest
from metamodel.reader import Node

INTO = "into"
"""Under what a retired option or stage names the one that takes its records."""


def merged_into(elements: Iterable[Node]) -> Mapping[str, str]:
    """Return for each element that was merged away the key of the one in use that it went into.

    Chains are followed: what went into one that was merged in its turn is where that went.
    """
    found = {each.key: each for each in elements}
    names = keys_by_name(found)
    merged = {key: _target(found, names, key) for key, each in found.items() if INTO in each}
    return {key: target for key, target in merged.items() if target}


def keys_by_name(found: Mapping[str, Node]) -> dict[str, str]:
    """Return the keys of elements by every name they answer to, present names before former."""
    names = {name: key for key, each in found.items() for name in (*each.former, key)}
    return names | {each.name: key for key, each in found.items()}


def _target(found: Mapping[str, Node], names: Mapping[str, str], key: str) -> str:
    """Return the key at the end of a chain of merges, "" where it leads nowhere, which is told."""
    start = node = found[key]
    if not start.retired:
        hint = "Add `$retire: true`, or take `into` out."
        return _report(
            start, "into_in_use", f"`{start.name}` says `into`, but is not retired.", hint
        )
    passed = [key]
    while node.retired and INTO in node:
        following = names.get(node.text(INTO))
        if following is None:
            # Of a chain the one that names nothing tells it.
            return _nowhere(start, found) if node is start else ""
        passed.append(following)
        node = found[following]
        if following in passed[:-1]:
            ring = " → ".join(found[each].name for each in passed)
            hint = "Let one of them go into one that is in use."
            return _report(start, "into_cycle", f"Merging goes round in a circle: {ring}.", hint)
    if node.retired:
        sentence = f"`{start.name}` goes into `{node.name}`, which is retired."
        hint = f"Name one that is in use, or say `into` for `{node.name}`, too."
        return _report(start, "into_retired", sentence, hint)
    return node.key


def _nowhere(start: Node, found: Mapping[str, Node]) -> str:
    live = [each.name for each in found.values() if not each.retired]
    sentence = f"`{start.name}` goes into `{start.text(INTO)}`, which does not exist."
    return _report(start, "into_unknown", sentence, nearest(start.text(INTO), live))


def _report(start: Node, code: str, sentence: str, hint: str) -> str:
    start.report(code, sentence, hint, at=INTO)
    return ""
