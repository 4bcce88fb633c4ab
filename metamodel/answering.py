"""Answers what a merge asked: each question is settled in the merged document."""

from __future__ import annotations

from collections.abc import Mapping

from metamodel.apart import Added, Apart, free_name, with_own_keys
from metamodel.editing.document import at, present, put
from metamodel.editing.ordering import between
from metamodel.editing.shapes import inner, is_element, top
from metamodel.edits import Document
from metamodel.identity import former_names, key_of
from metamodel.threeway import LATER, PLACE, Answer, Merge3, Path, Question


def decided(merge: Merge3, answers: Mapping[Path, Answer]) -> Merge3:
    """Return a merge with some of its questions answered; the others stay."""
    document = merge.document
    for question in merge.questions:
        answer = answers.get(question.path)
        if answer is not None:
            document = answered(document, question, answer)
    return Merge3(document, tuple(each for each in merge.questions if each.path not in answers))


def answered(document: Mapping[str, object], question: Question, answer: Answer) -> Document:
    """Return a merged document in which a question is answered.

    `both` is an answer where both sides added an element of one name: ours gets another. What
    is none of the question's answers leaves its proposal; so does one about an element that is
    gone by now. One that has another name by now is found by its former one.
    """
    path = present(document, question.path)
    stands = question.kind not in LATER and answer == question.proposal
    if stands or answer not in question.answers or _is_gone(document, path):
        return dict(document)
    if path[-1] == PLACE:
        place = question.theirs if answer == "theirs" else question.ours
        siblings = at(document, path[:-2])
        known = siblings if isinstance(siblings, Mapping) else {}
        return put(document, path[:-2], between(known, path[-2], str(place or "")))
    if path[-1] == "renamed_from" and question.kind == "both_added":
        return put(document, path[:-1], None)
    if path[-1] == "renamed_from" and isinstance(question.base, str):
        return _called(document, path[:-1], str(getattr(question, answer, question.ours)))
    if question.kind == "removed_changed":
        return _removed(document, path, question, answer)
    if answer != "both":
        if answer == "theirs" and path[-1] != question.path[-1]:
            document = put(document, path, None)
            path = (*path[:-1], question.path[-1])
        return put(document, path, question.theirs if answer == "theirs" else question.ours)
    told = both_stay(document, question)
    return dict(document) if told is None else told[0]


def both_stay(
    document: Mapping[str, object], question: Question, *, held: bool = False
) -> tuple[Document, dict[Path, str]] | None:
    """Return a document in which both elements of one name stay, ours under another name.

    With it comes what ours is called now, by its path of keys. None: ours is gone by now.
    """
    path = present(document, question.path)
    siblings, ours = at(document, path[:-1]), at(document, path)
    if not isinstance(siblings, Mapping) or ours is None:
        return None
    shape, name, apart = top(), path[-1], Apart(both=(path,), held=held)
    for step in path[:-1]:
        shape = inner(shape, step)
    there = Added({**siblings, name: question.theirs}, {n: n for n in siblings if n != name})
    theirs, mine = with_own_keys(apart, shape, path[:-1], there, Added({name: ours}, {}))
    free = free_name(name, siblings, {key_of(n, each) for n, each in theirs.items()})
    keys = tuple(
        key_of(step, at(document, path[: index + 1])) if index % 2 else step
        for index, step in enumerate(path)
    )
    added = put(document, path, theirs[name])
    put_beside = put(added, (*path[:-1], free), apart.under(name, mine[name]))
    return put_beside, {keys: free}


def _called(document: Mapping[str, object], path: Path, name: str) -> Document:
    """Give an element that both sides renamed one of the two names; it answers to the other."""
    siblings = at(document, path[:-1])
    element = at(document, path)
    if not isinstance(siblings, Mapping) or not isinstance(element, Mapping):
        return dict(document)
    if name != path[-1] and name in siblings:
        return dict(document)
    former = sorted((former_names(element) | {path[-1]}) - {name})
    named = {**element, "renamed_from": former}
    return put(
        document,
        path[:-1],
        {name if n == path[-1] else n: named if n == path[-1] else v for n, v in siblings.items()},
    )


def _is_gone(document: Mapping[str, object], path: Path) -> bool:
    """Return whether a path leads into an element that is not there."""
    shape = top()
    for end, name in enumerate(path[:-1], 1):
        shape = inner(shape, name)
        if is_element(shape) and at(document, path[:end]) is None:
            return True
    return False


def _removed(
    document: Mapping[str, object], path: Path, question: Question, answer: Answer
) -> Document:
    """Settle a removal against a change; an element that is retired keeps the other's changes."""
    chosen = question.theirs if answer == "theirs" else question.ours
    if not isinstance(chosen, Mapping):
        return put(document, path, chosen)
    merged = at(document, path)
    element = dict(merged) if isinstance(merged, Mapping) else dict(chosen)
    element.pop("$retire", None)
    if chosen.get("$retire") is True:
        element["$retire"] = True
    return put(document, path, element)
