"""What the API answers when something was made."""

from __future__ import annotations

from flask import Response


def created(response: Response, location: str = "") -> Response:
    """Return an answer that tells what was made, and the address that it has, if any."""
    response.status_code = 201
    if location:
        response.headers["Location"] = location
    return response
