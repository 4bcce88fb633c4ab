"""What a draft's layer becomes: by edits, by decisions, by what others published meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.drafts.draft import Draft
from engine.schema.revisions import Document
from engine.store import ModelStore, layers_of
from engine.tenants.reshape import OWN
from metamodel import Layer, read_text
from metamodel.dump import dump
from metamodel.editing import Edit, edited
from metamodel.problems import DefinitionInvalid, Problem
from metamodel.rebase import Stack, rebased, with_answers
from metamodel.threeway import Answer, Path


@dataclass(frozen=True, slots=True)
class Ground:
    """What a draft stands on: a revision, and the documents that it is linked from."""

    revision: int
    documents: tuple[Document, ...]
    store: ModelStore

    @property
    def below(self) -> tuple[Document, ...]:
        """The documents under the tenant's own."""
        return self.documents[:-1]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers under the tenant's own."""
        return layers_of(self.below)

    @property
    def own(self) -> Mapping[str, object]:
        """What the tenant's own layer says."""
        return own_document(self.documents[-1].text)


def own_document(text: str) -> Mapping[str, object]:
    """Return what a layer's text says."""
    return read_text(text, OWN).document


def changed_layer(ground: Ground, layer: str, edits: Sequence[Edit]) -> str:
    """Return a draft's layer after edits.

    Raises `DefinitionInvalid` where one cannot be made, or with the problems that they bring.
    """
    made = edited(ground.layers, own_document(layer), edits, published=ground.own)
    text = dump(made)
    problems = _problems(ground, text)
    if problems:
        known = {(each.code, each.place.path) for each in _problems(ground, layer)}
        new = [each for each in problems if (each.code, each.place.path) not in known]
        if new:
            raise DefinitionInvalid(new)
    return text


def rebased_draft(start: Ground, ground: Ground, draft: Draft) -> Draft:
    """Return a draft that was begun on one ground over another.

    Decisions that were open stay so, unless the same is asked anew.
    """
    before, after = Stack(start.layers, start.own), Stack(ground.layers, ground.own)
    done = rebased(before, after, own_document(draft.layer))
    asked = {each.path for each in done.questions}
    still = tuple(each for each in draft.questions if each.path not in asked)
    return replace(
        draft,
        layer=dump(done.layer),
        over=ground.revision,
        questions=(*still, *done.questions),
        earlier=(),
    )


def decided_layer(ground: Ground, draft: Draft, answers: Mapping[Path, Answer]) -> Draft:
    """Return a draft with some of its questions answered."""
    own = own_document(draft.layer)
    done = with_answers(ground.layers, own, draft.questions, answers)
    return replace(draft, layer=dump(done.layer), questions=done.questions, earlier=())


def _problems(ground: Ground, layer: str) -> tuple[Problem, ...]:
    try:
        ground.store.compiled((*ground.below, Document(OWN, layer)))
    except DefinitionInvalid as error:
        return error.problems
    return ()
