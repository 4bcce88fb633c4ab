"""Entering and leaving the preview of a draft."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from metamodel import DefinitionInvalid
from ui.blueprints.page import Site
from ui.previewing import begin, end, previewed
from ui.screen import Screen


def create_preview(site: Site) -> Blueprint:
    """Return the routes of previews."""
    blueprint = Blueprint("preview", __name__)
    for path, answer in (("", _enter), ("/leave", _leave)):
        blueprint.add_url_rule(
            f"/<tenant>/preview{path}",
            endpoint=answer.__name__.strip("_"),
            view_func=site.page(answer),
            methods=["POST"],
        )
    return blueprint


def _enter(screen: Screen) -> Response:
    """Look at a draft from now on; what stands against it is refused here."""
    draft = request.form.get("draft", "")
    try:
        screen.services.previews.enter(screen.ctx, draft)
    except DefinitionInvalid:
        # What is wrong is said where the draft is looked at before it is published.
        return _to(screen, "admin", "versions", "next")
    return begin(_to(screen), request, screen.ctx.tenant.name, draft)


def _leave(screen: Screen) -> Response:
    """See the app as it is again, and go back to what is being prepared."""
    draft = previewed(request, screen.ctx.tenant.name)
    if draft:
        screen.services.previews.leave(screen.ctx, draft)
    return end(_to(screen, "admin", "versions", "next"), request)


def _to(screen: Screen, *parts: str) -> Response:
    return redirect(screen.url(*parts), code=303)  # type: ignore[return-value]
