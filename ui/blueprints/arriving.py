"""Routes that ask nobody who they are: public forms, calls of programs, the way out of mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request

from engine.errors import EngineError, NotFound, RecordRefused
from engine.messages import sentence
from ui.blueprints.api.problems import from_error, problem
from ui.blueprints.page import Site, color_of, language_of, theme_of
from ui.session import origin_of
from ui.throttle import Throttle
from ui.viewmodels.account import ErrorPage
from ui.viewmodels.outside import (
    LeavingPage,
    PublicFormPage,
    entered,
    errors_of,
    payload_of,
    questions_of,
)
from ui.words import LANGUAGES, words_of
from workflow.arriving.forms import FormStale, FormTooOften, Opened
from workflow.arriving.webhooks import PATH, Signed

LARGEST = 1_000_000
"""Bytes that a program may send in one call."""

TRAP = "website_address"
"""A field that people do not see: what fills it in is a program."""


def create_arriving(site: Site, throttle: Throttle) -> Blueprint:
    """Return the routes; `throttle` slows who calls too often."""
    blueprint = Blueprint("arriving", __name__)
    routes = (
        ("GET", "/forms/<tenant>/<name>", "public_form", _show),
        ("POST", "/forms/<tenant>/<name>", "answer_form", _answer),
        ("GET", "/unsubscribe", "unsubscribe", _ask_leaving),
        ("POST", "/unsubscribe", "leave", _leave),
    )
    for method, path, name, answer in routes:
        view = partial(_counted, throttle, partial(answer, site))
        blueprint.add_url_rule(path, name, view, methods=[method])
    taken = partial(_counted, throttle, partial(_receive, site))
    blueprint.add_url_rule(f"{PATH}/<tenant>/<name>", "receive", taken, methods=["POST"])
    return blueprint


def _counted(throttle: Throttle, answer: Any, **path: str) -> Response:
    # Any: each route has places of its own.
    throttle.count("arriving", request.remote_addr or "")
    found: Response = answer(**path)
    return found


def _receive(site: Site, tenant: str, name: str) -> Response:
    """Take a call of another program; 202 with how many runs it set off, or what is wrong."""
    language = language_of()
    if (request.content_length or 0) > LARGEST or len(body := request.get_data()) > LARGEST:
        return problem(413, "too_large", language, max=LARGEST)
    call = Signed(
        request.headers.get("webhook-id", ""),
        request.headers.get("webhook-timestamp", ""),
        request.headers.get("webhook-signature", ""),
        body,
    )
    try:
        runs = site.services.webhooks_in.receive(tenant, name, call)
    except EngineError as error:
        return from_error(error, language)
    response = jsonify({"runs": runs})
    response.status_code = 202
    return response


def _show(site: Site, tenant: str, name: str) -> Response:
    """Show a public form; a link may bring answers, which whoever follows it sends or changes."""
    opened = _opened(site, tenant, name)
    if opened is None:
        return _closed(site)
    if opened.answered:
        return _thanks(site, opened)
    return _form(site, opened, _Said(entered(opened, request.args.to_dict(flat=False))))


def _answer(site: Site, tenant: str, name: str) -> Response:
    """Take an answer to a public form; what is wrong with it is said beside what was typed."""
    opened = _opened(site, tenant, name)
    if opened is None:
        return _closed(site)
    sent = entered(opened, request.form.to_dict(flat=False))
    if opened.answered or request.form.get(TRAP):
        return _thanks(site, opened)
    try:
        ticket = request.form.get("ticket", "")
        site.services.public_forms.answer(opened, ticket, payload_of(opened, sent))
    except RecordRefused as error:
        return _form(site, opened, _Said(sent, refused=error), status=422)
    except (FormStale, FormTooOften) as error:
        status = 429 if isinstance(error, FormTooOften) else 409
        return _form(site, opened, _Said(sent, problem=error), status=status)
    return _thanks(site, opened)


def _opened(site: Site, tenant: str, name: str) -> Opened | None:
    """Return a form that takes answers; None where there is none behind the link."""
    secret = request.args.get("key", "")
    try:
        return site.services.public_forms.open(tenant, name, origin_of(request, ""), secret)
    except NotFound:
        return None


def _closed(site: Site) -> Response:
    """Tell a stranger that nothing is asked here: they have no home page to go back to."""
    words = words_of(language_of())
    view = ErrorPage(
        language=words.language,
        theme=theme_of(),
        title=words.say("This form takes no answers"),
        sentence=words.say("It is closed, or the link is not whole."),
        hint=words.say("Ask whoever gave you the link."),
        status=404,
        home="",
    )
    return site.show("pages/error.html", view, language=words.language, status=404)


def _thanks(site: Site, opened: Opened) -> Response:
    form = opened.form
    if form.redirect.startswith(("https://", "http://")):
        return redirect(form.redirect, code=303)  # type: ignore[return-value]
    words = words_of(_language(opened))
    thanks = form.thanks.text(words.language) or words.say("Thank you. We have got your answer.")
    return _form(site, opened, _Said(thanks=thanks))


@dataclass(frozen=True, slots=True)
class _Said:
    """What a form is shown with: what was entered, what is wrong with it, or thanks for it."""

    sent: Mapping[str, Any] = field(default_factory=dict)
    refused: RecordRefused | None = None
    problem: EngineError | None = None
    thanks: str = ""


def _form(site: Site, opened: Opened, said: _Said = _Said(), *, status: int = 200) -> Response:
    words, app = words_of(_language(opened)), opened.ctx.model.app
    problem = sentence(said.problem, words.language) if said.problem is not None else ""
    tenant = opened.ctx.tenant
    view = PublicFormPage(
        language=words.language,
        theme=theme_of(),
        color=color_of(app.color),
        title=opened.form.label.text(words.language),
        help=opened.form.help.text(words.language),
        house=app.label.text(words.language) or tenant.name,
        logo=f"/{tenant.name}/logo?v={tenant.logo}" if tenant.logo else "",
        questions=questions_of(opened, words, said.sent, said.refused),
        ticket=site.services.public_forms.ticket(opened),
        problem=problem or errors_of(opened, words, said.refused).get("", ""),
        thanks=said.thanks,
    )
    return site.show("pages/public_form.html", view, language=words.language, status=status)


def _language(opened: Opened) -> str:
    """Return the language of whoever asks, among those that the app speaks."""
    spoken = [each for each in opened.ctx.model.app.languages if each in LANGUAGES]
    wanted = language_of()
    return wanted if wanted in spoken or not spoken else spoken[0]


def _ask_leaving(site: Site) -> Response:
    """Ask whether an address wants no more mail: programs follow links, and ask nothing."""
    return _leaving(site, done=False)


def _leave(site: Site) -> Response:
    """Note that an address wants no more mail, or wants it again."""
    secret = request.args.get("key", "")
    if request.form.get("again"):
        site.services.leavings.come_back(secret)
        return _leaving(site, done=False, again=True)
    site.services.leavings.leave(secret)
    return _leaving(site, done=True)


def _leaving(site: Site, *, done: bool, again: bool = False) -> Response:
    secret = request.args.get("key", "")
    ctx, leaving = site.services.leavings.read(secret)
    words = words_of(language_of())
    app = ctx.model.app
    view = LeavingPage(
        language=words.language,
        theme=theme_of(),
        title=words.say("No more mail?") if not done else words.say("You will get no more mail"),
        house=app.label.text(words.language) or ctx.tenant.name,
        address=leaving.address,
        key=secret,
        done=done,
        notice=words.say("You will get mail again.") if again else "",
    )
    return site.show("pages/leaving_mail.html", view, language=words.language)
