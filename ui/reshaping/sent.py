"""What a form sent, read as what it means; and values as they differ from what is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from metamodel.editing import Change, Edit, Move, Path
from metamodel.edits import same
from metamodel.label import Label

Sent = Mapping[str, Any]
"""What a form sent. Any: whatever JSON it likes."""


def text_of(sent: Sent, name: str) -> str:
    """Return a text that was sent, trimmed; "" for none."""
    found = sent.get(name)
    return found.strip() if isinstance(found, str) else ""


def label_of(sent: Sent, languages: Sequence[str], stem: str = "label") -> dict[str, str]:
    """Return a label by language as it was typed; languages left empty are left out."""
    found = {code: text_of(sent, f"{stem}_{code}") for code in languages}
    return {code: text for code, text in found.items() if text}


def written_at(document: Mapping[str, object], path: Path) -> object:
    """Return what the layers together say at a path, None for nothing."""
    found: object = document
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def label_changes(path: Path, name: str, old: Label, typed: Mapping[str, str]) -> Iterator[Edit]:
    """Yield the edit of a label, if what was typed differs from it."""
    if not typed:
        return
    now = {code: text for code, text in old.texts.items() if code}
    if typed != {code: old.text(code) for code in typed} or (now and set(now) - set(typed)):
        yield Change((*path, name), {**dict.fromkeys(set(now) - set(typed)), **typed})


def leaf_changes(
    document: Mapping[str, object], path: Path, wanted: Mapping[str, object]
) -> Iterator[Edit]:
    """Yield an edit for every leaf that is to be another; None and False mean: not said."""
    for name, value in wanted.items():
        now = written_at(document, (*path, name))
        value = None if value is False or value == "" else value
        if not same(now, value) and not (now is False and value is None):
            yield Change((*path, name), value)


def moves(path: Path, now: Sequence[str], wanted: Sequence[str]) -> Iterator[Edit]:
    """Yield the moves that bring the elements of a map into another order."""
    order = [name for name in now if name in wanted]
    for index, name in enumerate(wanted):
        if name not in order or order[index : index + 1] == [name]:
            continue
        order.remove(name)
        order.insert(index, name)
        after = wanted[index - 1] if index else ""
        yield Move((*path, name), after=after, first=not after)
