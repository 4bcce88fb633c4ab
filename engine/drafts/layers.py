"""What a draft's layer becomes: by edits, by decisions, by what others published meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.drafts.draft import Draft
from engine.errors import FieldError, RecordRefused
from engine.schema.revisions import Document
from engine.store import ModelStore, layers_of
from engine.tenants.reshape import OWN
from metamodel import Layer, read_text
from metamodel.dump import dump
from metamodel.editing import Edit, Restore, Retire, edited
from metamodel.editing.along import restored_along, retired_along
from metamodel.editing.document import at, present
from metamodel.layers import merge
from metamodel.problems import DefinitionInvalid, Problem
from metamodel.rebase import Stack, rebased, with_answers
from metamodel.threeway import Answer, Path, Question

ROUNDS = 4
"""How often more is looked for that goes along: a widget that goes may leave a list behind."""


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

    def under(self, draft: Draft) -> Ground:
        """Return the ground of a draft: an upgrade stands on other documents than what serves."""
        if not draft.below:
            return self
        return replace(self, documents=(*draft.below, self.documents[-1]))

    @property
    def own(self) -> Mapping[str, object]:
        """What the tenant's own layer says."""
        return own_document(self.documents[-1].text)


def own_document(text: str) -> Mapping[str, object]:
    """Return what a layer's text says."""
    return read_text(text, OWN).document


def changed_layer(ground: Ground, layer: str, edits: Sequence[Edit]) -> str:
    """Return a draft's layer after edits, with what goes along with them.

    Places that only show what is retired are retired with it, and come back with it. Raises
    `DefinitionInvalid` where an edit cannot be made, or with the problems that they bring.
    """
    own = own_document(layer)
    known = {(each.code, each.place.path) for each in _problems(ground, layer)}
    text = dump(edited(ground.layers, own, edits, published=ground.own))
    for _ in range(ROUNDS):
        problems = [p for p in _problems(ground, text) if (p.code, p.place.path) not in known]
        more = _along(ground, text, edits, problems)
        if not more:
            break
        text = dump(edited(ground.layers, own_document(text), more, published=ground.own))
    else:
        problems = list(_problems(ground, text))
    if problems:
        raise DefinitionInvalid(problems)
    back = _restored(ground, text, edits)
    return text if back is None else back


def written_at(documents: Sequence[Document], path: tuple[str, ...]) -> object:
    """Return what stands at a path of names with all layers merged; None for nothing."""
    return at(merge(layers_of(documents)).document, path)


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
    theirs = {} if draft.below else ground.own
    done = with_answers(
        ground.layers, own, draft.questions, answers, theirs=theirs, held=bool(draft.below)
    )
    return replace(draft, layer=dump(done.layer), questions=done.questions, earlier=())


def require_asked(questions: Sequence[Question], answers: Mapping[Path, Answer]) -> None:
    """Raise `RecordRefused` for answers that no question asks for, or does not take."""
    asked = {each.path: each for each in questions}
    errors = []
    for place, (path, answer) in enumerate(answers.items()):
        found = asked.get(path)
        if found is None:
            params = {"value": ".".join(path), "known": [".".join(each) for each in asked]}
            errors.append(FieldError("unknown_choice", ("answers", place, "path"), params))
        elif answer not in found.answers:
            params = {"value": answer, "known": list(found.answers)}
            errors.append(FieldError("unknown_choice", ("answers", place, "answer"), params))
    if errors:
        raise RecordRefused(errors)


def _along(
    ground: Ground, layer: str, edits: Sequence[Edit], problems: Sequence[Problem]
) -> tuple[Edit, ...]:
    """Return what has to go along with what edits retire."""
    retired = [each.path for each in edits if isinstance(each, Retire)]
    if not retired or not problems:
        return ()
    document = merge([*ground.layers, Layer(OWN, own_document(layer))]).document
    return retired_along(document, problems, retired)


def _restored(ground: Ground, layer: str, edits: Sequence[Edit]) -> str | None:
    """Return the layer with the places that come back with what edits restore; None: none do."""
    own = own_document(layer)
    document = merge([*ground.layers, Layer(OWN, own)]).document
    more = [
        edit
        for each in edits
        if isinstance(each, Restore)
        for edit in restored_along(document, own, present(document, each.path))
    ]
    if not more:
        return None
    text = dump(edited(ground.layers, own, more, published=ground.own))
    return None if _problems(ground, text) else text


def _problems(ground: Ground, layer: str) -> tuple[Problem, ...]:
    try:
        ground.store.compiled((*ground.below, Document(OWN, layer)), passing=True)
    except DefinitionInvalid as error:
        return error.problems
    return ()
