"""Checking a formula while somebody writes it, as far as they may read what it reads."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, jsonify, request

from engine.messages import formula_sentence
from engine.query.legible import LegibleScope
from formula import FormulaError, parse
from formula import check as check_formula
from formula.scope import Step
from formula.typed import Typed
from formula.types import type_names
from metamodel import scope_of
from metamodel.model import Model
from ui.blueprints.api.arguments import FormulaBody, body_of
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import readable_entity
from ui.services import Services
from ui.typing_formulas import last_path


def check(services: Services, caller: Caller) -> Response:
    """Answer a formula's type and what it reads, or every error with its place and a completion."""
    body = body_of(request, FormulaBody)
    caller.require(body["entity"], "read")
    target = readable_entity(services.access, caller.ctx, body["entity"])
    scope = LegibleScope(caller.ctx, scope_of(caller.model, target.key))
    try:
        typed = check_formula(parse(body["formula"]), scope)
    except FormulaError as error:
        return jsonify(
            {
                "type": None,
                "dependencies": [],
                "errors": [
                    {
                        "code": item.code,
                        "message": formula_sentence(item, caller.ctx.language),
                        "start": item.span.start,
                        "end": item.span.end,
                    }
                    for item in error.problems
                ],
                "completions": list(scope.suggestions(last_path(body["formula"]))),
            }
        )
    return jsonify(
        {
            "type": type_names[type(typed.type).__name__],
            "formula": typed.text,
            "stability": typed.stability,
            "dependencies": sorted(set(_read(caller.model, typed))),
            "errors": [],
            "completions": [],
        }
    )


def _read(model: Model, typed: Typed) -> Iterator[str]:
    """Yield what a formula reads as dotted paths of names, over collections too."""
    for chain in typed.dependencies.reads:
        yield _dotted(model, chain)
    for read in typed.dependencies.collections:
        links = [_dotted(model, read.links)] if read.links else []
        for chain in read.reads:
            yield ".".join((*links, _collection(model, read.via), _dotted(model, chain)))


def _collection(model: Model, via: Step) -> str:
    """Return what the collection is called whose members point back over a field."""
    for entity in model.entities.values():
        for collection in entity.collections.values():
            if (collection.entity, collection.via) == (via.entity, via.field):
                return collection.name
    return model.entities[via.entity].name


def _dotted(model: Model, chain: tuple[Step, ...]) -> str:
    return ".".join(model.entities[step.entity].fields[step.field].name for step in chain)
