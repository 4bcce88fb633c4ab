"""One edit of a merged document; what was there before is left as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

from metamodel.editing.operations import (
    Add,
    Change,
    Edit,
    Move,
    Path,
    Rename,
    Reset,
    Restore,
    Retire,
)
from metamodel.editing.ordering import staying
from metamodel.editing.refusals import refusal
from metamodel.editing.retired import RETIRED
from metamodel.editing.shapes import Shape, inner, is_element, is_named, top
from metamodel.editing.smallest import pairs, smallest
from metamodel.edits import Document
from metamodel.identity import first_name, former_names, identities
from metamodel.layers import PLACEMENT
from metamodel.nearest import nearest

Published = Callable[[Mapping[str, object], Path], bool]
"""Whether the element at a path of a document was ever published."""


def present(document: Mapping[str, object], path: Path) -> Path:
    """Return a path with every element by the name that it has now."""
    found: list[str] = []
    level: object = document
    for name in path:
        if isinstance(level, Mapping) and name not in level:
            name = next((n for n, each in level.items() if name in identities(n, each)), name)
        found.append(name)
        level = level.get(name) if isinstance(level, Mapping) else None
    return tuple(found)


def counterpart(other: object, document: object, path: Path) -> Path:
    """Return where the element at a path of `document` stands in another document.

    Both know the elements by their keys; a name that only one of them has stays as it is.
    """
    found: list[str] = []
    for name in path:
        element = document.get(name) if isinstance(document, Mapping) else None
        if isinstance(other, Mapping) and name not in other:
            names = identities(name, element)
            name = next((n for n, each in other.items() if names & identities(n, each)), name)
        found.append(name)
        document = element
        other = other.get(name) if isinstance(other, Mapping) else None
    return tuple(found)


def at(document: object, path: Path) -> object:
    """Return what stands at a path; None for nothing."""
    for name in path:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document


def put(document: Mapping[str, object], path: Path, value: object) -> Document:
    """Return a document with a value at a path, where it stood before; None takes it away."""
    name, rest = path[0], path[1:]
    if rest:
        below = document.get(name)
        value = put(below if isinstance(below, Mapping) else {}, rest, value)
    if value is None:
        return {key: each for key, each in document.items() if key != name}
    return {**document, name: value}


def edited_document(
    base: Mapping[str, object],
    wanted: Mapping[str, object],
    edit: Edit,
    published: Published,
    shape: Shape | None = None,
) -> Document:
    """Return the merged document `wanted` after an edit; `base` is what the layers below give.

    Raises `DefinitionInvalid` where the edit speaks of what does not exist, or cannot be done.
    """
    root = top() if shape is None else shape
    path = present(wanted, edit.path)
    _require_known(wanted, path, root, edit)
    match edit:
        case Add():
            return _added(wanted, path, edit, root)
        case Change():
            return put(wanted, path, changed(at(wanted, path), edit.value))
        case Rename():
            return _renamed(wanted, path, edit, _shape_at(root, path))
        case Move():
            return _moved(wanted, path, edit)
        case Retire():
            return _retired(wanted, path, published)
        case Restore():
            return _restored(base, wanted, path)
        case Reset():
            return _reset(base, wanted, path, root)
        case _:
            assert_never(edit)


def changed(old: object, value: object) -> object:
    """Return what becomes of a value: a map changes what it names, a set what it adds and drops."""
    if isinstance(value, Mapping) and ("$add" in value or "$drop" in value):
        items = list(old) if isinstance(old, list) else []
        add, drop = value.get("$add"), value.get("$drop")
        kept = [each for each in items if not (isinstance(drop, list) and each in drop)]
        return kept + [each for each in (add if isinstance(add, list) else ()) if each not in kept]
    if not isinstance(value, Mapping) or not isinstance(old, Mapping):
        return value
    result = {**old, **{name: changed(old.get(name), each) for name, each in value.items()}}
    return {name: each for name, each in result.items() if each is not None}


def _require_known(
    document: Document | Mapping[str, object], path: Path, root: Shape, edit: Edit
) -> None:
    """Refuse an edit inside an element that is not there."""
    level: object = document
    shape = root
    for index, name in enumerate(path):
        shape = inner(shape, name)
        found = level.get(name) if isinstance(level, Mapping) else None
        must = is_element(shape) or (index == len(path) - 1 and not isinstance(edit, (Add, Change)))
        if found is None and must:
            known = (
                [each for each in level if not each.startswith("$")]
                if isinstance(level, Mapping)
                else []
            )
            sentence = f"There is no `{name}` in `{'.'.join(path[:index]) or 'the app'}`."
            raise refusal("unknown_element", path, sentence, nearest(name, known))
        level = found


def _shape_at(shape: Shape, path: Path) -> Shape:
    for name in path:
        shape = inner(shape, name)
    return shape


def _added(document: Mapping[str, object], path: Path, edit: Add, root: Shape) -> Document:
    found = at(document, path)
    siblings = dict(found) if isinstance(found, Mapping) else {}
    for name, element in siblings.items():
        if edit.name in identities(name, element):
            _refuse_name(path, edit.name, name, element)
    siblings[edit.name] = edit.value
    if edit.after:
        siblings = _beside(siblings, path, Move((*path, edit.name), after=edit.after))
    return put(document, path, siblings)


def _refuse_name(path: Path, name: str, holder: str, element: object) -> None:
    retired = isinstance(element, Mapping) and element.get("$retire") is True
    by = f" by `{holder}`, which answers to it, too" if holder != name else ""
    sentence = f"The name `{name}` is taken{by}."
    hint = f"Restore `{holder}`, or take another name." if retired else "Take another name."
    raise refusal("name_taken", (*path, name), sentence, hint)


def _renamed(document: Mapping[str, object], path: Path, edit: Rename, shape: Shape) -> Document:
    siblings, old = at(document, path[:-1]), path[-1]
    element = at(document, path)
    if not isinstance(siblings, Mapping) or not isinstance(element, Mapping) or not is_named(shape):
        sentence = f"`{'.'.join(path)}` is a value, not an element with a name of its own."
        raise refusal("not_an_element", path, sentence, "Change the value instead.")
    if edit.name == old:
        return dict(document)
    for name, other in siblings.items():
        if name != old and edit.name in identities(name, other):
            _refuse_name(path[:-1], edit.name, name, other)
    key = element.get("key") or first_name(element) or old
    former = sorted((former_names(element) | {old}) - {edit.name})
    kept = {name: each for name, each in element.items() if name != "key"}
    named = {**kept, "key": key, "renamed_from": former}
    new = {edit.name if n == old else n: named if n == old else v for n, v in siblings.items()}
    return put(document, path[:-1], new) if path[:-1] else new


def _moved(document: Mapping[str, object], path: Path, edit: Move) -> Document:
    found = at(document, path[:-1])
    siblings = dict(found) if isinstance(found, Mapping) else {}
    moved = _beside(siblings, path[:-1], edit)
    return put(document, path[:-1], moved) if path[:-1] else moved


def _beside(siblings: Document, path: Path, edit: Move) -> Document:
    """Return elements with one of them in another place."""
    name = next(n for n, each in siblings.items() if edit.path[-1] in identities(n, each))
    element = siblings[name]
    others = {key: each for key, each in siblings.items() if key != name}
    if edit.first:
        return {name: element, **others}
    wanted = edit.after or edit.before
    anchor = next((n for n, each in others.items() if wanted in identities(n, each)), None)
    if anchor is None:
        known = [each for each in others if not each.startswith("$")]
        sentence = f"`{name}` is placed beside `{wanted}`, which does not exist."
        raise refusal("place_unknown", (*path, name), sentence, nearest(wanted, known, "There are"))
    result: Document = {}
    for key, each in others.items():
        if key == anchor and not edit.after:
            result[name] = element
        result[key] = each
        if key == anchor and edit.after:
            result[name] = element
    return result


def _retired(document: Mapping[str, object], path: Path, published: Published) -> Document:
    element = at(document, path)
    if not published(document, path):
        return put(document, path, None)
    kept = element if isinstance(element, Mapping) else {}
    return put(document, path, {**kept, "$retire": True})


def _restored(base: Mapping[str, object], document: Mapping[str, object], path: Path) -> Document:
    element = at(document, path)
    if not isinstance(element, Mapping) or element.get("$retire") is not True:
        sentence = f"`{'.'.join(path)}` is not retired."
        raise refusal(
            "not_retired", path, sentence, "Restore what the list of retired things holds."
        )
    below = at(base, counterpart(base, document, path))
    if isinstance(below, list):
        return put(document, path, below)
    return put(document, path, {n: each for n, each in element.items() if n not in RETIRED})


def _reset(
    base: Mapping[str, object], document: Mapping[str, object], path: Path, root: Shape
) -> Document:
    """Put what the template says in the place of what the tenant made of it."""
    if not path:
        return dict(base)
    below = counterpart(base, document, path)
    original = at(base, below)
    if original is None:
        return put(document, path, None)
    siblings = at(document, path[:-1])
    before = at(base, below[:-1])
    if not isinstance(siblings, Mapping) or not isinstance(before, Mapping):
        return put(document, path, original)
    if not _is_placed(before, siblings, path[-1], _shape_at(root, path[:-1])):
        kept = {
            below[-1] if name == path[-1] else name: original if name == path[-1] else each
            for name, each in siblings.items()
        }
        return put(document, path[:-1], kept) if path[:-1] else kept
    others = {name: each for name, each in siblings.items() if name != path[-1]}
    reset = _as_before(others, before, below[-1])
    return put(document, path[:-1], reset) if path[:-1] else reset


def _is_placed(
    base: Mapping[str, object], siblings: Mapping[str, object], name: str, shape: Shape
) -> bool:
    """Return whether a layer says where an inherited element stands."""
    said = smallest(base, siblings, shape).get(name)
    return isinstance(said, Mapping) and any(key in said for key in PLACEMENT)


def _as_before(others: Mapping[str, object], base: Mapping[str, object], name: str) -> Document:
    """Put an element of the template back behind the nearest that stands before it there.

    Only those count that stand in the template's order themselves, so that what is put back
    one by one ends in that order.
    """
    present = {old: new for new, old in pairs(base, others).items()}
    order = [present[old] for old in base if old in present]
    stay = staying(order, [each for each in others if each in set(order)])
    names = list(base)
    earlier = [n for old in names[: names.index(name)] if (n := present.get(old)) in stay]
    result: Document = {} if earlier else {name: base[name]}
    for key, each in others.items():
        result[key] = each
        if earlier and key == earlier[-1]:
            result[name] = base[name]
    return result
