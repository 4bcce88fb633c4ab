"""Checking a formula while somebody writes it."""

from __future__ import annotations

from flask import Response, jsonify, request

from engine.messages import formula_sentence
from formula import FormulaError, parse
from formula import check as check_formula
from formula.types import type_names
from metamodel import scope_of
from ui.blueprints.api.arguments import FormulaBody, body_of
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import entity_of
from ui.services import Services


def check(services: Services, caller: Caller) -> Response:
    """Answer a formula's type and what it reads, or every error with its place and a completion."""
    body = body_of(request, FormulaBody)
    target = entity_of(caller.ctx, body["entity"])
    caller.require(target.name, "read")
    scope = scope_of(caller.model, target.key)
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
                "completions": list(scope.suggestions(_last_path(body["formula"]))),
            }
        )
    reads = sorted(".".join(step.field for step in chain) for chain in typed.dependencies.reads)
    return jsonify(
        {
            "type": type_names[type(typed.type).__name__],
            "formula": typed.text,
            "stability": typed.stability,
            "dependencies": reads,
            "errors": [],
            "completions": [],
        }
    )


def _last_path(text: str) -> tuple[str, ...]:
    """Return the name being typed at the end of the text, split at its dots."""
    tail = text.rstrip()
    start = len(tail)
    while start and (tail[start - 1].isalnum() or tail[start - 1] in "_."):
        start -= 1
    return tuple(tail[start:].split("."))
