"""Edits from the screens: they go into the person's own draft, begun with the first of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Response, jsonify

from metamodel import telling
from metamodel.editing import Edit
from metamodel.places import place_text
from metamodel.problems import DefinitionInvalid, Problem
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import own_draft, title_of_changes

ALSO = {"message": "message_", "label": "label_", "help": "help_"}
"""Parts of an element that have an input for each language."""


def edit(screen: Screen, edits: Iterable[Edit]) -> Response:
    """Put edits into the person's draft, and answer what is wrong with them if anything is."""
    made = tuple(edits)
    if not made:
        return jsonify({"message": screen.words.say("Nothing has changed.")})
    drafts = screen.services.drafts
    try:
        draft = own_draft(screen) or drafts.create(screen.ctx, title_of_changes(screen))
        drafts.edit(screen.ctx, draft.name, made, None)
    except DefinitionInvalid as invalid:
        return refused(screen, invalid.problems)
    return jsonify({"message": screen.words.say("Kept as a change, not yet published")})


def refused(screen: Screen, found: Sequence[Problem]) -> Response:
    """Answer problems beside the inputs that they are about, as far as the form has such."""
    errors = [
        {
            "path": [_input(screen, problem)],
            "code": problem.code,
            "message": _said(screen, problem),
        }
        for problem in found
    ]
    response = jsonify({"errors": errors})
    response.status_code = 422
    return response


def at_input(name: str, message: str) -> Response:
    """Answer what is wrong with one input of a dialog."""
    response = jsonify({"errors": [{"path": [name], "code": "refused", "message": message}]})
    response.status_code = 422
    return response


def _said(screen: Screen, problem: Problem) -> str:
    """Return what is wrong, with the element that it is about by what people call it."""
    path, said = problem.place.path, telling.sentence(problem, screen.language)
    if not path:
        return said
    called = place_text(screen.ctx.model, path, screen.language)
    return said.replace(f"`{'.'.join(path)}`", called)


def _input(screen: Screen, problem: Problem) -> str:
    path = problem.place.path
    for part in reversed(path):
        if part in ALSO:
            return ALSO[part] + screen.language
        if part in ("formula", "default", "options", "type", "to", "refuse_when", "at", "name",
                    "unique", "required", "must_fill", "probability", "into", "takes"):  # fmt: skip
            return part
    return ""
