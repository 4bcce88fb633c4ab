"""Merges what two sides made of one document: each side's changes are taken, none is lost.

Documents are merged ones (what all layers give together, retired elements included), and are
merged leaf by leaf: elements by their keys, so that a rename on one side meets a change on
the other; formulas by what they say; sets as sets; order as a leaf of its own. What both
sides changed, each otherwise, is a question with a proposal, and never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal

from formula import FormulaError, parse
from formula.printer import print_formula
from metamodel.apart import ALIKE, Added, Apart, free_name, with_own_keys
from metamodel.editing.ordering import moved
from metamodel.editing.shapes import Shape, inner, is_element, is_formula, is_named, is_set, top
from metamodel.editing.smallest import pairs
from metamodel.edits import Document, same
from metamodel.identity import oldest_first
from metamodel.linking.formulas import formula_text

Path = tuple[str, ...]

Kind = Literal["both_changed", "both_added", "removed_changed", "needed", "problem"]
"""Both sides changed a leaf; both added one name; one removed what the other changed; one removed
what the other needs; or together they have a problem that neither has alone."""

Answer = Literal["theirs", "ours", "both"]

LATER = ("needed", "problem")
"""Kinds of questions that come up after merging: what they propose is not done yet."""

PLACE = "$after"
"""The last name in the path of a question about where an element stands."""


@dataclass(frozen=True, slots=True)
class Question:
    """A leaf, or an element, that the two sides made something else of; None: not there.

    `path` holds the names that elements have in the merged document, in which the proposal
    stands until somebody decides.
    """

    path: Path
    kind: Kind
    base: object
    theirs: object
    ours: object
    proposal: Answer

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What may be answered: two elements of one name may both stay."""
        elements = isinstance(self.theirs, Mapping) and isinstance(self.ours, Mapping)
        if self.kind == "both_added" and elements:
            return ("theirs", "ours", "both")
        return ("theirs", "ours")


@dataclass(frozen=True, slots=True)
class Merge3:
    """What two sides give together, and what somebody has to decide.

    `apart` are the elements of ours that have other names now, by path, with those in ours.
    """

    document: Document
    questions: tuple[Question, ...] = ()
    apart: tuple[tuple[Path, str], ...] = ()


def three_way(
    base: Mapping[str, object],
    theirs: Mapping[str, object],
    ours: Mapping[str, object],
    shape: Shape | None = None,
    apart: Apart = ALIKE,
) -> Merge3:
    """Return `base` with the changes of both sides; where both speak, the proposal is ours."""
    work = _Work(apart)
    document = _map(_Level(top() if shape is None else shape, (), work), base, theirs, ours)
    return Merge3(document, tuple(work.asked), tuple(work.renamed))


