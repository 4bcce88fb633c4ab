"""The tenant itself, and which of its people give two proofs of who they are."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import quote

from flask import Response, jsonify, redirect, request

from engine.accounts.second_factor import EVERYBODY, ask
from engine.files.refusals import FileRefused
from engine.messages import sentence
from engine.tenants.quiet import keep_quiet
from ui.blueprints.admin.people import at_field, values
from ui.blueprints.page import Site
from ui.blueprints.proof import FRESH
from ui.screen import Screen
from ui.session import session_of
from ui.viewmodels.admin.workspace import workspace_page


def _workspace(site: Site, screen: Screen) -> Response:
    return site.show("admin/workspace.html", workspace_page(screen), language=screen.language)


def _ask_for_proofs(site: Site, screen: Screen) -> Response:
    sent = values()
    found = sent.get("roles")
    roles = [str(role) for role in found] if isinstance(found, list) else []
    unknown = [role for role in roles if role not in screen.ctx.model.roles]
    if unknown:
        return at_field("roles", screen.words.say("There is no role “{role}”.", role=unknown[0]))
    wanted = [EVERYBODY] if sent.get("everybody") is True else roles
    ledger = screen.services.people.ledger
    by = session_of(screen.services, request).account
    ask(ledger, screen.ctx.tenant.name, wanted, screen.ctx.origin, by)
    said = screen.words.say("Saved")
    return jsonify({"location": screen.url("admin", "workspace"), "message": said})


def _put_logo(site: Site, screen: Screen) -> Response:
    upload = request.files.get("file")
    try:
        if upload is None:
            raise FileRefused("file_missing")
        with closing(upload):
            screen.services.logos.put(screen.ctx, upload.filename, upload.stream)
    except FileRefused as refused:
        said = sentence(refused.errors[0], screen.language)
        page = workspace_page(screen, said)
        return site.show("admin/workspace.html", page, language=screen.language, status=422)
    return _back(screen)


def _remove_logo(site: Site, screen: Screen) -> Response:
    screen.services.logos.remove(screen.ctx)
    return _back(screen)


def _back(screen: Screen) -> Response:
    """Return to the page; what changed is looked up anew."""
    screen.services.contexts.forget()
    return redirect(screen.url("admin", "workspace"), code=303)  # type: ignore[return-value]


def _let_write(site: Site, screen: Screen) -> Response:
    return _quieted(screen, quiet=False)


def _hold_back(site: Site, screen: Screen) -> Response:
    return _quieted(screen, quiet=True)


def _quieted(screen: Screen, *, quiet: bool) -> Response:
    by = session_of(screen.services, request).account
    ledger, name = screen.services.people.ledger, screen.ctx.tenant.name
    keep_quiet(ledger, name, quiet=quiet, origin=screen.ctx.origin, by=by)
    screen.services.contexts.forget()
    say = screen.words.say
    said = say("Everything is held back") if quiet else say("It writes to people from now on")
    return jsonify({"location": screen.url("admin", "workspace"), "message": said})


def _back_up(site: Site, screen: Screen) -> Response:
    begun = screen.services.backups.begin(screen.ctx)
    said = screen.words.say(
        "The backup is being made" if begun else "A backup is being made already"
    )
    return jsonify({"location": screen.url("admin", "workspace"), "message": said})


def _take_backup(site: Site, screen: Screen, backup: str) -> Response:
    asked = _proof_asked(screen)
    if asked:
        return redirect(asked, code=303)  # type: ignore[return-value]
    pieces = screen.services.backups.take(screen.ctx, backup)
    response = Response(pieces, mimetype="application/octet-stream")
    name = quote(f"{screen.ctx.tenant.name}-{backup}")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _proof_asked(screen: Screen) -> str:
    """Return where a second proof is given, "" for whom gave two, and one of them lately."""
    signed_in, tenant = screen.signed_in, quote(screen.ctx.tenant.name, safe="")
    after = quote(screen.url("admin", "workspace"), safe="/")
    if not signed_in.strong:
        return f"/account/second/{tenant}?next={after}"
    fresh = signed_in.proved_at > datetime.now(UTC) - FRESH
    return "" if fresh else f"/account/confirm?second=1&next={after}"


WORKSPACE = (
    ("GET", "/workspace", _workspace),
    ("POST", "/workspace/proofs", _ask_for_proofs),
    ("POST", "/workspace/let-write", _let_write),
    ("POST", "/workspace/hold-back", _hold_back),
    ("POST", "/workspace/logo", _put_logo),
    ("POST", "/workspace/logo/remove", _remove_logo),
    ("POST", "/workspace/backups", _back_up),
    ("GET", "/workspace/backups/<backup>", _take_backup),
)
