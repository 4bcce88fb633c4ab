"""The logo of a tenant, which stands in the corner of its pages and where people sign in."""

from __future__ import annotations

from flask import Blueprint, Response, request

from engine.errors import NotFound
from ui.services import Services

FOREVER = "public, max-age=31536000, immutable"


def create_logo(services: Services) -> Blueprint:
    """Return the route of it, which asks nobody who they are."""
    blueprint = Blueprint("logo", __name__)

    def logo(tenant: str) -> Response:
        try:
            found = services.logos.read(tenant)
        except NotFound:
            return Response(status=404)
        response = Response(found.content, mimetype=found.media)
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["X-Content-Type-Options"] = "nosniff"
        # An address names one picture for ever; without its digest it is asked for anew.
        named = request.args.get("v") == found.digest
        response.headers["Cache-Control"] = FOREVER if named else "no-cache"
        return response

    blueprint.add_url_rule("/<tenant>/logo", view_func=logo, methods=["GET"])
    return blueprint
