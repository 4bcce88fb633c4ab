"""Looking at a draft as if it were live: which pages are shown so, to whom, and until when."""

from __future__ import annotations

from flask import Request, Response

from engine.context import Context
from engine.errors import Forbidden, NotFound
from metamodel import DefinitionInvalid
from ui.cookies import drop, put, read
from ui.services import Services

COOKIE = "joinery_preview"

DAY = 24 * 3600

REAL = ("admin", "preview", "drafts", "revisions")
"""Parts of addresses that show the app as it is: what a draft is made and published with."""


def as_seen(services: Services, request: Request, ctx: Context) -> Context:
    """Return the context that a request's pages are made in: a draft's, if one is looked at.

    What the cookie names counts only for the author of that draft.
    """
    draft = previewed(request, ctx.tenant.name)
    if not draft or _is_real(request, ctx.tenant.name):
        return ctx
    try:
        return services.previews.enter(ctx, draft)
    except (NotFound, Forbidden, DefinitionInvalid):
        # It was published, thrown away, or broken since: the app as it is.
        return ctx


def previewed(request: Request, tenant: str) -> str:
    """Return the name of the draft that the browser looks at in a tenant, blank for none."""
    place, _, draft = read(request, COOKIE).partition(":")
    return draft if place == tenant else ""


def begin(response: Response, request: Request, tenant: str, draft: str) -> Response:
    """Have the browser look at a draft from now on, for a day at most."""
    return put(response, request, COOKIE, f"{tenant}:{draft}", seconds=DAY, strict=True)


def end(response: Response, request: Request) -> Response:
    """Have the browser look at the app as it is."""
    return drop(response, request, COOKIE)


def _is_real(request: Request, tenant: str) -> bool:
    below = request.path.partition(f"/{tenant}/")[2]
    return below.partition("/")[0] in REAL
