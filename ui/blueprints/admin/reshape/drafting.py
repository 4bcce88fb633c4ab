"""Edits from the screens: they go into the person's own draft, begun with the first of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Response, jsonify

from metamodel import telling
from metamodel.editing import Edit, Path
from metamodel.places import place_text
from metamodel.problems import DefinitionInvalid, Problem
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import own_draft, title_of_changes

ALSO = {"message": "message_", "label": "label_", "help": "help_"}
"""Parts of an element that have an input for each language."""


ELEMENT = 4
"""Names in the path of an element of a form."""

NAMING = ("bad_name", "name_taken", "reserved_name", "key_taken")
"""Problems with the name of an element."""

MOST = 4
"""Problems that are said beside one input; how many more there are is counted."""


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
        return refused(screen, invalid.problems, made[0].path[:ELEMENT])
    return jsonify({"message": screen.words.say("Kept as a change, not yet published")})


def refused(screen: Screen, found: Sequence[Problem], about: Path = ()) -> Response:
    """Answer problems beside the inputs that they are about, as far as the form has such.

    Those of elements other than the one that the edit is `about` say where they are.
    """
    said: dict[str, dict[str, str]] = {}
    for problem in found:
        here = said.setdefault(_input(screen, problem), {})
        here.setdefault(_said(screen, problem, about), problem.code)
    errors = [
        {"path": [place], "code": code, "message": message}
        for place, problems in said.items()
        for message, code in list(problems.items())[:MOST]
    ]
    more = {place: len(problems) - MOST for place, problems in said.items()}
    left = sum(max(0, count) for count in more.values())
    if left:
        place = max(more, key=lambda each: more[each])
        words = screen.words.say("And {count} more.", count=left)
        errors.append({"path": [place], "code": "refused", "message": words})
    response = jsonify({"errors": errors})
    response.status_code = 422
    return response


def at_input(name: str, message: str) -> Response:
    """Answer what is wrong with one input of a dialog."""
    response = jsonify({"errors": [{"path": [name], "code": "refused", "message": message}]})
    response.status_code = 422
    return response


def _said(screen: Screen, problem: Problem, about: Path) -> str:
    """Return what is wrong, with the element that it is about by what people call it."""
    path, said = problem.place.path, telling.sentence(problem, screen.language)
    if not path:
        return said
    called, named = place_text(screen.ctx.model, path, screen.language), f"`{'.'.join(path)}`"
    if _is_own(path, about):
        return " ".join(filter(None, (said, telling.hint(problem, screen.language)))).replace(
            named, called
        )
    if named not in said and about:
        return f"{called}{'：' if screen.language == 'zh' else ': '}{said}"
    return said.replace(named, called)


def _is_own(path: Path, about: Path) -> bool:
    """Return whether a problem is about what is edited, or about the name that it is to get."""
    named = len(path) == len(about) and path[:-1] == about[:-1]
    return bool(about) and (named or path[: len(about)] == about)


def _input(screen: Screen, problem: Problem) -> str:
    path = problem.place.path
    if problem.code in NAMING:
        return "name"
    for part in reversed(path):
        if part in ALSO:
            return ALSO[part] + screen.language
        if part in ("formula", "default", "options", "type", "to", "refuse_when", "at", "name",
                    "unique", "required", "must_fill", "probability", "into", "takes"):  # fmt: skip
            return part
    return ""
