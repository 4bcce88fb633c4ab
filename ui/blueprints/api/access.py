"""Why a person can or cannot see or change a record, as rules and as sentences."""

from __future__ import annotations

from flask import Response, jsonify, request

from engine.access.explain import Explanation
from engine.access.sentences import (
    field_sentence,
    listed_sentence,
    rule_sentence,
    verdict_sentence,
)
from engine.access.verdicts import Verdict
from engine.query.spec import ListQuery
from engine.values.wire import link_to_wire
from metamodel.model import Entity
from ui.blueprints.api.arguments import AccessArguments, query_of, record_id
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import readable_entity, view_of
from ui.services import Services


def of_record(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer what somebody may do with a record and why; with `view` also whether it shows it."""
    target = readable_entity(services.access, caller.ctx, entity)
    caller.require(target.name, "read")
    asked = query_of(request, AccessArguments)
    within = None
    if asked["view"]:
        view = view_of(services, caller.ctx, target, asked["view"])
        within = ListQuery(target.key, filter=view.filter)
    found = services.explainer.record(
        caller.ctx, target.key, record_id(record), user=asked["user"], within=within
    )
    return jsonify(explanation_to_wire(caller, target, found))


def of_entity(services: Services, caller: Caller, entity: str) -> Response:
    """Answer what somebody may do with the records of an entity in general, and why."""
    target = readable_entity(services.access, caller.ctx, entity)
    caller.require(target.name, "read")
    asked = query_of(request, AccessArguments)
    found = services.explainer.entity(caller.ctx, target.key, user=asked["user"])
    return jsonify(explanation_to_wire(caller, target, found))


def explanation_to_wire(caller: Caller, target: Entity, found: Explanation) -> dict[str, object]:
    """Return an explanation as JSON has it: rules, and what they mean in the caller's language."""
    language, model = caller.ctx.language, caller.model
    answer: dict[str, object] = {
        "user": link_to_wire(found.person, several=False),
        "active": found.active,
        "actions": {
            name: _verdict(caller, found, verdict) for name, verdict in found.actions.items()
        },
        "fields": {
            target.fields[key].name: {
                "right": reason.right,
                "reason": reason.code,
                "role": reason.role,
                "writable": key in found.writable,
                "sentence": field_sentence(model, found, reason, language),
            }
            for key, reason in found.fields.items()
        },
    }
    if found.listed is not None:
        answer["listed"] = found.listed
        answer["listed_sentence"] = listed_sentence(found, language)
    return answer


def _verdict(caller: Caller, found: Explanation, verdict: Verdict) -> dict[str, object]:
    language, model = caller.ctx.language, caller.model
    return {
        "allowed": verdict.allowed,
        "reason": verdict.reason,
        "rule": verdict.rule,
        "sentence": verdict_sentence(model, found, verdict, language),
        "rules": [
            {
                "kind": each.rule.kind,
                "name": each.rule.name,
                "role": each.rule.role,
                "scope": each.rule.scope,
                "holds": each.holds,
                "sentence": rule_sentence(model, each.rule, language),
            }
            for each in verdict.rules
        ],
    }
