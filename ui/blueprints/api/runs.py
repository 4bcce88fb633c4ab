"""What the app did by itself, over the API: runs, trials, and jobs that failed."""

from __future__ import annotations

from typing import Any, get_args

from flask import Response, jsonify, request
from marshmallow import fields, validate

from engine.context import Context
from engine.errors import NotFound
from engine.failed_jobs import FailedJob
from engine.values.refusals import storable
from engine.values.wire import plain
from metamodel.automation import Automation
from ui.blueprints.api.arguments import ID, TEXT, Arguments, body_of, query_of, record_id
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.created import created
from ui.blueprints.api.entities import entity_of
from ui.once import once
from ui.services import Services
from workflow.run_book import Asked
from workflow.runs import Done, Run, State
from workflow.trying import WouldChange


class RunArguments(Arguments):
    """The query string of a list of runs: of an automation, in a state, on a record."""

    automation = fields.String(load_default="", error_messages=TEXT)
    state = fields.String(
        load_default="", validate=validate.OneOf(("", *get_args(State)), error="unknown_choice")
    )
    entity = fields.String(load_default="", error_messages=TEXT)
    record = fields.UUID(load_default=None, error_messages=ID)
    root = fields.UUID(load_default=None, error_messages=ID)
    before = fields.UUID(load_default=None, error_messages=ID)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500, error="out_of_range"))


class AgainBody(Arguments):
    """The body of doing a run again: from which step, omitted from its beginning."""

    from_step = fields.String(data_key="from", load_default="", error_messages=TEXT)


class TrialBody(Arguments):
    """The body of a trial: the record that it is made on, where the automation has any."""

    record = fields.UUID(load_default=None, allow_none=True, error_messages=ID)


class PressBody(Arguments):
    """The body of a button: what it asked for, by name."""

    input = fields.Dict(load_default=dict)


def listed(services: Services, caller: Caller) -> Response:
    """Answer runs, the latest first."""
    caller.require_whole()
    asked = query_of(request, RunArguments)
    named = asked["entity"]
    question = Asked(
        automation=_key(caller.ctx, asked["automation"]),
        state=asked["state"] or None,
        entity=entity_of(caller.ctx, named).key if named else "",
        record=asked["record"],
        root=asked["root"],
        before=asked["before"],
        limit=asked["limit"],
    )
    found = services.runs.page(caller.ctx, question)
    return jsonify({"data": [run_to_wire(caller.ctx, each) for each in found]})


def read(services: Services, caller: Caller, run: str) -> Response:
    """Answer one run."""
    caller.require_whole()
    query_of(request, Arguments)
    return jsonify(run_to_wire(caller.ctx, services.runs.one(caller.ctx, record_id(run))))


def again(services: Services, caller: Caller, run: str) -> Response:
    """Do a run again."""
    caller.require_whole()
    found, step = record_id(run), body_of(request, AgainBody)["from_step"]
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.runs.again(ctx, found, from_step=step),
        lambda _, made: created(jsonify({"run": str(made)})),
    )


def tried(services: Services, caller: Caller, name: str) -> Response:
    """Answer what an automation would do on a record."""
    caller.require_whole()
    automation = automation_of(caller.ctx, name)
    trial = services.trials.on(caller.ctx, automation, body_of(request, TrialBody)["record"])
    return jsonify(
        {
            "holds": trial.holds,
            "state": trial.run.state,
            "steps": [step_to_wire(each) for each in trial.run.steps],
            "error": None if trial.run.error is None else dict(trial.run.error),
            "changes": [_change_to_wire(caller.ctx, each) for each in trial.changes],
        }
    )


def failed(services: Services, caller: Caller) -> Response:
    """Answer the jobs that will not be tried again by themselves."""
    caller.require_whole()
    query_of(request, Arguments)
    return jsonify({"data": [_job(each) for each in services.failed_jobs.page(caller.ctx)]})


