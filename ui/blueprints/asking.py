"""Whom somebody can ask who was refused: those who look after the tenant they are in."""

from __future__ import annotations

from flask import request

from engine.context import Cause
from engine.errors import EngineError
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery
from ui.blueprints.page import Site
from ui.session import NotSignedIn, session_of

MOST = 3
"""Names that are told."""

ADMINISTRATORS = 'active and not system and "administrator" in roles'


def administrators(site: Site) -> tuple[str, ...]:
    """Return the names of some who can help, as far as the person knows colleagues at all.

    Who is nobody's colleague in the tenant of the address is told nothing.
    """
    tenant = str((request.view_args or {}).get("tenant", ""))
    try:
        signed_in = session_of(site.services, request)
        ctx = site.services.contexts.make(
            tenant,
            signed_in.account.id,
            language="en",
            cause=Cause("form"),
            session=signed_in,
        )
        wanted = ListQuery("user", filter=parse_filter(ctx, "user", ADMINISTRATORS), limit=MOST)
        return tuple(row.title for row in site.services.reader.find(ctx, wanted).rows)
    except (EngineError, NotSignedIn):
        return ()
