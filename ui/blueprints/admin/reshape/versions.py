"""The draft's plan and its publish, versions, comparing them and going back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, jsonify, redirect, request

from engine.drafts.going_out import Terms
from engine.errors import ModelChanged, NotFound, ScenariosRed
from engine.going_live import Underway, Wanted
from engine.publish import Proposal
from metamodel.problems import DefinitionInvalid
from metamodel.threeway import Answer
from ui.blueprints.admin.people import values
from ui.blueprints.admin.reshape.drafting import at_input, edit, refused
from ui.blueprints.page import Site
from ui.reshaping.sent import text_of
from ui.screen import Screen
from ui.viewmodels.admin.reshape.conflicts import conflicts_page
from ui.viewmodels.admin.reshape.drafting import drafted, own_draft
from ui.viewmodels.admin.reshape.plan import Told, plan_page
from ui.viewmodels.admin.reshape.retired import retired_page
from ui.viewmodels.admin.reshape.underway import (
    is_of,
    overtaken_words,
    red_words,
    stopped_words,
    underway_page,
    underway_url,
)
from ui.viewmodels.admin.reshape.versions import compare_page, running_words, versions_page

ANSWERS: dict[str, Answer] = {"theirs": "theirs", "ours": "ours", "both": "both"}


def _versions(site: Site, screen: Screen) -> Response:
    found = screen.services.versions.list(screen.ctx)
    page = versions_page(screen, drafted(screen), found, request.args.get("live", ""))
    return site.show("admin/reshape/versions.html", page, language=screen.language)


def _next_version(site: Site, screen: Screen) -> Response:
    draft = own_draft(screen)
    if draft is None:
        return _to(screen, "admin", "forms")
    if draft.questions:
        return _to(screen, "admin", "versions", "next", "conflicts")
    last = screen.services.going_live.newest(screen.ctx)
    if last is not None and last.draft == draft.name and not last.is_over:
        return _to(screen, "admin", "versions", "publishing", str(last.number))
    last = last if last is not None and is_of(last, draft) else None
    try:
        proposal = screen.services.drafts.proposal(screen.ctx, draft.name)
    except DefinitionInvalid:
        return _to(screen, "admin", "forms")
    page = plan_page(screen, proposal, _draft_told(screen, last))
    return site.show("admin/reshape/plan.html", page, language=screen.language)


def _next_rows(site: Site, screen: Screen) -> Response:
    draft = own_draft(screen)
    if draft is None:
        raise NotFound(draft="")
    return _rows(screen, screen.services.drafts.proposal(screen.ctx, draft.name))


def _publish_draft(site: Site, screen: Screen) -> Response:
    draft = own_draft(screen)
    if draft is None:
        raise NotFound(draft="")

    return _published(screen, Wanted(0, draft=draft.name))


def _undo_edit(site: Site, screen: Screen) -> Response:
    draft = own_draft(screen)
    if draft is not None:
        screen.services.drafts.undo(screen.ctx, draft.name)
    return jsonify({"message": screen.words.say("Taken back")})


def _discard_draft(site: Site, screen: Screen) -> Response:
    draft = own_draft(screen)
    if draft is not None:
        screen.services.drafts.discard(screen.ctx, draft.name)
    return jsonify(
        {
            "message": screen.words.say("Discarded"),
            "location": screen.url("admin", "forms"),
        }
    )


def _conflicts(site: Site, screen: Screen) -> Response:
    draft = own_draft(screen)
    if draft is None or not draft.questions:
        return _to(screen, "admin", "versions", "next")
    page = conflicts_page(screen, draft)
    return site.show("admin/reshape/conflicts.html", page, language=screen.language)


def _decide(site: Site, screen: Screen) -> Response:
    draft, sent = own_draft(screen), values()
    if draft is None:
        raise NotFound(draft="")
    answers = {
        each.path: ANSWERS[chosen]
        for each in draft.questions
        if (chosen := text_of(sent, "/".join(each.path))) in ANSWERS
    }
    left = screen.services.drafts.decide(screen.ctx, draft.name, answers)
    here = ("conflicts",) if left.questions else ()
    return jsonify({"location": screen.url("admin", "versions", "next", *here)})


def _upgrade(site: Site, screen: Screen) -> Response:
    try:
        screen.services.offers.begin(screen.ctx, text_of(values(), "name"))
    except DefinitionInvalid as invalid:
        return refused(screen, invalid.problems)
    return jsonify({"location": screen.url("admin", "versions", "next")})


def _compare(site: Site, screen: Screen, first: int, second: int) -> Response:
    kept = screen.services.versions
    page = compare_page(
        screen,
        kept.list(screen.ctx),
        (first, kept.model(screen.ctx, first).model),
        (second, kept.model(screen.ctx, second).model),
    )
    return site.show("admin/reshape/compare.html", page, language=screen.language)


def _back(site: Site, screen: Screen, number: int) -> Response:
    proposal = screen.services.versions.back(screen.ctx, number)
    page = plan_page(screen, proposal, _back_told(screen, number))
    return site.show("admin/reshape/plan.html", page, language=screen.language)


def _back_rows(site: Site, screen: Screen, number: int) -> Response:
    return _rows(screen, screen.services.versions.back(screen.ctx, number))


def _go_back(site: Site, screen: Screen, number: int) -> Response:
    said = screen.words.say("Back to version {number}", number=number)
    return _published(screen, Wanted(0, back=number, terms=Terms(said)))


def _retired_things(site: Site, screen: Screen) -> Response:
    found = screen.services.retired.list(screen.ctx)
    page = retired_page(screen, drafted(screen), found)
    return site.show("admin/reshape/retired.html", page, language=screen.language)


def _bring_back(site: Site, screen: Screen) -> Response:
    path = tuple(text_of(values(), "path").split("/"))
    return edit(screen, screen.services.retired.restore(screen.ctx, path))


def _publishing(site: Site, screen: Screen, number: int) -> Response:
    found = screen.services.going_live.state(screen.ctx, number)
    if found.phase == "live":
        live = screen.url("admin", "versions", live=str(found.revision))
        return redirect(live, code=303)  # type: ignore[return-value]
    page = underway_page(screen, found)
    return site.show("admin/reshape/underway.html", page, language=screen.language)


def _running(site: Site, screen: Screen) -> Response:
    found = screen.services.versions.running(screen.ctx)
    return jsonify({"said": running_words(screen, found) if found else ""})


VERSIONS = (
    ("GET", "/versions/running", _running),
    ("GET", "/versions/publishing/<int:number>", _publishing),
    ("GET", "/versions/retired", _retired_things),
    ("POST", "/versions/retired", _bring_back),
    ("GET", "/versions", _versions),
    ("POST", "/versions/upgrade", _upgrade),
    ("GET", "/versions/next", _next_version),
    ("GET", "/versions/next/rows", _next_rows),
    ("POST", "/versions/next/publish", _publish_draft),
    ("POST", "/versions/next/undo", _undo_edit),
    ("POST", "/versions/next/discard", _discard_draft),
    ("GET", "/versions/next/conflicts", _conflicts),
    ("POST", "/versions/next/conflicts", _decide),
    ("GET", "/versions/<int:first>/<int:second>", _compare),
    ("GET", "/versions/<int:number>/back", _back),
    ("GET", "/versions/<int:number>/back/rows", _back_rows),
    ("POST", "/versions/<int:number>/back", _go_back),
)


def _to(screen: Screen, *place: str) -> Response:
    return redirect(screen.url(*place), code=303)  # type: ignore[return-value]


def _draft_told(screen: Screen, last: Underway | None) -> Told:
    say, here = screen.words.say, ("admin", "versions", "next")
    return Told(
        heading=say("What your changes do"),
        above=(say("Forms and fields"), screen.url("admin", "forms")),
        publish_url=screen.url(*here, "publish"),
        file_url=screen.url(*here, "rows"),
        stopped=stopped_words(screen, last) if last is not None else "",
    )


def _back_told(screen: Screen, number: int) -> Told:
    say, here = screen.words.say, ("admin", "versions", str(number), "back")
    return Told(
        heading=say("Going back to version {number}", number=number),
        above=(say("Versions"), screen.url("admin", "versions")),
        publish_url=screen.url(*here),
        file_url=screen.url(*here, "rows"),
        back=number,
    )


def _rows(screen: Screen, proposal: Proposal) -> Response:
    """Answer every record that one effect of a plan is about, as a file."""
    wanted = request.args.get("effect", "")
    effects = proposal.plan.effects
    if not wanted.isdigit() or int(wanted) >= len(effects) or not effects[int(wanted)].listing:
        raise NotFound(effect=wanted)
    pieces = screen.services.versions.rows(screen.ctx, proposal, int(wanted))
    response = Response(pieces, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="records.csv"'
    return response


def _published(screen: Screen, about: Wanted) -> Response:
    """Publish and answer where to go; where others were faster, the plan is looked at anew."""
    body: Any = request.get_json()
    over = body.get("over") if isinstance(body, dict) else None
    sent = values()
    terms = Terms(
        message=text_of(sent, "message") or about.terms.message,
        allow_loss=sent.get("allow_loss") is True,
        despite_red=sent.get("despite_red") is True,
    )
    wanted = replace(about, over=over if isinstance(over, int) else 0, terms=terms)
    account = screen.signed_in.account.id
    try:
        done = screen.services.going_live.publish(screen.ctx, wanted, account)
    except DefinitionInvalid as invalid:
        return refused(screen, invalid.problems)
    except ScenariosRed as red:
        return at_input("despite_red", red_words(screen, [each.name for each in red.results]))
    except ModelChanged:
        response = jsonify({"message": overtaken_words(screen), "reload": True})
        response.status_code = 409
        return response
    if isinstance(done, Underway):
        return jsonify({"location": underway_url(screen, done)})
    return jsonify({"location": screen.url("admin", "versions", live=str(done))})
