"""Search over all entities that the caller may see."""

from __future__ import annotations

from flask import Response, jsonify, request

from ui.blueprints.api.arguments import SearchArguments, query_of
from ui.blueprints.api.caller import Caller
from ui.services import Services


def run(services: Services, caller: Caller) -> Response:
    """Answer the best hits for `q`."""
    caller.require("*", "read")
    asked = query_of(request, SearchArguments)
    hits = services.reader.search(caller.ctx, asked["q"], limit=asked["limit"])
    return jsonify(
        {
            "data": [
                {"entity": hit.entity, "id": str(hit.id), "title": hit.title, "detail": hit.detail}
                for hit in hits
            ]
        }
    )
