"""Reshaping over the API: drafts, their plans, publishing, versions and going back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from flask import Response, jsonify, request
from werkzeug.exceptions import BadRequest

from engine.context import Context
from engine.doors import Records
from engine.drafts import Draft
from engine.drafts.going_out import Terms
from engine.drafts.layers import own_document
from engine.errors import DraftChanged, FieldError, NotFound, RecordRefused
from engine.going_live import Underway, Wanted
from engine.planning import change_lines, report, report_facts
from engine.publish import Proposal
from engine.schema.revisions import Revision
from engine.values.structured import Digits
from engine.values.wire import plain
from metamodel.dump import dump
from metamodel.threeway import Question
from ui.blueprints.api.arguments import PublishArguments, body_of, object_of, query_of
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.created import created
from ui.blueprints.api.draft_arguments import (
    YAML_TYPE,
    AnswersBody,
    DraftBody,
    PublishDraftBody,
    RestoreBody,
    UpgradeBody,
)
from ui.once import once
from ui.services import Services

YAML = (YAML_TYPE, "text/yaml", "application/x-yaml")
"""What a layer may be sent as, beside JSON, and is answered as where it is asked for."""


def listed(services: Services, caller: Caller) -> Response:
    """Answer every draft, without its changes."""
    caller.require_whole()
    return jsonify({"data": [draft_to_wire(each) for each in services.drafts.list(caller.ctx)]})


def begin(services: Services, caller: Caller) -> Response:
    """Begin a draft, with a layer of changes or without."""
    caller.require_whole()
    body = body_of(request, DraftBody)
    text = "" if body["layer"] is None else _written(body["layer"])

    def answer(source: Records, draft: Draft) -> Response:
        return created(_answer(draft), f"{request.path}/{draft.name}")

    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.drafts.create(ctx, body["title"], name=body["name"], changes=text),
        answer,
    )


def template(services: Services, caller: Caller) -> Response:
    """Answer what the app stands on, in which version, and which version comes along."""
    caller.require_whole()
    offers = services.offers.list(caller.ctx)
    lines = [
        {"name": e.name, "label": e.label, "version": e.before, "available": e.after or None}
        for e in offers
    ]
    return jsonify({"data": lines})


def upgrade(services: Services, caller: Caller) -> Response:
    """Begin a draft on the version of the template that comes along."""
    caller.require_whole()
    name = body_of(request, UpgradeBody)["template"] or caller.ctx.model.app.name
    begun = services.offers.begin(caller.ctx, name)
    draft = services.drafts.open(caller.ctx, begun)
    return created(_answer(draft), f"{request.path.rsplit('/', 2)[0]}/drafts/{begun}")


def read(services: Services, caller: Caller, name: str) -> Response:
    """Answer a draft with its changes; as YAML the changes alone."""
    caller.require_whole()
    draft = services.drafts.open(caller.ctx, name)
    best = request.accept_mimetypes.best_match(["application/json", *YAML])
    if best in YAML:
        response = Response(draft.layer, mimetype=best)
        response.headers["ETag"] = f'"{draft.version}"'
        return response
    return _answer(draft)


def replace(services: Services, caller: Caller, name: str) -> Response:
    """Make the body the whole of a draft."""
    caller.require_whole()
    return _answer(services.drafts.put(caller.ctx, name, _layer_text(), _version()))


def merge(services: Services, caller: Caller, name: str) -> Response:
    """Merge the body into a draft."""
    caller.require_whole()
    return _answer(services.drafts.merge(caller.ctx, name, _layer_text(), _version()))


def drop(services: Services, caller: Caller, name: str) -> Response:
    """Throw a draft away."""
    caller.require_whole()
    services.drafts.discard(caller.ctx, name)
    return Response(status=204)


def plan(services: Services, caller: Caller, name: str) -> Response:
    """Answer what publishing a draft would do, and whom it gives or takes what."""
    caller.require_whole()
    return jsonify(_facts(services, caller, services.drafts.proposal(caller.ctx, name)))


def decide(services: Services, caller: Caller, name: str) -> Response:
    """Answer questions that others' changes of the same things raise."""
    caller.require_whole()
    body = body_of(request, AnswersBody)
    answers = {tuple(each["path"]): each["answer"] for each in body["answers"]}
    return _answer(services.drafts.decide(caller.ctx, name, answers))


def publish(services: Services, caller: Caller, name: str) -> Response:
    """Publish a draft that was looked at over the expected version."""
    caller.require_whole()
    body = body_of(request, PublishDraftBody)
    return _published(services, caller, _wanted(caller, body, draft=name))


def publication(services: Services, caller: Caller, number: str) -> Response:
    """Answer how far a publish is that a worker makes."""
    caller.require_whole()
    found = services.going_live.state(caller.ctx, _number(number))
    return jsonify(_underway(caller, found))


def revisions(services: Services, caller: Caller) -> Response:
    """Answer every version, the newest first."""
    caller.require_whole()
    return jsonify({"data": [_revision(each) for each in services.versions.list(caller.ctx)]})


def differences(services: Services, caller: Caller, a: str, b: str) -> Response:
    """Answer what differs between two versions, in the caller's language."""
    caller.require_whole()
    old, new = (services.versions.model(caller.ctx, _number(each)).model for each in (a, b))
    lines = change_lines(old, new, caller.ctx.language)
    changes = [
        {"kind": e.kind, "path": list(e.path), "name": e.name, "sentence": e.sentence}
        for e in lines
    ]
    return jsonify({"from": _number(a), "to": _number(b), "changes": changes})


