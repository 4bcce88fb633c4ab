"""Cookies, all set in one way: for this host alone, over HTTPS alone where that is spoken."""

from __future__ import annotations

from flask import Request, Response

PREFIX = "__Host-"
"""Has a browser refuse a cookie that another host of the same domain, or plain HTTP, would set."""


def read(request: Request, name: str) -> str:
    """Return what the browser brought under a name; nothing counts as an empty text."""
    return request.cookies.get(_full(request, name), "")


def put(
    response: Response, request: Request, name: str, value: str,
    *, seconds: int | None = None, strict: bool = False,
) -> Response:  # fmt: skip
    """Give the browser a cookie that no script reads, kept for `seconds` (None: while it runs).

    `strict` keeps it from every request that begins elsewhere.
    """
    response.set_cookie(
        _full(request, name), value, max_age=seconds, httponly=True, secure=request.is_secure,
        samesite="Strict" if strict else "Lax", path="/",
    )  # fmt: skip
    return response


def drop(response: Response, request: Request, name: str) -> Response:
    """Take a cookie away."""
    response.delete_cookie(
        _full(request, name), secure=request.is_secure, httponly=True, samesite="Lax", path="/"
    )
    return response


def _full(request: Request, name: str) -> str:
    return f"{PREFIX}{name}" if request.is_secure else name
