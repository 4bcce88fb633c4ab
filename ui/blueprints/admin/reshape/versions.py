"""The draft's plan and its publish, versions, comparing them and going back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, redirect, request

from engine.errors import ModelChanged, NotFound, ScenariosRed
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
    try:
        proposal = screen.services.drafts.proposal(screen.ctx, draft.name)
    except DefinitionInvalid:
        return _to(screen, "admin", "forms")
    page = plan_page(screen, proposal, _draft_told(screen))
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

    despite = values().get("despite_red") is True

    def publish(over: int, message: str, allow_loss: bool) -> int:  # noqa: FBT001 - as it was sent
        return screen.services.drafts.publish(
            screen.ctx,
            draft.name,
            over=over,
            message=message,
            allow_loss=allow_loss,
            despite_red=despite,
        )

    return _published(screen, publish)


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
    def publish(over: int, message: str, allow_loss: bool) -> int:  # noqa: FBT001 - as it was sent
        said = message or screen.words.say("Back to version {number}", number=number)
        return screen.services.versions.go_back(
            screen.ctx, number, over=over, message=said, allow_loss=allow_loss
        )

    return _published(screen, publish)


def _retired_things(site: Site, screen: Screen) -> Response:
    found = screen.services.retired.list(screen.ctx)
    page = retired_page(screen, drafted(screen), found)
    return site.show("admin/reshape/retired.html", page, language=screen.language)


def _bring_back(site: Site, screen: Screen) -> Response:
    path = tuple(text_of(values(), "path").split("/"))
    return edit(screen, screen.services.retired.restore(screen.ctx, path))


def _running(site: Site, screen: Screen) -> Response:
    found = screen.services.versions.running(screen.ctx)
    return jsonify({"said": running_words(screen, found) if found else ""})


VERSIONS = (
    ("GET", "/versions/running", _running),
    ("GET", "/versions/retired", _retired_things),
    ("POST", "/versions/retired", _bring_back),
    ("GET", "/versions", _versions),
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


def _draft_told(screen: Screen) -> Told:
    say, here = screen.words.say, ("admin", "versions", "next")
    return Told(
        heading=say("What your changes do"),
        above=(say("Forms and fields"), screen.url("admin", "forms")),
        publish_url=screen.url(*here, "publish"),
        file_url=screen.url(*here, "rows"),
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


def _published(screen: Screen, publish: Callable[[int, str, bool], int]) -> Response:
    """Publish and answer where to go; where others were faster, the plan is looked at anew."""
    body: Any = request.get_json()
    over = body.get("over") if isinstance(body, dict) else None
    sent = values()
    try:
        number = publish(
            over if isinstance(over, int) else 0, text_of(sent, "message"),
            sent.get("allow_loss") is True,
        )  # fmt: skip
    except DefinitionInvalid as invalid:
        return refused(screen, invalid.problems)
    except ScenariosRed as red:
        return at_input("despite_red", _red_words(screen, red))
    except ModelChanged:
        said = screen.words.say("Somebody else published meanwhile. Look at the plan anew.")
        response = jsonify({"message": said, "reload": True})
        response.status_code = 409
        return response
    return jsonify({"location": screen.url("admin", "versions", live=str(number))})


def _red_words(screen: Screen, red: ScenariosRed) -> str:
    """Return which business tests fail, by what they are called."""
    known = screen.ctx.model.scenarios
    names = (
        screen.label(known[each.name].label, each.name) if each.name in known else each.name
        for each in red.results
    )
    return screen.words.say(
        "These business tests fail with your changes: {tests}. "
        "Mend the changes, or tick to publish even so.",
        tests=", ".join(names),
    )