def restore(services: Services, caller: Caller, number: str) -> Response:
    """Go back to a version; with `dry_run` answer what that would do."""
    caller.require_whole()
    body = body_of(request, RestoreBody)
    wanted = _number(number)
    if body["dry_run"]:
        return jsonify(_facts(services, caller, services.versions.back(caller.ctx, wanted)))
    return _published(services, caller, _wanted(caller, body, back=wanted))


def draft_to_wire(draft: Draft) -> dict[str, object]:
    """Return what a draft is, without its changes."""
    return {
        "name": draft.name,
        "title": draft.title,
        "author": None if draft.author is None else str(draft.author),
        "author_name": draft.author_name,
        "over": draft.over,
        "version": draft.version,
        "undecided": len(draft.questions),
        "created_at": plain(draft.created_at),
        "at": plain(draft.at),
    }


def _wanted(caller: Caller, body: Mapping[str, Any], *, draft: str = "", back: int = 0) -> Wanted:
    """Return what a body asks to publish; over whatever serves where it does not say."""
    over = caller.ctx.revision if body["expected"] is None else body["expected"]
    terms = Terms(body["message"], body["allow_loss"], body["despite_red"])
    return Wanted(over, draft, back, terms)


def _published(services: Services, caller: Caller, wanted: Wanted) -> Response:
    """Publish: 200 with the version, or 202 with where to see how far a worker is."""
    wait = query_of(request, PublishArguments)["wait"] == "1"

    def do(ctx: Context) -> int | Underway:
        return services.going_live.publish(ctx, wanted, caller.account.id, wait=wait)

    def answer(source: Records, done: int | Underway) -> Response:
        if isinstance(done, int):
            return jsonify({"revision": done})
        response = jsonify({"publication": _underway(caller, done)})
        response.status_code = 202
        # What is published is named by three parts: drafts/{name}/publish, for instance.
        root = request.path.rsplit("/", 3)[0]
        response.headers["Location"] = f"{root}/publications/{done.number}"
        return response

    return once(services, request, caller.ctx, do, answer)


def _underway(caller: Caller, found: Underway) -> dict[str, object]:
    told = found.why(caller.ctx.language) if found.code else None
    return {
        "number": found.number,
        "phase": found.phase,
        "draft": found.draft or None,
        "back": found.back or None,
        "done": found.done,
        "total": found.total,
        "revision": found.revision or None,
        "code": found.code or None,
        "message": told,
    }


def _answer(draft: Draft) -> Response:
    layer = _json(own_document(draft.layer))
    asked = [_question(each) for each in draft.questions]
    response = jsonify({**draft_to_wire(draft), "layer": layer, "questions": asked})
    response.headers["ETag"] = f'"{draft.version}"'
    return response


def _question(question: Question) -> dict[str, object]:
    return {
        "path": list(question.path),
        "kind": question.kind,
        "base": _json(question.base),
        "theirs": _json(question.theirs),
        "ours": _json(question.ours),
        "proposal": question.proposal,
        "answers": list(question.answers),
    }


def _facts(services: Services, caller: Caller, proposal: Proposal) -> dict[str, object]:
    access = services.comparer.models(caller.ctx, proposal.new)
    facts = report_facts(report(proposal, access, caller.ctx.language))
    return cast("dict[str, object]", _json(facts))


def _revision(revision: Revision) -> dict[str, object]:
    author = revision.author
    return {
        "number": revision.number,
        "at": plain(revision.at),
        "author": None if author.user is None else str(author.user),
        "author_name": author.name,
        "message": revision.message,
        "template": revision.template,
        "template_version": revision.template_version,
    }


def _layer_text() -> str:
    """Return the layer that was sent, as YAML; raise what HTTP says of anything else."""
    if request.mimetype in YAML:
        try:
            return request.get_data().decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadRequest from error
    return _written(object_of(request))


def _written(layer: Mapping[str, object]) -> str:
    """Return a layer that was sent as JSON as YAML; one that is nested too deep is refused."""
    try:
        return dump(_numbers(layer))
    except RecursionError as error:
        raise RecordRefused([FieldError("invalid_json", (), {"error": "too deep"})]) from error


# Any: JSON holds values of every type.
def _numbers(value: object) -> Any:
    """Return JSON with its decimals as numbers."""
    if isinstance(value, Digits):
        return Decimal(value)
    if isinstance(value, Mapping):
        return {key: _numbers(each) for key, each in value.items()}
    return [_numbers(each) for each in value] if isinstance(value, list) else value


def _version() -> int | None:
    """Return the version that a change is meant for; None where the caller does not say."""
    match = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not match or match == "*":
        return None
    if not (match.isascii() and match.isdigit()):
        raise DraftChanged
    return int(match)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound(revision=text)
    return int(text)


# Any: JSON holds values of every type.
def _json(value: object) -> Any:
    """Return metadata as JSON has it: numbers with decimals are texts."""
    if isinstance(value, Mapping):
        return {str(key): _json(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_json(each) for each in value]
    if value is None or isinstance(value, str | int | float):
        return value
    return str(value)
