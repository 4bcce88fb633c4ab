"""Approvals over the API: submit a record, decide, look; what waits for the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args
from uuid import UUID

from flask import Response, jsonify, request
from marshmallow import fields, validate

from engine.doors import Records
from engine.errors import NotFound
from engine.query.spec import LinkValue
from engine.values.wire import link_to_wire, plain
from metamodel.model import Entity
from ui.blueprints.api.arguments import (
    ID,
    LIST,
    OBJECT,
    TEXT,
    Arguments,
    body_of,
    one_of,
    query_of,
    record_id,
)
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.created import created
from ui.blueprints.api.entities import entity_of
from ui.once import once
from ui.services import Services
from workflow.approvals.boxes import Box, Line
from workflow.approvals.course import Course, Entry, Seat, Stage, Where, involved, map_of, vote_of
from workflow.approvals.disclosing import before_shown, changes_shown, values_shown
from workflow.approvals.keeping import Case
from workflow.approvals.service import ActName, Deed

People = Mapping[UUID, LinkValue]


class BoxArguments(Arguments):
    """The query string of a list of approvals: which, so many, those after one."""

    box = one_of(*get_args(Box), default="waiting")
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500, error="out_of_range"))
    before = fields.UUID(load_default=None, error_messages=ID)


class SubmitBody(Arguments):
    """What is said to those who are asked, and the change that waits for them, if it is one."""

    comment = fields.String(load_default="", error_messages=TEXT)
    changes = fields.Dict(keys=fields.String(), load_default=None, error_messages=OBJECT)


class DeedBody(Arguments):
    """What belongs to an act: a comment, people, a step, values that are asked for, files."""

    comment = fields.String(load_default="", error_messages=TEXT)
    to = fields.List(fields.UUID(error_messages=ID), load_default=list, error_messages=LIST)
    step = fields.String(load_default="", error_messages=TEXT)
    gone = fields.UUID(load_default=None, error_messages=ID)
    input = fields.Dict(keys=fields.String(), load_default=dict, error_messages=OBJECT)
    files = fields.List(fields.UUID(error_messages=ID), load_default=list, error_messages=LIST)


def of_record(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer the approvals of a record, the latest first, and what it can be submitted to."""
    target, id_ = entity_of(caller.ctx, entity), record_id(record)
    caller.require(target.name, "read")
    query_of(request, Arguments)
    services.reader.get(caller.ctx, target.key, [id_])
    cases = services.approvals.of_record(caller.ctx, target, id_)
    offered = [
        {
            "name": each.name,
            "label": each.label.text(caller.ctx.language) or each.name,
            "changes": [target.fields[key].name for key in each.changes],
        }
        for each in services.approvals.offered(caller.ctx, target, id_)
    ]
    return jsonify({"data": [case_to_wire(services, caller, each) for each in cases],
                    "offered": offered})  # fmt: skip


def preview(services: Services, caller: Caller, entity: str, record: str, name: str) -> Response:
    """Answer who would be asked, in which order, if a record were submitted now."""
    target, id_ = entity_of(caller.ctx, entity), record_id(record)
    caller.require(target.name, "read")
    query_of(request, Arguments)
    course = services.approvals.preview(caller.ctx, target, id_, name)
    people = services.approval_boxes.people(caller.ctx, involved(course))
    return jsonify({"steps": _steps(course, people, caller.ctx.language)})


def submit(services: Services, caller: Caller, entity: str, record: str, name: str) -> Response:
    """Submit a record, or a change of it."""
    target, id_ = entity_of(caller.ctx, entity), record_id(record)
    caller.require(target.name, "update")
    body = body_of(request, SubmitBody)

    def answer(source: Records, case: Case) -> Response:
        return created(jsonify(case_to_wire(services, caller, case)))

    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.approvals.submit(
            ctx, target, id_, name, body["changes"], body["comment"]
        ),
        answer,
    )


def box(services: Services, caller: Caller) -> Response:
    """Answer the approvals that the caller has to do with; they are about records of any kind."""
    caller.require_whole()
    asked = query_of(request, BoxArguments)
    found = services.approval_boxes.page(
        caller.ctx, asked["box"], before=asked["before"], limit=asked["limit"]
    )
    full = len(found) == asked["limit"]
    lines = [_line(caller, each) for each in found]
    return jsonify({"data": lines, "next": str(found[-1].of) if full else None})


