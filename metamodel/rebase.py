"""Takes a tenant's layer from the layers it was made over to others: drafts, and new templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metamodel.answering import answered
from metamodel.editing.document import present
from metamodel.editing.screens import Statements, is_partial, statements, without_partial
from metamodel.editing.smallest import smallest
from metamodel.edits import Document
from metamodel.followed import following, renamed_fields
from metamodel.layers import Layer, merge, put_over
from metamodel.loader import builtin_layer
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


def rebased(before: Stack, after: Stack, ours: Mapping[str, object]) -> Rebased:
    """Return `ours`, a layer made from what stood before, as a layer over what stands now.

    For a draft `before.own` is the layer that it began from, `after.own` the one published
    since. For a new template both are blank, and `ours` is the tenant's layer.
    """
    old = merge([builtin_layer(), *before.below]).document
    same = list(before.below) == list(after.below)
    new = old if same else merge([builtin_layer(), *after.below]).document
    base, theirs, mine = (
        _Side.over(old, before.own),
        _Side.over(new, after.own),
        _Side.over(old, ours),
    )
    called = renamed_fields(base.written, theirs.written)
    merge3 = three_way(
        following(base.written, base.written, called),
        theirs.written,
        following(base.written, mine.written, called),
    )
    screens, asked = _screens(base, theirs, mine)
    layer = Statements(screens).over(smallest(without_partial(new), merge3.document))
    return Rebased(layer, (*merge3.questions, *asked))


def with_answers(
    below: Sequence[Layer],
    own: Mapping[str, object],
    questions: Sequence[Question],
    answers: Mapping[Path, Answer],
) -> Rebased:
    """Return a layer in which questions that came up over `below` are answered; others stay."""
    base = merge([builtin_layer(), *below]).document
    side = _Side.over(base, own)
    written, screens = side.written, dict(side.screens.said)
    for question in questions:
        answer = answers.get(question.path)
        screen = question.path[:4]
        if answer is None:
            continue
        if screen in screens or is_partial(side.whole, question.path):
            nested: Document = {"": screens.get(screen, {})}
            inside = Question(
                ("", *question.path[4:]),
                question.kind,
                question.base,
                question.theirs,
                question.ours,
                question.proposal,
            )
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
        asked += tuple(
            Question(
                (*there, *each.path),
                each.kind,
                each.base,
                each.theirs,
                each.ours,
                each.proposal,
            )
            for each in merged.questions
        )
    return said, asked


def _statement(
    base: Mapping[str, object], theirs: Mapping[str, object], ours: Mapping[str, object]
) -> Merge3:
    return three_way(base, theirs, ours, shape={})
