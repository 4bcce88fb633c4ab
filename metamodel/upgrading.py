"""Puts a tenant's own layer over a newer version of what it stands on.

What the two sides made of it is merged leaf by leaf. An element that the newer version took
away and the tenant needs, and a problem that neither side had alone, are questions as well:
nothing that the tenant made is given up without an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from metamodel.apart import Apart
from metamodel.dump import dump
from metamodel.editing.document import at, counterpart
from metamodel.editing.shapes import inner, is_element, top
from metamodel.editing.smallest import pairs
from metamodel.edits import Document, same
from metamodel.layers import Layer, merge, put_over
from metamodel.linking.memory import Memory
from metamodel.loader import builtin_layer, load, read_text
from metamodel.meaning import named_in
from metamodel.problems import DefinitionInvalid, Problem
from metamodel.rebase import Rebased, Stack, rebased, with_answers
from metamodel.threeway import Answer, Path, Question

ROUNDS = 12
"""How often what was mended is looked at again, for problems that only show then."""

MEMBERS = frozenset(
    {"items", "lists", "figures", "columns", "card", "sums", "views", "rules", "widgets", "entries",
     "indexes", "unique", "duplicates", "convert", "buttons", "sections", "tabs", "filters",
     "automations", "scenarios", "steps", "segments", "messages"}
)  # fmt: skip
"""Parts whose elements may go along with what they speak of, their data untouched."""

_NAMES = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The tenant's layer over the newer version, with proposals where questions are open.

    `problems` are those that stay even so: the layer cannot be published until they are gone.
    """

    layer: Document
    questions: tuple[Question, ...] = ()
    problems: tuple[Problem, ...] = ()


def upgraded(
    old: Sequence[Layer],
    new: Sequence[Layer],
    own: Layer,
    answers: Mapping[Path, Answer] | None = None,
    memory: Memory | None = None,
) -> Upgrade:
    """Return a tenant's `own` layer over `new`, the layers that take the place of `old`.

    `answers` settle questions by path, those that arise from other answers included. With a
    `memory` of linking over `new`, only what differs is linked; without one that of the last
    tenants' template is used. Raises `DefinitionInvalid` where the new layers cannot be loaded
    by themselves.
    """
    given = answers or {}
    both = frozenset(path for path, answer in given.items() if answer == "both")
    apart = Apart(both, held=True)
    rebase = rebased(Stack(old, {}), Stack(new, {}), own.document, apart)
    rebase = with_answers(new, rebase.layer, rebase.questions, given, held=True)
    base, theirs = (merge([builtin_layer(), *layers]).document for layers in (old, new))
    known = named_in(new) if memory is None else None
    memory = known.memory.copy() if known is not None else memory or Memory()
    return _Work(tuple(new), own.name, base, theirs, given, memory).settled(rebase)


@dataclass(frozen=True, slots=True)
class _Work:
    """One upgrade: what the old and the new layers give, and what was answered already."""

    new: tuple[Layer, ...]
    name: str
    base: Document
    theirs: Document
    answers: Mapping[Path, Answer]
    memory: Memory

    def settled(self, rebase: Rebased) -> Upgrade:
        """Mend what does not hold together, until nothing more can be proposed."""
        layer, asked = rebase.layer, list(rebase.questions)
        for _ in range(ROUNDS):
            problems = self._problems(layer)
            found = tuple(self._proposals(layer, problems))
            if not found:
                return Upgrade(layer, tuple(asked), problems)
            chosen = {each.path: self.answers.get(each.path, each.proposal) for each in found}
            layer = with_answers(self.new, layer, found, chosen).layer
            asked += [each for each in found if each.path not in self.answers]
        return Upgrade(layer, tuple(asked), self._problems(layer))

    def _problems(self, layer: Document) -> tuple[Problem, ...]:
        """Return what is wrong with the merged whole; raise what the new layers alone have."""
        try:
            load([*self.new, read_text(dump(layer), self.name)], self.memory)
        except DefinitionInvalid as error:
            load(self.new, self.memory)
            return error.problems
        return ()

    def _proposals(self, layer: Document, problems: Sequence[Problem]) -> Iterator[Question]:
        """Yield a question for each thing that can be done about problems, each once."""
        if not problems:
            return
        document = put_over(self.theirs, Layer(self.name, layer))
        seen: set[Path] = set()
        gone = list(_gone(self.base, self.theirs, ()))
        for problem in problems:
            question = self._needed(document, problem, gone) or self._mended(document, problem)
            if question is not None and question.path not in seen:
                seen.add(question.path)
                yield question

    def _needed(
        self, document: Document, problem: Problem, gone: Sequence[Path]
    ) -> Question | None:
        """Propose to keep what the newer version took away, where a problem names it."""
        names = {part for name in _NAMES.findall(problem.sentence) for part in name.split(".")}
        names |= {part for step in problem.place.path for part in step.split(".")}
        for path in gone:
            place = counterpart(document, self.base, path)
            here, before = at(document, place), at(self.base, path)
            if path[-1] not in names or _lives(here) or not isinstance(before, Mapping):
                continue
            if at(document, place[:-1]) is None or self.answers.get(place) == "theirs":
                continue
            return Question(place, "needed", before, here, before, "ours")
        return None

    def _mended(self, document: Document, problem: Problem) -> Question | None:
        """Propose what to do about a problem that neither side had alone."""
        path = problem.place.path
        for end in range(len(path), 0, -1):
            here, theirs = at(document, path[:end]), at(self.theirs, path[:end])
            if here is None or same(here, theirs):
                continue
            if theirs is not None and not isinstance(theirs, Mapping):
                base = at(self.base, path[:end])
                return self._asked(Question(path[:end], "problem", base, theirs, here, "theirs"))
            break
        return self._retired(document, path)

    def _retired(self, document: Document, path: Path) -> Question | None:
        """Propose to take the innermost part that a problem lies in out of use."""
        shape = top()
        found: Path = ()
        for index, name in enumerate(path):
            parent, shape = shape, inner(shape, name)
            if is_element(shape) and index and path[index - 1] in MEMBERS and parent:
                found = path[: index + 1]
        here = at(document, found) if found else None
        if not isinstance(here, Mapping) or not _lives(here):
            return None
        base, theirs = at(self.base, found), at(self.theirs, found)
        return self._asked(
            Question(found, "problem", base, theirs, {**here, "$retire": True}, "ours")
        )

    def _asked(self, question: Question) -> Question | None:
        """Return a question, unless what was answered is what the problem comes from."""
        answer = self.answers.get(question.path)
        return question if answer in (None, question.proposal) else None


def _gone(base: Mapping[str, object], theirs: Mapping[str, object], path: Path) -> Iterator[Path]:
    """Yield the paths of elements, as the base names them, that the newer version has no more."""
    present = {old: name for name, old in pairs(base, theirs).items()}
    for old, before in base.items():
        if not isinstance(before, Mapping) or not _lives(before):
            continue
        now = theirs.get(present[old]) if old in present else None
        if not _lives(now):
            yield (*path, old)
        elif isinstance(now, Mapping):
            yield from _gone(before, now, (*path, old))


def _lives(element: object) -> bool:
    return element is not None and not (
        isinstance(element, Mapping) and element.get("$retire") is True
    )