@dataclass(slots=True)
class _Work:
    """How elements are told apart, what was asked, and which of ours were renamed, so far."""

    apart: Apart
    asked: list[Question] = field(default_factory=list)
    renamed: list[tuple[Path, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Level:
    """Where merging stands: the shape of what is merged, and its path."""

    shape: Shape
    path: Path
    work: _Work

    def below(self, name: str) -> _Level:
        return _Level(inner(self.shape, name), (*self.path, name), self.work)

    def ask(
        self, kind: Kind, base: object, theirs: object, ours: object, *, proposal: Answer = "ours"
    ) -> None:
        self.work.asked.append(Question(self.path, kind, base, theirs, ours, proposal))


def _map(
    level: _Level,
    base: Mapping[str, object],
    theirs: Mapping[str, object],
    ours: Mapping[str, object],
) -> Document:
    """Merge three maps: what stands in them by key, then in which order."""
    their_names, our_names = pairs(base, theirs), pairs(base, ours)
    sides = Added(theirs, their_names), Added(ours, our_names)
    theirs, ours = with_own_keys(level.work.apart, level.shape, level.path, *sides)
    in_theirs, in_ours = _inverse(their_names), _inverse(our_names)
    result: Document = {}
    present: dict[str, str] = {}
    for old in base:
        their, our = in_theirs.get(old), in_ours.get(old)
        name = _name(level, old, their, our)
        if name != their and name in theirs and their_names.get(name) != old:
            name = _second(level, old, name, (base, theirs, ours, result))
        present[old] = name
        left = theirs[their] if their is not None else None
        right = ours[our] if our is not None else None
        value = _leaf(level.below(name), base[old], left, right)
        if value is not None:
            others = {*theirs} - {their}
            also = {n for n in (their, our) if n not in (None, old, name) and n not in others}
            result[name] = _with_names(value, left, right, also) if old != name else value
    added: dict[str, tuple[str, str]] = {}
    for name in dict.fromkeys((*theirs, *ours)):
        left = None if name in their_names else theirs.get(name)
        right = None if name in our_names else ours.get(name)
        joined = _joined(level, name, (base, theirs, ours, result), left, right)
        result |= joined
        added[name] = next(iter(joined), name), next(reversed(joined), name)
    return _in_order(
        level,
        result,
        [present[old] for old in base],
        [present[their_names[n]] if n in their_names else added[n][0] for n in theirs],
        [present[our_names[n]] if n in our_names else added[n][1] for n in ours],
    )


def _joined(
    level: _Level,
    name: str,
    taken: Sequence[Mapping[str, object]],
    theirs: object,
    ours: object,
) -> Document:
    """Return what is added under a name: both, where they are not the same thing.

    `taken` are all names: those of the base, of both sides, and of what is merged so far, last.
    """
    place, apart = level.below(name), level.work.apart
    if theirs is None and ours is None:
        return {}
    two = is_named(place.shape) and apart.are_two(place.path, theirs, ours)
    # What theirs wrote goes on meaning theirs, be it called otherwise in ours.
    has_it = name in taken[-1] or (theirs is None and name in taken[1] and is_named(place.shape))
    if not has_it and not two:
        value = _added(place, theirs, ours)
        return {} if value is None else {name: value}
    free = free_name(name, *taken)
    if place.path not in apart.both:
        level.below(free).below("renamed_from").ask("both_added", None, name, free)
    level.work.renamed.append(((*level.path, free), name))
    mine = apart.under(name, theirs if ours is None else ours)
    return {free: mine} if theirs is None or name in taken[-1] else {name: theirs, free: mine}


def _inverse(names: Mapping[str, str]) -> dict[str, str]:
    return {old: name for name, old in names.items()}


def _name(level: _Level, old: str, theirs: str | None, ours: str | None) -> str:
    """Return the name of an element that either side may have renamed."""
    if theirs in (None, old) or ours in (None, old) or theirs == ours:
        return next((each for each in (ours, theirs) if each not in (None, old)), old) or old
    assert ours is not None  # noqa: S101  # only a name that is not `old` comes here
    level.below(ours).below("renamed_from").ask("both_changed", old, theirs, ours)
    return ours


def _second(level: _Level, old: str, name: str, taken: Sequence[Mapping[str, object]]) -> str:
    """Return a free name for an element of ours that is called as theirs renamed another."""
    free = free_name(name, *taken)
    level.below(free).below("renamed_from").ask("both_changed", old, old, free)
    level.work.renamed.append(((*level.path, free), name))
    return free


def _with_names(value: object, theirs: object, ours: object, also: Set[str | None]) -> object:
    """Return a renamed element with all former names that either side knows, and the other's."""
    if not isinstance(value, Mapping):
        return value
    known = oldest_first(theirs, ours)
    former = [*known, *sorted({each for each in also if each} - {*known})]
    keys = (each.get("key") for each in (theirs, ours) if isinstance(each, Mapping))
    key = next((each for each in keys if each), None)
    return {
        **value,
        **({"key": key} if key else {}),
        **({"renamed_from": former} if former else {}),
    }


def _added(level: _Level, theirs: object, ours: object) -> object:
    """Return what one side added, or both under one name."""
    if theirs is None or ours is None or _said(level.shape, theirs) == _said(level.shape, ours):
        return theirs if ours is None else ours
    if isinstance(theirs, Mapping) and isinstance(ours, Mapping) and not is_element(level.shape):
        return _map(level, {}, theirs, ours)
    level.ask("both_added", None, theirs, ours)
    return ours


def _leaf(level: _Level, base: object, theirs: object, ours: object) -> object:
    """Merge what stands at one path in the base; None on a side: it was taken away there."""
    if theirs is base or theirs is ours:
        return ours
    if ours is base:
        return theirs
    maps = isinstance(base, Mapping) and not is_formula(level.shape)
    if maps and isinstance(theirs, Mapping) and isinstance(ours, Mapping):
        return _element(level, base, theirs, ours)  # type: ignore[arg-type]
    said = [_said(level.shape, each) for each in (base, theirs, ours)]
    if said[1] == said[0] or said[1] == said[2]:
        return ours
    if said[2] == said[0]:
        return theirs
    if is_set(level.shape) and all(isinstance(each, list) for each in (base, theirs, ours)):
        return _set(base, theirs, ours)  # type: ignore[arg-type]
    if ours is None:
        level.ask("removed_changed", base, theirs, ours, proposal="theirs")
        return theirs
    level.ask("removed_changed" if theirs is None else "both_changed", base, theirs, ours)
    return ours


def _element(
    level: _Level,
    base: Mapping[str, object],
    theirs: Mapping[str, object],
    ours: Mapping[str, object],
) -> object:
    """Merge an element, or a map; that one side retired and the other changed is a question."""
    retired = [each.get("$retire") is True for each in (base, theirs, ours)]
    if is_element(level.shape) and retired[1] != retired[2]:
        removes, other = (theirs, ours) if retired[1] else (ours, theirs)
        if not retired[0] and not same(_unnamed(base), _unnamed(other)):
            level.ask("removed_changed", base, theirs, ours)
            merged = _map(level, base, _plain(theirs), _plain(ours))
            return {**merged, "$retire": True} if removes is ours else merged
    return _map(level, base, theirs, ours)


def _plain(element: Mapping[str, object]) -> Document:
    return {name: each for name, each in element.items() if name != "$retire"}


def _unnamed(element: Mapping[str, object]) -> Document:
    """Return what an element says beside its names: a rename takes nothing from who retires it."""
    return {n: each for n, each in _plain(element).items() if n not in ("key", "renamed_from")}


def _set(base: Sequence[object], theirs: Sequence[object], ours: Sequence[object]) -> list[object]:
    """Merge sets: what either side took out is out, what either put in is in."""
    dropped = [item for item in base if item not in ours]
    kept = [item for item in theirs if item not in dropped]
    return kept + [item for item in ours if item not in base and item not in kept]


def _said(shape: Shape, value: object) -> object:
    """Return what a value says, for comparing: types told apart, formulas by canonical print."""
    if is_formula(shape) and value is not None:
        text = formula_text(value)
        try:
            return print_formula(parse(text))
        except FormulaError:
            return text
    if isinstance(value, Mapping):
        return [(name, _said(inner(shape, name), each)) for name, each in value.items()]
    if isinstance(value, list):
        return [_said({}, each) for each in value]
    return (type(value).__name__, str(value))


def _in_order(
    level: _Level,
    result: Document,
    base: Sequence[str],
    theirs: Sequence[str],
    ours: Sequence[str],
) -> Document:
    """Order a merged map: as theirs, and what we moved or added behind what it follows in ours."""
    order = [name for name in theirs if name in result]
    ours = [name for name in ours if name in result]
    mine, other = moved(base, ours), moved(base, theirs)
    for index, name in enumerate(ours):
        if name in order and name not in mine:
            continue
        if name in mine and name in other and is_element(inner(level.shape, name)):
            there = theirs.index(name)
            places = theirs[there - 1] if there else "", ours[index - 1] if index else ""
            if places[0] != places[1]:
                level.below(name).below(PLACE).ask("both_changed", None, *places)
        if name in order:
            order.remove(name)
        spot = order.index(ours[index - 1]) + 1 if index else 0
        if name not in base and index:
            spot = _behind_theirs(order, spot, base, ours)
        order.insert(spot, name)
    return {name: result[name] for name in (*order, *(n for n in result if n not in order))}


def _behind_theirs(
    order: Sequence[str], spot: int, base: Sequence[str], ours: Sequence[str]
) -> int:
    """Return the place behind what the others added at the same spot: theirs come first."""
    while spot < len(order) and order[spot] not in base and order[spot] not in ours:
        spot += 1
    return spot