def read(services: Services, caller: Caller, approval: str) -> Response:
    """Answer one approval: its steps with who was, is and will be asked, and what was done."""
    query_of(request, Arguments)
    case = services.approvals.get(caller.ctx, record_id(approval))
    caller.require(_entity(caller, case).name, "read")
    return jsonify(case_to_wire(services, caller, case))


def act(services: Services, caller: Caller, approval: str, act: str) -> Response:
    """Decide on an approval, or do something else with it."""
    if act not in get_args(ActName):
        raise NotFound(act=act)
    id_, body = record_id(approval), body_of(request, DeedBody)
    case = services.approvals.get(caller.ctx, id_)
    caller.require(_entity(caller, case).name, "update")
    named: Any = act  # Any: one of the names of acts, as was just seen
    deed = Deed(
        named, body["comment"], tuple(body["to"]), body["step"], body["gone"], body["input"],
        tuple(body["files"]),
    )  # fmt: skip
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.approvals.act(ctx, id_, deed),
        lambda source, done: jsonify(case_to_wire(services, caller, done)),
    )


def case_to_wire(services: Services, caller: Caller, case: Case) -> dict[str, object]:
    """Return an approval, with no more of the record than the caller may read."""
    ctx, course = caller.ctx, case.course
    people = services.approval_boxes.people(ctx, involved(course))
    approval = ctx.model.approvals.get(case.approval)
    return {
        "id": str(case.id),
        "approval": approval.name if approval is not None else case.approval,
        "label": approval.label.text(ctx.language) if approval is not None else case.approval,
        "entity": _entity(caller, case).name,
        "record": str(case.record),
        "author": _person(people, course.author),
        "state": course.state,
        "at": plain(case.at),
        "decided_at": plain(case.decided_at),
        "steps": _steps(course, people, ctx.language),
        "log": [_entry(each, people) for each in course.log],
        "changes": changes_shown(ctx, services.access, case),
        "before": before_shown(ctx, services.access, case),
        "values": values_shown(ctx, services.access, case),
    }


def _entity(caller: Caller, case: Case) -> Entity:
    return caller.ctx.model.entities[case.entity]


def _steps(course: Course, people: People, language: str) -> list[dict[str, object]]:
    return [_step(course, at, people, language) for at in map_of(course)]


def _step(
    course: Course, at: tuple[Stage, Where], people: People, language: str
) -> dict[str, object]:
    stage, where = at
    label = stage.label.get(language) or next(iter(stage.label.values()), "")
    return {
        "key": stage.key,
        "label": label,
        "state": where,
        "mode": stage.mode,
        "needed": stage.needed,
        "people": [_seat(course, each, people) for each in stage.seats],
        "allow": list(stage.allow),
        "added_by": _person(people, stage.added_by),
        "vacant": stage.vacant,
        "opened": plain(stage.opened),
        "due": plain(stage.due),
    }


def _seat(course: Course, seat: Seat, people: People) -> dict[str, object]:
    return {
        "person": _person(people, seat.person),
        "vote": vote_of(course, seat),
        "by": _person(people, seat.by),
    }


def _entry(entry: Entry, people: People) -> dict[str, object]:
    return {
        "at": plain(entry.at),
        "what": entry.what,
        "by": _person(people, entry.by),
        "instead_of": _person(people, entry.instead_of),
        "step": entry.stage,
        "comment": entry.comment,
        "to": [_person(people, each) for each in entry.to],
        "returned_to": entry.place,
        "files": [str(each) for each in entry.files],
    }


def _line(caller: Caller, line: Line) -> dict[str, object]:
    approval = caller.ctx.model.approvals.get(line.approval)
    language = caller.ctx.language
    return {
        "id": str(line.case),
        "approval": approval.name if approval is not None else line.approval,
        "label": approval.label.text(language) if approval is not None else line.approval,
        "record": link_to_wire(line.record, several=True),
        "author": None if line.author is None else link_to_wire(line.author, several=False),
        "state": line.state,
        "step": line.stage.get(language) or next(iter(line.stage.values()), ""),
        "since": plain(line.since),
        "waits_for": [link_to_wire(each, several=False) for each in line.waits_for],
        "instead_of": None
        if line.instead_of is None
        else link_to_wire(line.instead_of, several=False),
        "seen": line.seen,
    }


def _person(people: People, id_: UUID | None) -> dict[str, object] | None:
    found = people.get(id_) if id_ is not None else None
    return None if found is None else link_to_wire(found, several=False)
