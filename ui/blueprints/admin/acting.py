"""Automations: seen, switched, written, tried; runs and failed jobs: seen, done again."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response, jsonify, request

from engine.drafts.layers import written_at
from engine.errors import NotFound
from metamodel import DefinitionInvalid, read_text
from metamodel.approvals import Approval
from metamodel.automation import Automation
from metamodel.editing import Add, Change, Reset
from ui.blueprints.admin.people import values
from ui.blueprints.admin.reshape.drafting import at_input, edit, refused
from ui.blueprints.page import Site
from ui.reshaping.automations import PART, automation_changes
from ui.screen import Screen
from ui.viewmodels.admin.acting.approvals import move_dialog, outcome_lines, standings_page
from ui.viewmodels.admin.acting.automations import (
    automation_page,
    automations_page,
    new_automation_page,
)
from ui.viewmodels.admin.acting.jobs import jobs_page
from ui.viewmodels.admin.acting.runs import run_page, runs_page
from ui.viewmodels.admin.acting.trial import trial_view
from ui.viewmodels.admin.reshape.drafting import Drafted, drafted
from workflow.approvals.planning import approval_named


def _automations(site: Site, screen: Screen) -> Response:
    page = automations_page(screen, drafted(screen))
    return site.show("admin/acting/automations.html", page, language=screen.language)


def _automation(site: Site, screen: Screen, name: str) -> Response:
    made = drafted(screen)
    page = automation_page(screen, made, _known(made.screen, name), _written(screen, made, name))
    return site.show("admin/acting/automation.html", page, language=screen.language)


def _new_automation(site: Site, screen: Screen) -> Response:
    page = new_automation_page(screen, drafted(screen))
    return site.show("admin/acting/automation.html", page, language=screen.language)


def _add_automation(site: Site, screen: Screen) -> Response:
    found = _read(screen)
    if isinstance(found, Response):
        return found
    name, written = found
    answer = edit(screen, [Add((PART,), name, written)])
    if answer.status_code == 200:
        return jsonify({"location": screen.url("admin", PART, "of", name)})
    return answer


def _change_automation(site: Site, screen: Screen, name: str) -> Response:
    made = drafted(screen)
    _known(made.screen, name)
    found = _read(screen)
    if isinstance(found, Response):
        return found
    called, written = found
    if called != name:
        said = screen.words.say("The name stays {name}: a label can be changed.", name=name)
        return at_input("yaml", said)
    return edit(screen, automation_changes(name, _written(screen, made, name), written))


def _switch_automation(site: Site, screen: Screen, name: str) -> Response:
    known = _known(drafted(screen).screen, name)
    return edit(screen, [Change((PART, name, "active"), not known.active)])


def _reset_automation(site: Site, screen: Screen, name: str) -> Response:
    _known(drafted(screen).screen, name)
    return edit(screen, [Reset((PART, name))])


def _try_automation(site: Site, screen: Screen, name: str) -> Response:
    automation, sent = _known(screen, name), values().get("record")
    record = _id(str(sent)) if sent else None
    trial = screen.services.trials.on(screen.ctx, automation, record)
    view = trial_view(screen, automation, trial)
    html = site.show("admin/acting/trial.html", view, language=screen.language)
    return jsonify({"html": html.get_data(as_text=True)})


def _runs(site: Site, screen: Screen) -> Response:
    asked = request.args
    before = _id(asked["before"]) if asked.get("before") else None
    page = runs_page(screen, asked.get("automation", ""), asked.get("state", ""), before)
    return site.show("admin/acting/runs.html", page, language=screen.language)


def _run(site: Site, screen: Screen, run: str) -> Response:
    page = run_page(screen, screen.services.runs.one(screen.ctx, _id(run)))
    return site.show("admin/acting/run.html", page, language=screen.language)


def _run_again(site: Site, screen: Screen, run: str) -> Response:
    step = str(values().get("from", ""))
    made = screen.services.runs.again(screen.ctx, _id(run), from_step=step)
    return jsonify({"location": screen.url("admin", PART, "runs", str(made))})


def _approvals(site: Site, screen: Screen) -> Response:
    after = _id(request.args["after"]) if request.args.get("after") else None
    page = standings_page(screen, request.args.get("approval", ""), after)
    return site.show("admin/acting/approvals.html", page, language=screen.language)


def _ask_move(site: Site, screen: Screen, name: str) -> Response:
    dialog = move_dialog(screen, _approval(screen, name))
    return site.show("dialogs/approvals_move.html", dialog, language=screen.language)


def _move_approvals(site: Site, screen: Screen, name: str) -> Response:
    done = screen.services.renewals.carried_out(screen.ctx, _approval(screen, name).key)
    said = "; ".join(f"{count} {what}" for count, what in outcome_lines(screen, done))
    location = screen.url("admin", "automations", "approvals", approval=name)
    return jsonify({"message": said or screen.words.say("Done"), "location": location})


def _jobs(site: Site, screen: Screen) -> Response:
    return site.show("admin/acting/jobs.html", jobs_page(screen), language=screen.language)


def _job_again(site: Site, screen: Screen, job: int) -> Response:
    screen.services.failed_jobs.again(screen.ctx, job)
    return jsonify({"message": screen.words.say("It is tried again")})


def _drop_job(site: Site, screen: Screen, job: int) -> Response:
    screen.services.failed_jobs.drop(screen.ctx, job)
    return jsonify({"message": screen.words.say("It is left alone")})


ACTING = (
    ("GET", "/automations", _automations),
    ("GET", "/automations/add", _new_automation),
    ("POST", "/automations/add", _add_automation),
    ("GET", "/automations/of/<name>", _automation),
    ("POST", "/automations/of/<name>", _change_automation),
    ("POST", "/automations/of/<name>/switch", _switch_automation),
    ("POST", "/automations/of/<name>/reset", _reset_automation),
    ("POST", "/automations/of/<name>/try", _try_automation),
    ("GET", "/automations/runs", _runs),
    ("GET", "/automations/runs/<run>", _run),
    ("POST", "/automations/runs/<run>/again", _run_again),
    ("GET", "/automations/approvals", _approvals),
    ("GET", "/automations/approvals/of/<name>/move", _ask_move),
    ("POST", "/automations/approvals/of/<name>/move", _move_approvals),
    ("GET", "/automations/jobs", _jobs),
    ("POST", "/automations/jobs/<int:job>/again", _job_again),
    ("POST", "/automations/jobs/<int:job>/drop", _drop_job),
)


def _known(screen: Screen, name: str) -> Automation:
    known = screen.ctx.model.automations.values()
    found = next((each for each in known if each.name == name), None)
    if found is None:
        raise NotFound(automation=name)
    return found


def _approval(screen: Screen, name: str) -> Approval:
    found = approval_named(screen.ctx.model, name)
    if found is None:
        raise NotFound(approval=name)
    return found


def _written(screen: Screen, made: Drafted, name: str) -> object:
    draft = None if made.problems else made.draft
    return written_at(screen.services.drafts.documents(screen.ctx, draft), (PART, name))


def _read(screen: Screen) -> tuple[str, Mapping[str, object]] | Response:
    """Return the name and the definition that a form sent as YAML, or what is wrong with it."""
    try:
        document = read_text(str(values().get("yaml", "")), "draft").document
    except DefinitionInvalid as invalid:
        return refused(screen, invalid.problems)
    found = [(name, each) for name, each in document.items() if isinstance(each, Mapping)]
    if len(document) != 1 or not found:
        say = screen.words.say
        return at_input("yaml", say("Write one automation: its name, and below it all else."))
    return found[0]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(run=text) from error
