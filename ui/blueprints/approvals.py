"""Approvals on the screens: submitting a record, deciding on one, the document that was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.errors import FieldError, NotFound, RecordRefused
from engine.query.spec import Record
from metamodel.approvals import Approval
from metamodel.model import Entity
from ui.blueprints.page import Site
from ui.blueprints.records import RECORD, entity_of
from ui.blueprints.routing import Route, add_pages
from ui.papers import GUARDS
from ui.screen import Screen
from ui.viewmodels.approval_dialogs import ASKED, act_dialog, submit_dialog
from ui.viewmodels.record import key_figures
from workflow.approvals.disclosing import page_shown
from workflow.approvals.keeping import Case
from workflow.approvals.planning import approval_named
from workflow.approvals.service import ActName, Deed

CASE = "/<tenant>/approvals/<uuid:case>"

MOST_FACTS = 4
"""Key figures of the record that a dialog shows."""


def create_approvals(site: Site) -> Blueprint:
    """Return the routes of approvals."""
    blueprint = Blueprint("approvals", __name__)
    routes: tuple[Route, ...] = (
        ("GET", f"{RECORD}/approvals/<name>/submit", _ask_submit),
        ("POST", f"{RECORD}/approvals/<name>/submit", _submit),
        ("GET", f"{CASE}/paper", _paper),
        ("GET", f"{CASE}/<act>", _ask),
        ("POST", f"{CASE}/<act>", _do),
    )
    add_pages(blueprint, site, routes)
    return blueprint


def _ask_submit(site: Site, screen: Screen, entity: str, record: UUID, name: str) -> Response:
    target = entity_of(screen, entity)
    found = screen.services.reader.get(screen.ctx, target.key, [record])[0]
    approval = _approval(screen, target, name)
    course = screen.services.approvals.preview(screen.ctx, target, record, name)
    dialog = submit_dialog(screen, target, found, approval, course)
    return site.show("dialogs/approval_submit.html", dialog, language=screen.language)


def _submit(site: Site, screen: Screen, entity: str, record: UUID, name: str) -> Response:
    target, sent = entity_of(screen, entity), _values()
    approval = _approval(screen, target, name)
    comment = str(sent.pop("comment", "") or "")
    changes = None
    if approval.changes:
        found = screen.services.reader.get(screen.ctx, target.key, [record])[0]
        changes = _changed(target, approval, found, sent)
    screen.services.approvals.submit(screen.ctx, target, record, name, changes, comment)
    return jsonify(
        {
            "message": screen.words.say("Submitted"),
            "location": screen.record_url(target.name, record),
        }
    )


def _ask(site: Site, screen: Screen, case: UUID, act: str) -> Response:
    found = screen.services.approvals.get(screen.ctx, case)
    record = screen.services.reader.get(screen.ctx, found.entity, [found.record])[0]
    figures = key_figures(screen, screen.ctx.model.entities[found.entity], record)
    facts = tuple(
        (each.label, replace(each.cell, text=each.money or each.cell.text))
        for each in figures[:MOST_FACTS]
    )
    dialog = act_dialog(screen, found, _act(act), record.title, facts)
    return site.show("dialogs/approval_act.html", dialog, language=screen.language)


def _do(site: Site, screen: Screen, case: UUID, act: str) -> Response:
    sent = _values()
    deed = Deed(
        _act(act),
        comment=str(sent.pop("comment", "") or ""),
        to=tuple(_ids(sent.pop("to", None), "to")),
        place=str(sent.pop("place", "") or ""),
        gone=next(iter(_ids(sent.pop("gone", None), "gone")), None),
        files=tuple(_ids(sent.pop("files", None), "files")),
        input={
            name.removeprefix(ASKED): value
            for name, value in sent.items()
            if name.startswith(ASKED)
        },
    )
    try:
        done = screen.services.approvals.act(screen.ctx, case, deed)
    except RecordRefused as error:
        # What the step asks for lies in the form as fields of its own.
        raise RecordRefused([_in_form(each) for each in error.errors], error.code) from error
    return jsonify({"message": _said(screen, deed.act, done), "location": _back(screen, done)})


def _in_form(error: FieldError) -> FieldError:
    if error.path[:1] != ("input",):
        return error
    return replace(error, path=(f"{ASKED}{error.path[1]}", *error.path[2:]))


def _paper(site: Site, screen: Screen, case: UUID) -> Response:
    """Show the document as it was decided on; nothing runs in it."""
    found = screen.services.approvals.get(screen.ctx, case, seen=True)
    page = page_shown(screen.ctx, screen.services.access, found)
    if not page:
        raise NotFound(approval=str(case))
    response = Response(page, mimetype="text/html")
    response.headers["Content-Security-Policy"] = GUARDS["text/html"]
    return response


def _approval(screen: Screen, entity: Entity, name: str) -> Approval:
    found = approval_named(screen.ctx.model, name)
    if found is None or found.entity != entity.key:
        raise NotFound(entity=entity.name, approval=name)
    return found


def _changed(
    entity: Entity, approval: Approval, record: Record, sent: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return what a form of changes changes; what it leaves as it is waits for nobody."""
    names = [entity.fields[key].name for key in approval.changes]
    found = {name: sent[name] for name in names if name in sent}
    blank = {entity.fields[key].name for key in approval.changes if record.values.get(key) is None}
    return {name: value for name, value in found.items()
            if not (value in (None, "") and name in blank)}  # fmt: skip


def _act(name: str) -> ActName:
    if name not in get_args(ActName):
        raise NotFound(act=name)
    known: Any = name  # Any: one of the names of acts, as was just seen
    return known  # type: ignore[no-any-return]


def _said(screen: Screen, act: str, case: Case) -> str:
    say = screen.words.say
    if act == "approve" and case.course.state == "approved":
        return say("Approved")
    told = {
        "approve": say("You agreed"),
        "reject": say("Rejected") if case.course.state == "rejected" else say("You disagreed"),
        "return": say("Returned"),
        "withdraw": say("Withdrawn"),
    }
    return told.get(act, say("Done"))


def _back(screen: Screen, case: Case) -> str:
    """Return the page to go on with: the inbox where it was opened there, else the record."""
    came = (request.referrer or "").partition("?")[0]
    if came.endswith(screen.url("inbox")):
        return screen.url("inbox", show="approve")
    if came.endswith(screen.url("admin", "automations", "approvals")):
        return screen.url("admin", "automations", "approvals")
    entity = screen.ctx.model.entities[case.entity]
    return screen.record_url(entity.name, case.record)


def _values() -> dict[str, Any]:
    body = request.get_json()
    found = body.get("values", {}) if isinstance(body, dict) else {}
    return dict(found) if isinstance(found, dict) else {}


def _ids(sent: object, field: str) -> list[UUID]:
    texts = sent if isinstance(sent, list) else [sent] if sent else []
    try:
        return [UUID(str(each)) for each in texts]
    except ValueError:
        error = FieldError("invalid_id", (field,), {"value": str(sent)})
        raise RecordRefused([error]) from None
