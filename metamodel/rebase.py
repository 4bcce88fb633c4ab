"""Takes a tenant's layer from the layers it was made over to others: drafts, and new templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from metamodel.answering import answered, both_stay
from metamodel.apart import ALIKE, Apart
from metamodel.editing.document import at, present, put
from metamodel.editing.screens import Statements, is_partial, statements, without_partial
from metamodel.editing.smallest import smallest
from metamodel.edits import Document
from metamodel.followed import following, renamed_fields
from metamodel.layers import Layer, merge, put_over
from metamodel.loader import builtin_layer
from metamodel.meaning import (
    followed,
    mentions,
    named_by,
    named_in,
    renamed_by,
    told_apart,
    without,
    words_of,
)
from metamodel.respelling import Called, Writings, rewritten
from metamodel.threeway import Answer, Merge3, Path, Question, three_way


@dataclass(frozen=True, slots=True)
class Rebased:
    """A tenant's layer over other layers, and what somebody has to decide about it."""

    layer: Document
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """The layers under a tenant's, the lowest first, and what the tenant's own says over them."""

    below: Sequence[Layer]
    own: Mapping[str, object]


def rebased(
    before: Stack, after: Stack, ours: Mapping[str, object], apart: Apart = ALIKE
) -> Rebased:
    """Return `ours`, a layer made from what stood before, as a layer over what stands now.

    For a draft `before.own` is the layer that it began from, `after.own` the one published
    since. For a new template both are blank, and `ours` is the tenant's layer. `apart` says how
    elements are told apart that both sides added.
    """
    old = merge([builtin_layer(), *before.below]).document
    same = list(before.below) == list(after.below)
    new = old if same else merge([builtin_layer(), *after.below]).document
    sides = _Sides(
        _Side.over(old, before.own), _Side.over(new, after.own), _Side.over(old, ours), apart
    )
    merge3 = sides.merged()
    called = sides.called(merge3)
    if called and mentions(ours, words_of(sides.base.written, sides.ours.written, called)):
        sides = sides.spoken(before, ours, called)
        merge3 = sides.merged()
    screens, asked = _screens(sides.base, sides.theirs, sides.ours)
    layer = Statements(screens).over(smallest(without_partial(new), merge3.document))
    return Rebased(layer, (*merge3.questions, *asked))


def with_answers(
    below: Sequence[Layer],
    own: Mapping[str, object],
    questions: Sequence[Question],
    answers: Mapping[Path, Answer],
    *,
    theirs: Mapping[str, object] = MappingProxyType({}),
    held: bool = False,
) -> Rebased:
    """Return a layer in which questions that came up over `below` are answered; others stay.

    Where two elements of one name both stay, what `theirs` says means theirs; `held` says that
    those of ours have records.
    """
    base = merge([builtin_layer(), *below]).document
    side = _Side.over(base, own)
    written, screens = side.written, dict(side.screens.said)
    both = [q for q in questions if answers.get(q.path) == "both" and "both" in q.answers]
    for question in both:
        told = both_stay(written, question, held=held)
        if told is not None:
            written, called = told
            names = named_in(below, Layer("tenant", own))
            anew = names.written(called) if names is not None else {}
            written = rewritten(written, anew, _Side.over(base, theirs).written)
            screens = _spoken_screens(screens, anew)
    for question in questions:
        answer = answers.get(question.path)
        screen = question.path[:4]
        if answer is None or question in both:
            continue
        if screen in screens or is_partial(side.whole, question.path):
            nested: Document = {"": screens.get(screen, {})}
            inside = replace(question, path=("", *question.path[4:]))
            said = answered(nested, inside, answer).get("", {})
            screens[screen] = said if isinstance(said, Mapping) else {}
        else:
            written = answered(written, question, answer)
    left = tuple(each for each in questions if each.path not in answers)
    return Rebased(Statements(screens).over(smallest(without_partial(base), written)), left)


@dataclass(frozen=True, slots=True)
class _Side:
    """What layers give together: all of it, what is written, and what is said of the generated."""

    whole: Document
    written: Document
    screens: Statements

    @classmethod
    def over(cls, base: Document, own: Mapping[str, object]) -> _Side:
        whole = put_over(base, Layer("tenant", own))
        return cls(whole, without_partial(whole), statements(whole, own))


@dataclass(frozen=True, slots=True)
class _Sides:
    """What is merged: what stood before, and what each side made of it."""

    base: _Side
    theirs: _Side
    ours: _Side
    apart: Apart

    def merged(self) -> Merge3:
        """Merge what is written; forms and views follow fields that theirs renamed."""
        fields = renamed_fields(self.base.written, self.theirs.written)
        return three_way(
            following(self.base.written, self.base.written, fields),
            self.theirs.written,
            following(self.base.written, self.ours.written, fields),
            apart=self.apart,
        )

    def called(self, merged: Merge3) -> Called:
        """Return what elements that ours may speak of are called after the merge."""
        theirs = renamed_by(self.base.written, self.theirs.written)
        apart = told_apart(merged, self.ours.written)
        return {**named_by(merged.document, theirs), **apart}

    def spoken(self, before: Stack, ours: Mapping[str, object], called: Called) -> _Sides:
        """Return the sides with ours, and what it has of the base, by the names of now."""
        base, theirs, mine = self.base.written, self.theirs.written, self.ours.written
        moved: dict[Path, object] = {}
        if renamed_by(base, theirs):
            below = [*before.below, *([Layer("tenant", before.own)] if before.own else ())]
            known = named_in(below)
            moved = followed(base, theirs, known.written(called)) if known is not None else {}
        names = named_in(before.below, Layer("tenant", ours))
        written = names.written(called) if names is not None else {}
        told = rewritten(mine, written, without(base, tuple(moved)))
        for path, leaf in moved.items():
            base = put(base, path, leaf)
        said = _spoken_screens(self.ours.screens.said, written)
        return replace(
            self,
            base=replace(self.base, written=base),
            ours=replace(self.ours, written=told, screens=Statements(said)),
        )


def _spoken_screens(
    screens: Mapping[Path, Mapping[str, object]], written: Writings
) -> dict[Path, Mapping[str, object]]:
    """Return what is said of generated screens by the names of now."""
    said = Statements(screens).over({})
    told = rewritten(said, written, {})
    return {path: _found(told, path) for path in screens}


def _found(document: Document, path: Path) -> Mapping[str, object]:
    found = at(document, path)
    return found if isinstance(found, Mapping) else {}


def _screens(
    base: _Side, theirs: _Side, ours: _Side
) -> tuple[dict[Path, Mapping[str, object]], tuple[Question, ...]]:
    """Merge what is said of generated screens: each statement is a leaf of its own."""
    said: dict[Path, Mapping[str, object]] = {}
    asked: tuple[Question, ...] = ()
    for path in dict.fromkeys((*theirs.screens.said, *ours.screens.said)):
        merged = _statement(
            *(each.screens.said.get(present(each.whole, path), {}) for each in (base, theirs, ours))
        )
        there = present(theirs.whole, path)
        said[there] = merged.document
        asked += tuple(replace(each, path=(*there, *each.path)) for each in merged.questions)
    return said, asked


def _statement(
    base: Mapping[str, object], theirs: Mapping[str, object], ours: Mapping[str, object]
) -> Merge3:
    return three_way(base, theirs, ours, shape={})