def job_again(services: Services, caller: Caller, job: str) -> Response:
    """Have a failed job tried again."""
    caller.require_whole()
    body_of(request, Arguments)
    services.failed_jobs.again(caller.ctx, _number(job))
    return Response(status=204)


def drop_job(services: Services, caller: Caller, job: str) -> Response:
    """Have done with a failed job."""
    caller.require_whole()
    services.failed_jobs.drop(caller.ctx, _number(job))
    return Response(status=204)


def buttons(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer the buttons that the person may press on a record now."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    query_of(request, Arguments)
    found = record_id(record)
    services.reader.get(caller.ctx, target.key, [found])
    offered = services.buttons.offered(caller.ctx, target, found)
    language = caller.ctx.language
    return jsonify({"data": [
        {
            "name": each.name,
            "label": each.label.text(language) or each.name,
            "confirm": each.confirm.text(language),
            "input": [
                {"name": name, "label": field.label.text(language) or name, "type": field.type,
                 "required": field.required}
                for name, field in each.input.items()
            ],
        }
        for each in offered
    ]})  # fmt: skip


def press(services: Services, caller: Caller, entity: str, record: str, name: str) -> Response:
    """Press a button."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "update")
    found, given = record_id(record), body_of(request, PressBody)["input"]
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.buttons.press(ctx, target, found, name, given),
        lambda _, run: jsonify({"run": str(run.id), "state": run.state}),
    )


def automation_of(ctx: Context, name: str) -> Automation:
    """Return the automation of a name, or of a key; raise `NotFound` where there is none."""
    known = ctx.model.automations.values()
    found = next((each for each in known if name in (each.name, each.key)), None)
    if found is None:
        raise NotFound(automation=name)
    return found


def run_to_wire(ctx: Context, run: Run) -> dict[str, object]:
    """Return a run as JSON has it; automations and entities by name, where the model has them."""
    entity = ctx.model.entities.get(run.stand.entity)
    return {
        "id": str(run.id),
        "automation": _named(ctx, run.automation),
        "revision": run.revision,
        "entity": (entity.name if entity else run.stand.entity) or None,
        "record": None if run.stand.record is None else str(run.stand.record),
        "by": str(run.by),
        "chain": [_named(ctx, each) for each in run.chain],
        "root": str(run.root),
        "state": run.state,
        "at": plain(run.at),
        "due": plain(run.due),
        "ended_at": plain(run.ended_at),
        "steps": [step_to_wire(each) for each in run.steps],
        "error": None if run.error is None else dict(run.error),
    }


def step_to_wire(step: Done) -> dict[str, object]:
    """Return what became of a step as JSON has it."""
    return step.wire()


def _change_to_wire(ctx: Context, change: WouldChange) -> dict[str, object]:
    entity = ctx.model.entities.get(change.entity)

    def by_name(values: Any) -> dict[str, object]:  # Any: JSON by field key
        known = entity.fields if entity is not None else {}
        return {known[key].name if key in known else key: each for key, each in values.items()}

    return {
        "entity": entity.name if entity is not None else change.entity,
        "record": str(change.record),
        "operation": change.operation,
        "computed": change.computed,
        "before": by_name(change.before),
        "after": by_name(change.after),
    }


def _job(job: FailedJob) -> dict[str, object]:
    return {
        "id": job.id, "task": job.task, "queue": job.queue, "attempts": job.attempts,
        "at": plain(job.at), "error": job.error, "runs": list(job.payload.get("runs", ())),
    }  # fmt: skip


def _named(ctx: Context, key: str) -> str:
    found = ctx.model.automations.get(key)
    return key if found is None else found.name


def _key(ctx: Context, name: str) -> str:
    found = next((each for each in ctx.model.automations.values() if each.name == name), None)
    return storable(name) if found is None else found.key


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > len(str(2**62)):
        raise NotFound(job=text)
    return int(text)
